"""Checks of what only AWS can say: event sources, queues, the tick, the table, limits, alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.smoke.finding import Finding, failed, not_checked, passed
from cli.stack import ALARM, EVENT_SOURCE, FUNCTION, RULE, Names, Stack

TICKS_WITHIN = timedelta(minutes=15)
"""The tick runs every five minutes, and its metric may be a few minutes late."""

FOR_THE_API = 4
"""Invocations at the same time that event sources must leave to the API and to webhooks."""


def event_sources(stack: Stack) -> Finding:
    found = dict(_mappings(stack))
    off = sorted(f"{name} is {mapping['State']}" for name, mapping in found.items() if mapping["State"] != "Enabled")
    if off:
        return failed(
            f"Not every event source is enabled: {', '.join(off)}.",
            "Enable it (`aws lambda update-event-source-mapping --enabled --uuid …`): until then timers, events or "
            "callbacks wait in their queue. One that is Creating or Updating needs a minute.",
        )
    troubled = sorted(name for name, mapping in found.items() if "PROBLEM" in mapping.get("LastProcessingResult", ""))
    if troubled or not found:
        return failed(
            f"Lambda cannot read the source of {', '.join(troubled)}." if found else "The stack has no event source.",
            "Look at LastProcessingResult of the event source mapping, and at the role of its function.",
        )
    return passed(f"All {len(found)} event sources are enabled.")


def _mappings(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    client = stack.client("lambda")
    for name, uuid in stack.resources.get(EVENT_SOURCE, {}).items():
        yield name, client.get_event_source_mapping(UUID=uuid)


def dead_letters(stack: Stack) -> Finding:
    client = stack.client("sqs")
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    holding = {}
    for output in Names.DEAD_LETTER_QUEUES:
        url = stack.outputs[output]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=list(counts))["Attributes"]
        if number := sum(int(attributes[count]) for count in counts):
            holding[output.removesuffix("Url")] = number
    if holding:
        listed = ", ".join(f"{name} holds {number}" for name, number in holding.items())
        return failed(
            f"Something could not be carried out: {listed}.",
            "Look at it with `make recover`, remove its cause, then release it (docs/runbook.md).",
        )
    return passed("The dead-letter queues are empty.")


def tick(stack: Stack, now: datetime | None = None) -> Finding:
    """The schedule is on, and its function has run lately without an error."""
    events = stack.client("events")
    for name, rule in stack.resources.get(RULE, {}).items():
        if (state := events.describe_rule(Name=rule)["State"]) != "ENABLED":
            return failed(f"The schedule {name} is {state}.", "Enable it: nothing later than 15 minutes happens.")
    now = now or datetime.now(UTC)
    function = stack.resources[FUNCTION][Names.TICK_FUNCTION]
    runs, errors = (_sum(stack, metric, function, now) for metric in ("Invocations", "Errors"))
    if errors:
        return failed(
            f"The tick failed {errors:.0f} of {runs:.0f} times within 15 minutes.",
            f"Look at the logs of {Names.TICK_FUNCTION}: without it nothing later than 15 minutes happens.",
        )
    if runs:
        return passed("The tick has run within the last 15 minutes.")
    if now - stack.created_at < TICKS_WITHIN:
        return not_checked("The stack is so new that the tick need not have run.", "Run this again in 15 minutes.")
    return failed(
        "The tick has not run for 15 minutes.",
        f"Look at the schedule of {Names.TICK_FUNCTION}, and whether the account has concurrency left for it.",
    )


def _sum(stack: Stack, metric: str, function: str, now: datetime) -> float:
    found = stack.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=now - TICKS_WITHIN,
        EndTime=now,
        Period=60,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


def ttl(stack: Stack) -> Finding:
    table = stack.outputs[Names.TABLE_NAME]
    found = stack.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    status, attribute = found.get("TimeToLiveStatus"), found.get("AttributeName")
    if status == "ENABLED" and attribute == Names.TTL_ATTRIBUTE:
        return passed("The table forgets old items (time to live is on).")
    return failed(
        f"The table's time to live is {status}{f' on {attribute}' if attribute else ''}, so nothing is ever deleted.",
        f"Switch it on for {Names.TTL_ATTRIBUTE}, or deploy again; ENABLING takes up to an hour.",
    )


def backups(stack: Stack) -> Finding:
    table = stack.outputs[Names.TABLE_NAME]
    found = stack.client("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    status = found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if status == "ENABLED":
        return passed("The table can be restored to any second of the last weeks (point-in-time recovery is on).")
    return failed(
        f"The table's point-in-time recovery is {status}, so that a mistake cannot be undone.",
        "Switch it on (`aws dynamodb update-continuous-backups`), or deploy again.",
    )


def recursion(stack: Stack) -> Finding:
    """Lambda stops a function after about 16 hops that sends to the queue that invokes it, unless it is allowed."""
    client = stack.client("lambda")
    loops = sorted(_loops(stack))
    stopped = [
        name
        for name in loops
        if client.get_function_recursion_config(FunctionName=stack.resources[FUNCTION][name])["RecursiveLoop"]
        != "Allow"
    ]
    if stopped:
        return failed(
            f"Lambda stops {' and '.join(stopped)} after about 16 timers in a row.",
            "Set RecursiveLoop: Allow (`aws lambda put-function-recursion-config`), or deploy this release.",
        )
    return passed(f"Functions that feed their own queue may do so ({', '.join(loops)}).")


def _loops(stack: Stack) -> Iterator[str]:
    """Functions whose own settings name the queue that invokes them."""
    client = stack.client("lambda")
    names = {physical: name for name, physical in stack.resources[FUNCTION].items()}
    for _, mapping in _mappings(stack):
        function = mapping["FunctionArn"].rpartition(":")[2]
        if ":sqs:" not in mapping["EventSourceArn"] or function not in names:
            continue
        queue = mapping["EventSourceArn"].rpartition(":")[2]
        variables = client.get_function_configuration(FunctionName=function).get("Environment", {}).get("Variables", {})
        if any(value.rpartition("/")[2] == queue for value in variables.values()):
            yield names[function]


def concurrency(stack: Stack) -> Finding:
    """What the account may run at the same time is more than the event sources may take of it."""
    limit = stack.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    queues = {name: mapping for name, mapping in _mappings(stack) if ":sqs:" in mapping["EventSourceArn"]}
    bounds = {name: mapping.get("ScalingConfig", {}).get("MaximumConcurrency") for name, mapping in queues.items()}
    if unbounded := sorted(name for name, bound in bounds.items() if bound is None):
        return failed(
            f"{' and '.join(unbounded)} may take all {limit} concurrent invocations of the account.",
            "Give the event source a MaximumConcurrency, or deploy this release: a message that is throttled too often "
            "goes to the dead-letter queue.",
        )
    taken = sum(bound for bound in bounds.values() if bound)
    if limit - taken < FOR_THE_API:
        return failed(
            f"The event sources may take {taken} of the account's {limit} concurrent invocations, which leaves too few "
            "for the API and for webhooks.",
            "Deploy with AccountConcurrency=10, or ask for more concurrent executions in Service Quotas (AWS Lambda).",
        )
    return passed(f"The event sources leave {limit - taken} of {limit} concurrent invocations to the API.")


def alarms(stack: Stack) -> Finding:
    client = stack.client("cloudwatch")
    names = {physical: name for name, physical in stack.resources.get(ALARM, {}).items()}
    found = client.describe_alarms(AlarmNames=list(names), MaxRecords=100)["MetricAlarms"] if names else []
    active = [alarm for alarm in found if alarm["StateValue"] == "ALARM"]
    if active:
        listed = "; ".join(f"{names[alarm['AlarmName']]}: {alarm.get('AlarmDescription', '')}" for alarm in active)
        return failed(f"An alarm is on ({listed}).", "Follow docs/runbook.md for that alarm.")
    if len(found) < len(names) or not names:
        return failed(
            f"The stack has {len(names)} alarms, and CloudWatch knows {len(found)} of them.", "Deploy the stack again."
        )
    if without := sum(alarm["StateValue"] != "OK" for alarm in found):
        return not_checked(
            f"{without} of {len(found)} alarms have no state yet.", "A new stack needs some minutes: run this again."
        )
    return passed(f"All {len(found)} alarms are OK.")
