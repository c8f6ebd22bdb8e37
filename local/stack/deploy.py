"""Create the stack in the emulator, as `sam deploy` would on AWS, and fill what a person fills after it."""

import compileall
import contextlib
import io
import json
import py_compile
import shutil
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from samtranslator.model.exceptions import InvalidDocumentException

from cli.secret import parts
from local.stack import aws, template
from local.stack.settings import ROOT, StartError

STACK_NAME = "getthrough"
BUCKET = "getthrough-artifacts"
CODE_KEY = "functions.zip"
TEMPLATE = ROOT / "template.yaml"
STACK_SECONDS = 30.0

Outputs = dict[str, str]


def create(endpoint: str, parameters: dict[str, str], functions: Path, scratch: Path) -> Outputs:
    """Create the stack from the project's template and return its outputs."""
    s3 = aws.client("s3", endpoint)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.put_object(Bucket=BUCKET, Key=CODE_KEY, Body=pack(functions, scratch))

    def publish(key: str, nested: template.Template) -> str:
        s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(nested).encode())
        return f"{endpoint}/{BUCKET}/{key}"

    known = template.parameters(TEMPLATE)
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    cloudformation = aws.client("cloudformation", endpoint)
    try:
        body = template.load(TEMPLATE, code=f"s3://{BUCKET}/{CODE_KEY}", publish=publish)
        cloudformation.create_stack(
            StackName=STACK_NAME,
            TemplateURL=publish("template.json", body),  # it is too long to be sent with the call
            Parameters=[parameter for parameter in given if parameter["ParameterKey"] in known],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except InvalidDocumentException as error:
        reasons = [cause.message for cause in error.causes]
        raise StartError("\n".join(["template.yaml is no SAM template:", *reasons])) from error
    except ClientError as error:
        raise StartError(f"template.yaml could not be created: {error}") from error
    return _wait_for_outputs(cloudformation)


def pack(functions: Path, scratch: Path) -> bytes:
    """The functions' archive, with compiled files as `sam build` makes them: each worker unpacks its own copy."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        copy = Path(folder) / "functions"
        shutil.copytree(functions, copy, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(
            copy, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, stripdir=str(copy)
        )
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            for path in sorted(path for path in copy.rglob("*") if path.is_file()):
                target.write(path, path.relative_to(copy))
        return archive.getvalue()


def _wait_for_outputs(cloudformation: Any) -> Outputs:
    deadline = time.monotonic() + STACK_SECONDS
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        if not stack["StackStatus"].endswith("CREATE_IN_PROGRESS"):
            raise StartError(_why_it_failed(cloudformation, stack["StackStatus"]))
        time.sleep(0.05)
    raise StartError(f"the stack was not created within {STACK_SECONDS:.0f} s")


def _why_it_failed(cloudformation: Any, status: str) -> str:
    lines = [f"template.yaml could not be created ({status}):"]
    for summary in cloudformation.describe_stacks()["Stacks"]:
        with contextlib.suppress(cloudformation.exceptions.ClientError):
            events = cloudformation.describe_stack_events(StackName=summary["StackName"])["StackEvents"]
            lines += [
                f"  {event['LogicalResourceId']}: {event['ResourceStatusReason']}"
                for event in reversed(events)
                if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
            ]
    return "\n".join(lines)


def switch_ttl_on(endpoint: str, table_name: str) -> None:
    """The emulator's CloudFormation leaves a table's TimeToLiveSpecification out."""
    dynamodb = aws.client("dynamodb", endpoint)
    for attribute in template.ttl_attributes(ROOT / "infra" / "storage.yaml"):
        dynamodb.update_time_to_live(
            TableName=table_name, TimeToLiveSpecification={"AttributeName": attribute, "Enabled": True}
        )


def fill_secret(endpoint: str, secret_id: str, content: dict[str, Any]) -> None:
    """As an operator fills it."""
    parts.write(aws.client("secretsmanager", endpoint), secret_id, {}, content)


def start_queue_workers(endpoint: str) -> None:
    """Give the functions that serve a queue a worker now: a cold start on a busy laptop looks like a late timer."""
    client = aws.client("lambda", endpoint)
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.invoke(FunctionName=mapping["FunctionArn"], InvocationType="Event", Payload=b'{"Records": []}')
