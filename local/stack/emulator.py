"""ministack, with its gaps bridged from inside: `python -m local.stack.leash local.stack.emulator LOGS_FOLDER`.

Each function below bridges one gap and names it. They reach into private names of the pinned release, so
they fail loudly at the start when one is gone: re-read this file before an upgrade.
"""

import functools
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack import app
from ministack.core import concurrency, iam_actions, iam_evaluator, lambda_runtime
from ministack.services import apigateway, cloudformation, lambda_svc, secretsmanager
from ministack.services.cloudformation import provisioners, stacks

from local.stack import forked_workers
from local.stack.elsewhere import Invoker
from local.visitors import no_pages

WORKERS_PER_FUNCTION = 8
SECONDS_TO_WAIT_FOR_A_WORKER = 29.0
SECONDS_BETWEEN_LOOKS_AT_QUEUES = 0.1
INTERNAL_SERVER_ERROR = {
    "statusCode": 500,
    "headers": {"content-type": "application/json"},
    "body": json.dumps({"message": "Internal Server Error"}),
}


def write_logs_to_files(folder: Path) -> None:
    """Everything that a function prints, at once and whole, in a file of its name; its crashes too.

    The emulator's CloudWatch Logs misses what a function prints while it starts, and what comes after its answer.
    """
    write = threading.Lock()

    def append(function_name: str, text: str) -> None:
        with write, (folder / f"{function_name}.log").open("a", encoding="utf-8") as file:
            file.write(text + "\n")

    def read_stderr(worker: Any) -> None:
        for line in worker._proc.stderr:
            append(worker.func_name, line.rstrip("\n"))
            worker._stderr_queue.put(line.rstrip("\n"))

    invoke = lambda_runtime.Worker.invoke

    def invoke_and_log(worker: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            response = invoke(worker, *args, **kwargs)
        except Exception as error:
            append(worker.func_name, f"[ERROR] {error}")
            raise
        if response.get("status") == "error":
            append(worker.func_name, f"[ERROR] {response.get('trace') or response.get('error')}")
        return response

    replace(lambda_runtime.Worker, "_read_stderr", read_stderr)
    replace(lambda_runtime.Worker, "invoke", invoke_and_log)


def answer_at_once_when_nothing_is_printed() -> None:
    """After every invocation the emulator waits 50 ms for a first line of output."""
    drain = lambda_runtime.Worker._drain_stderr_bounded
    bounded = functools.partialmethod(drain, first_line_wait=0.002, idle_confirm=0.002, hard_cap=0.02)
    replace(lambda_runtime.Worker, "_drain_stderr_bounded", bounded)


def share_code_and_packages() -> None:
    """Each worker unpacks the functions' archive for itself, and loads their packages in a process of its own."""
    unpacked: dict[str, Path] = {}
    unpacking = threading.Lock()

    class Archive(zipfile.ZipFile):
        def extractall(self, path: Any = None, *args: Any) -> None:
            """Put links into the worker's folder, to what is unpacked once."""
            content = Path(str(self.filename)).read_bytes()
            with unpacking:
                digest = hashlib.sha256(content).hexdigest()
                if digest not in unpacked:
                    folder = Path(tempfile.mkdtemp(prefix="functions-"))
                    super().extractall(folder, *args)
                    unpacked[digest] = folder
            for entry in unpacked[digest].iterdir():
                (Path(path) / entry.name).symlink_to(entry)

    replace(lambda_runtime, "zipfile", SimpleNamespace(**{**vars(zipfile), "ZipFile": Archive}))
    if forked_workers.AVAILABLE:
        replace(lambda_runtime, "subprocess", SimpleNamespace(**{**vars(subprocess), "Popen": forked_workers.Worker}))


def let_calls_wait_for_a_worker() -> None:
    """A worker process per concurrent call, without end, eats the machine; a limit of the emulator answers 429.

    AWS would scale. Here a call waits for one of a few workers.
    """
    acquire = lambda_svc.acquire_worker

    def acquire_or_wait(*args: Any, **kwargs: Any) -> Any:
        deadline = time.monotonic() + SECONDS_TO_WAIT_FOR_A_WORKER
        while True:
            worker, reason = acquire(*args, **{**kwargs, "max_concurrency": WORKERS_PER_FUNCTION})
            if worker is not None or time.monotonic() > deadline:
                return worker, reason
            time.sleep(0.01)

    replace(lambda_svc, "acquire_worker", acquire_or_wait)


def look_at_queues_often() -> None:
    """The event source mapping sleeps up to a second while a message's delay runs out; Lambda's own polls for long."""
    wake: threading.Event = concurrency.esm_wake

    def keep_awake() -> None:
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS_AT_QUEUES)
            wake.set()

    threading.Thread(target=keep_awake, daemon=True).start()


