"""What is watched: by metrics that exist, of this stack alone, and by none that a stranger can raise."""

import json
import re
from typing import Any

import pytest

from tests.template.stack import ALARMS, FUNCTIONS, OBSERVABILITY, ROOT, TEMPLATE

CODE = "\n".join(path.read_text() for path in (ROOT / "functions" / "getthrough").rglob("*.py"))
DASHBOARD = json.dumps(OBSERVABILITY["Resources"]["Dashboard"])
EACH_ALARM = pytest.mark.parametrize("alarm", ALARMS)
BY_STRANGERS = {"WebhookUnsigned", "WebhookUnreadable", "LoginByStranger"}
"""What anybody can make us count: a POST without a token, or without a body that can be read, is enough."""


def metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm looks at, each with its namespace, name and dimensions."""
    if "Metrics" not in alarm:
        return [alarm]
    return [entry["MetricStat"]["Metric"] for entry in alarm["Metrics"] if "MetricStat" in entry]


def expression(alarm: dict[str, Any]) -> str:
    [found] = [entry["Expression"] for entry in alarm["Metrics"] if "Expression" in entry]
    return str(found)


def watched() -> dict[str, list[str]]:
    return {name: [metric["MetricName"] for metric in metrics(alarm)] for name, alarm in ALARMS.items()}


def test_the_page_on_costs_counts_the_alarms() -> None:
    always = [alarm for alarm in OBSERVABILITY["Resources"].values() if alarm["Type"] == "AWS::CloudWatch::Alarm"]
    without_canary = [alarm for alarm in always if "Condition" not in alarm]
    page = (ROOT / "docs" / "costs.md").read_text()

    said = f"{len(without_canary)} alarms ${len(without_canary) / 10:.2f} ({len(ALARMS)} with the canary)"
    assert (said in page, len(always)) == (True, len(ALARMS))


def test_alarms_and_dashboard_show_metrics_that_the_code_emits() -> None:
    ours = {
        metric["MetricName"]
        for alarm in ALARMS.values()
        for metric in metrics(alarm)
        if metric["Namespace"] == "Getthrough"
    }
    shown = set(re.findall(r'\[\\"Getthrough\\", \\"(\w+)\\"', DASHBOARD))

    assert {name for name in ours | shown if f'"{name}"' not in CODE} == set()
    assert {"AccountRefused", "WebhookForged", "WebhookMalformed", "TimerLateness"} <= ours
    assert "DispatchAccepted" in shown


def test_our_own_metrics_carry_the_stacks_name_so_that_stacks_do_not_share_alarms() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    dimensions = [
        metric["Dimensions"]
        for alarm in ALARMS.values()
        for metric in metrics(alarm)
        if metric["Namespace"] == "Getthrough"
    ]
    shown = set(re.findall(r'\\"Getthrough\\", \\"\w+\\", \\"service\\", \\"([^"\\]*)\\"', DASHBOARD))

    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
    passed_on = TEMPLATE["Resources"]["Observability"]["Properties"]["Parameters"]
    assert passed_on["Service"] == {"Ref": "AWS::StackName"}
    assert dimensions == [[{"Name": "service", "Value": {"Ref": "Service"}}]] * len(dimensions)
    assert shown == {"${Service}"}


@EACH_ALARM
def test_an_alarm_tells_also_that_it_is_over(alarm: str) -> None:
    assert ALARMS[alarm]["AlarmActions"] == ALARMS[alarm]["OKActions"] == [{"Ref": "AlarmTopic"}]


def test_no_alarm_goes_off_for_what_strangers_send() -> None:
    """Unsigned webhooks are 5xx, and so are our own failures: the one is taken off the other."""
    assert watched()["ApiErrorsAlarm"] == ["5xx", "WebhookUnsigned"]
    assert expression(ALARMS["ApiErrorsAlarm"]) == "FILL(errors, 0) - FILL(unsigned, 0)"
    others = {name for names in (watched()[it] for it in ALARMS if it != "ApiErrorsAlarm") for name in names}
    assert others & BY_STRANGERS == set()


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_failures_of_each_function_without_a_caller_have_an_alarm_since_no_5xx_shows_them(metric: str) -> None:
    alarm = ALARMS[f"Function{metric}Alarm"]
    called = {name for name, item in FUNCTIONS.items() if any_http(item)}
    functions = {entry["Dimensions"][0]["Value"]["Ref"].removesuffix("Name") for entry in metrics(alarm)}
    identifiers = [entry["Id"] for entry in alarm["Metrics"] if "MetricStat" in entry]

    # CanaryFunction is there only if it is asked for. CanaryMissingAlarm shows that it failed.
    assert functions == set(FUNCTIONS) - called - {"CanaryFunction"}
    assert expression(alarm) == " + ".join(f"FILL({identifier}, 0)" for identifier in identifiers)


def any_http(function: dict[str, Any]) -> bool:
    return any(event["Type"] == "HttpApi" for event in function.get("Events", {}).values())


def test_a_chain_that_never_ends_has_an_alarm_since_lambda_does_not_end_it() -> None:
    recursive = {name for name, item in FUNCTIONS.items() if item.get("RecursiveLoop") == "Allow"}
    alarms = {name: ALARMS[f"{name.removesuffix('Function')}RunawayAlarm"] for name in recursive}

    assert {name: metrics(alarm)[0]["Dimensions"] for name, alarm in alarms.items()} == {
        name: [{"Name": "FunctionName", "Value": {"Ref": f"{name}Name"}}] for name in recursive
    }
    for alarm in alarms.values():
        a_chain_of_two_invocations_a_second = 2 * 3600
        assert {entry["MetricStat"]["Period"] for entry in alarm["Metrics"] if "MetricStat" in entry} == {3600}
        assert alarm["Threshold"] < a_chain_of_two_invocations_a_second
        assert expression(alarm).startswith("FILL(invocations, 0) - 10 * (FILL(")


def test_every_dead_letter_queue_has_an_alarm() -> None:
    dimensions = [ALARMS[name]["Dimensions"] for name in ("DeadLetterAlarm", "CallbackDeadLetterAlarm")]

    assert dimensions == [
        [{"Name": "QueueName", "Value": {"Ref": f"{name}Name"}}]
        for name in ("DeadLetterQueue", "CallbackDeadLetterQueue")
    ]