def poll_streams_beside_queues() -> None:
    """One thread looks at queues and streams, and waits for a stream's function to end: timers would wait with it.

    It also takes every answer for success, also one that says which records have to come again.
    """
    poll, execute = lambda_svc._poll_dynamodb_streams, lambda_svc._execute_function
    polling = threading.local()

    def poll_for_ever() -> None:
        polling.streams = True
        while True:
            try:
                more = poll()
            except Exception as error:  # noqa: BLE001 - as the emulator's own loop does
                print(f"streams: {error!r}", file=sys.stderr, flush=True)
                more = False
            if not more:
                time.sleep(SECONDS_BETWEEN_LOOKS_AT_QUEUES)

    def execute_and_look(function: Any, event: Any, *args: Any, **kwargs: Any) -> Any:
        result = execute(function, event, *args, **kwargs)
        if getattr(polling, "streams", False) and "batchItemFailures" in (body := _object(result.get("body"))):
            return {**result, "error": bool(result.get("error") or body["batchItemFailures"])}
        return result

    replace(lambda_svc, "_poll_dynamodb_streams", lambda: False)
    replace(lambda_svc, "_execute_function", execute_and_look)
    threading.Thread(target=poll_for_ever, daemon=True).start()


def _object(body: Any) -> dict[str, Any]:
    decoded = json.loads(body) if isinstance(body, str | bytes) and body else body
    return decoded if isinstance(decoded, dict) else {}


def answer_crashes_like_api_gateway() -> None:
    """A handler's exception is answered 502 with its text; API Gateway says 500 and nothing else."""
    convert: Callable[[dict[str, Any]], Any] = lambda_svc.lambda_execute_result_to_api_proxy_response

    def convert_result(result: dict[str, Any]) -> Any:
        if result.get("error") or result.get("throttle"):
            return dict(INTERNAL_SERVER_ERROR), None
        return convert(result)

    replace(lambda_svc, "lambda_execute_result_to_api_proxy_response", convert_result)


def complete_api_events() -> None:
    """Payload 2.0 lists cookies by themselves, knows the caller's address and the asked host, and has no nulls."""
    execute = lambda_svc._execute_function_with_config_scope

    def execute_with_whole_event(function: dict[str, Any], event: Any) -> Any:
        return execute(function, _complete(event) if _is_from_the_api(event) else event)

    replace(lambda_svc, "_execute_function_with_config_scope", execute_with_whole_event)


def _is_from_the_api(event: Any) -> bool:
    return isinstance(event, dict) and event.get("version") == "2.0" and "requestContext" in event


def _complete(event: dict[str, Any]) -> dict[str, Any]:
    headers = dict(event["headers"])
    cookies = headers.pop("cookie", None)
    context = event["requestContext"]
    http = {
        **context["http"],
        "method": context["http"]["method"].upper(),
        "sourceIp": headers.get("x-forwarded-for", "127.0.0.1").split(",")[-1].strip(),
    }
    whole = {
        **event,
        "headers": headers,
        "cookies": cookies.split("; ") if cookies else None,
        "requestContext": {**context, "domainName": headers.get("host", context["domainName"]), "http": http},
    }
    return {name: value for name, value in whole.items() if value is not None}


def let_options_reach_a_route() -> None:
    """OPTIONS for an API without CORS is answered 403 by the emulator; AWS looks for a route that takes any method.

    In small letters it is no preflight to the emulator; `_complete` gives the function the real spelling.
    """
    execute = apigateway._handle_execute_in_scope

    async def execute_options(api_id: str, stage: str, path: str, method: str, *args: Any) -> Any:
        api = apigateway._apis.get(api_id) or {}
        if method == "OPTIONS" and not api.get("corsConfiguration"):
            method = "options"
        return await execute(api_id, stage, path, method, *args)

    replace(apigateway, "_handle_execute_in_scope", execute_options)


def authorize_batches_like_single_calls() -> None:
    """`sqs:SendMessageBatch` is no permission that AWS knows: `sqs:SendMessage` covers both, and so for the others."""
    extract = iam_actions.extract_iam_action

    def extract_action(service: str, *args: Any) -> str | None:
        action: str | None = extract(service, *args)
        return action.removesuffix("Batch") if action and service == "sqs" else action

    replace(iam_actions, "extract_iam_action", extract_action)


def know_conditions_on_labels_and_leading_keys() -> None:
    """The emulator's IAM knows neither `secretsmanager:VersionStage` nor `dynamodb:LeadingKeys`, so that a condition on
    the first refuses every call, and one on the second none."""
    tags, of_dynamodb = iam_actions.request_tag_context, iam_actions.dynamodb_service_context
    enforce = iam_evaluator.enforce

    def tags_and_labels(service: str, action: str, body: bytes, *args: Any) -> dict[str, Any]:
        context: dict[str, Any] = tags(service, action, body, *args)
        if action != "secretsmanager:GetSecretValue":
            return context
        return {**context, "secretsmanager:VersionStage": [_object(body).get("VersionStage", "AWSCURRENT")]}

    def with_leading_keys(body: bytes) -> dict[str, Any]:
        return {**of_dynamodb(body), "dynamodb:LeadingKeys": leading_keys(_object(body))}

    def enforce_each_part(access_key: str, action: str, *args: Any, service_context: Any = None, **kwargs: Any) -> Any:
        """A part of a transaction is judged by its own key."""
        context = dict(service_context or {})
        if "dynamodb:EnclosingOperation" in context:
            context["dynamodb:LeadingKeys"] = [key for key in context["dynamodb:LeadingKeys"] if key[0] == action]
        if "dynamodb:LeadingKeys" in context:
            context["dynamodb:LeadingKeys"] = [key for _, key in context["dynamodb:LeadingKeys"]]
        return enforce(access_key, action, *args, service_context=context, **kwargs)

    replace(iam_actions, "request_tag_context", tags_and_labels)
    replace(iam_actions, "dynamodb_service_context", with_leading_keys)
    replace(iam_evaluator, "enforce", enforce_each_part)


def leading_keys(request: dict[str, Any]) -> list[tuple[str, str]]:
    """The partition keys that a request of DynamoDB names, each with the action that a transaction does to it."""
    parts = [("", request)]
    for item in request.get("TransactItems", []):
        parts += [(iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS[kind], part) for kind, part in item.items()]
    for asked in request.get("RequestItems", {}).values():
        if isinstance(asked, dict):
            parts += [("", {"Key": key}) for key in asked["Keys"]]
        else:
            parts += [("", part) for one in asked for part in one.values()]
    keys = [(action, part.get("Key") or part.get("Item")) for action, part in parts]
    found = [(action, key["pk"]["S"]) for action, key in keys if key and "pk" in key]
    if "KeyConditionExpression" in request:
        # Every query of the project compares the partition key first.
        name = request["KeyConditionExpression"].partition("=")[2].split()[0]
        found.append(("", request["ExpressionAttributeValues"][name]["S"]))
    return found


def move_labels_of_secrets() -> None:
    """A label that a new version gets stays with the old one too, which is found first."""
    put = secretsmanager._put_secret_value

    def put_and_move(data: dict[str, Any]) -> Any:
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        for version in (secret or {"Versions": {}})["Versions"].values():
            labels = data.get("VersionStages", [])
            version["Stages"] = [label for label in version["Stages"] if label.startswith("AWS") or label not in labels]
        return put(data)

    replace(secretsmanager, "_put_secret_value", put_and_move)


def create_alarms_on_several_metrics() -> None:
    """The emulator refuses alarms with metric math. Here they watch the first metric alone, and tell no one."""
    record = provisioners._cw_metric_alarm_record

    def record_of_first_metric(name: str, properties: dict[str, Any]) -> Any:
        first = next((entry["MetricStat"] for entry in properties.get("Metrics", []) if "MetricStat" in entry), None)
        if first is None:
            return record(name, properties)
        alone = {
            **{key: value for key, value in properties.items() if key != "Metrics"},
            **first["Metric"],
            "Statistic": first["Stat"],
            "Period": first["Period"],
            "ActionsEnabled": False,
        }
        return record(name, alone)

    replace(provisioners, "_cw_metric_alarm_record", record_of_first_metric)


def export_outputs_of_nested_stacks() -> None:
    """The emulator registers the exports of a stack, but not of a nested one."""
    deploy = provisioners._cfn_nested_stack_deploy

    def deploy_and_export(*args: Any, **kwargs: Any) -> Any:
        stack_id, attributes = deploy(*args, **kwargs)
        name = provisioners._nested_stack_lookup_name(stack_id)
        child = cloudformation._stacks[name]
        template = child["_template"]
        _, exports = stacks._resolve_stack_outputs(
            template.get("Outputs", {}),
            child["_conditions"],
            child["_resources"],
            child["_resolved_params"],
            template.get("Mappings", {}),
            name,
            stack_id,
        )
        cloudformation._exports.update(exports)
        return stack_id, attributes

    replace(provisioners, "_cfn_nested_stack_deploy", deploy_and_export)


def hide_own_settings_from_handlers() -> None:
    """Handlers inherit the emulator's environment: take away what is about the emulator and already read."""
    for name in ("LOG_LEVEL", "AUTH", "LAMBDA_ACCOUNT_CONCURRENCY"):
        os.environ.pop(name, None)


def run_functions_elsewhere(url: str) -> None:
    """The emulator's own way to do it takes an error of the function for its answer, and its time limit for ours."""
    replace(lambda_svc, "_proxy_url_for", lambda config: url)
    replace(lambda_svc, "_execute_function_proxy", Invoker(url))


def keep_pages_out() -> None:
    """The emulator lets any page of a browser use it: it looks at no Host, and allows every origin."""
    replace(app, "app", no_pages(app.app))


def replace(owner: Any, name: str, value: Any) -> None:
    """Put `value` in the place of something that must be there."""
    if not hasattr(owner, name):
        raise SystemExit(f"ministack has no {owner.__name__}.{name} any more: local/stack/emulator.py must be re-read")
    setattr(owner, name, value)


def main() -> None:
    write_logs_to_files(Path(sys.argv[1]))
    answer_at_once_when_nothing_is_printed()
    share_code_and_packages()
    let_calls_wait_for_a_worker()
    look_at_queues_often()
    poll_streams_beside_queues()
    answer_crashes_like_api_gateway()
    complete_api_events()
    let_options_reach_a_route()
    authorize_batches_like_single_calls()
    know_conditions_on_labels_and_leading_keys()
    move_labels_of_secrets()
    create_alarms_on_several_metrics()
    export_outputs_of_nested_stacks()
    if url := os.environ.pop("FUNCTIONS_URL", None):
        run_functions_elsewhere(url)
    keep_pages_out()
    hide_own_settings_from_handlers()
    sys.argv[1:] = []
    app.main()


if __name__ == "__main__":
    main()
