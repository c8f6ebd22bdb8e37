"""Each check of `getthrough smoke` that asks AWS: right on a healthy stack, and wrong on one broken in that one way."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from cli.smoke import account
from cli.smoke.finding import Finding, State
from cli.stack import Stack
from tests.unit.cli.aws import NOW, OUTPUTS, TIMERS, VARIABLES, Answer, Session, alarm, mapping

Check = Callable[[Stack], Finding]

HEALTHY: dict[Check, str] = {
    account.event_sources: "All 3 event sources are enabled.",
    account.dead_letters: "The dead-letter queues are empty.",
    account.tick: "The tick has run within the last 15 minutes.",
    account.ttl: "The table forgets old items (time to live is on).",
    account.backups: "The table can be restored to any second of the last weeks (point-in-time recovery is on).",
    account.recursion: "Functions that feed their own queue may do so (AdvanceFunction, CallbackFunction).",
    account.concurrency: "The event sources leave 4 of 10 concurrent invocations to the API.",
    account.alarms: "All 2 alarms are OK.",
}


@pytest.mark.parametrize("check", HEALTHY)
def test_a_healthy_stack_passes(stack: Stack, check: Check) -> None:
    assert check(stack) == Finding(State.PASSED, HEALTHY[check])


def one_source(**changed: Any) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """The answer for an event source, where the one of the timers has something else."""
    return lambda asked: mapping(asked) | (changed if asked["UUID"] == TIMERS else {})


def letters(visible: int, hidden: int) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """The numbers of the queue of callbacks; the one of the timers is empty."""

    def answer(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        ours = asked["QueueUrl"] == OUTPUTS["CallbackDeadLetterQueueUrl"]
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return {
            "Attributes": {
                name: str(number if ours else 0) for name, number in zip(names, (visible, hidden), strict=True)
            }
        }

    return answer


def runs(invocations: float, errors: float) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    sums = {"Invocations": invocations, "Errors": errors}
    return lambda asked: {"Datapoints": [{"Timestamp": NOW, "Sum": sums[asked["MetricName"]]}]}


def some_alarms(**states: str) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    return lambda asked: {
        "MetricAlarms": [alarm(name, states.get(name.removeprefix("shop-"), "OK")) for name in asked["AlarmNames"]]
    }


TTL = ("dynamodb", "DescribeTimeToLive")
SOURCE = ("lambda", "GetEventSourceMapping")
Broken = tuple[Check, tuple[str, str], Answer, str]
BROKEN: list[Broken] = [
    (
        account.event_sources,
        SOURCE,
        one_source(State="Disabled"),
        "Not every event source is enabled: Timers is Disabled.",
    ),
    (
        account.event_sources,
        SOURCE,
        one_source(LastProcessingResult="PROBLEM: Lambda internal error."),
        "Lambda cannot read the source of Timers.",
    ),
    (
        account.dead_letters,
        ("sqs", "GetQueueAttributes"),
        letters(visible=2, hidden=1),
        "Something could not be carried out: CallbackDeadLetterQueue holds 3.",
    ),
    (
        account.tick,
        ("events", "DescribeRule"),
        {"Name": "shop-Every", "State": "DISABLED"},
        "The schedule TickFunctionEveryFiveMinutes is DISABLED.",
    ),
    (
        account.tick,
        ("cloudwatch", "GetMetricStatistics"),
        runs(invocations=0, errors=0),
        "The tick has not run for 15 minutes.",
    ),
    (
        account.tick,
        ("cloudwatch", "GetMetricStatistics"),
        runs(invocations=3, errors=2),
        "The tick failed 2 of 3 times within 15 minutes.",
    ),
    (
        account.ttl,
        TTL,
        {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}},
        "The table's time to live is DISABLED, so nothing is ever deleted.",
    ),
    (
        account.ttl,
        TTL,
        {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "other"}},
        "The table's time to live is ENABLED on other, so nothing is ever deleted.",
    ),
    (
        account.backups,
        ("dynamodb", "DescribeContinuousBackups"),
        {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
            }
        },
        "The table's point-in-time recovery is DISABLED, so that a mistake cannot be undone.",
    ),
    (
        account.recursion,
        ("lambda", "GetFunctionRecursionConfig"),
        lambda asked: {"RecursiveLoop": "Terminate" if asked["FunctionName"] == "shop-Callback" else "Allow"},
        "Lambda stops CallbackFunction after about 16 timers in a row.",
    ),
    (
        account.concurrency,
        SOURCE,
        one_source(ScalingConfig={}),
        "Timers may take all 10 concurrent invocations of the account.",
    ),
    (
        account.concurrency,
        ("lambda", "GetAccountSettings"),
        {"AccountLimit": {"ConcurrentExecutions": 9, "UnreservedConcurrentExecutions": 9}},
        "The event sources may take 6 of the account's 9 concurrent invocations, which leaves too few for the API and "
        "for webhooks.",
    ),
    (
        account.alarms,
        ("cloudwatch", "DescribeAlarms"),
        some_alarms(DeadLetter="ALARM"),
        "An alarm is on (DeadLetterAlarm: shop-DeadLetter says why).",
    ),
    (
        account.alarms,
        ("cloudwatch", "DescribeAlarms"),
        {"MetricAlarms": [alarm("shop-TimersLate")]},
        "The stack has 2 alarms, and CloudWatch knows 1 of them.",
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=[row[3][:50] for row in BROKEN])
def test_a_stack_that_is_broken_in_one_way_fails(session: Session, stack: Stack, broken: Broken) -> None:
    check, call, answer, sentence = broken
    session.answers[call] = answer

    finding = check(stack)

    assert (finding.state, finding.sentence) == (State.FAILED, sentence)
    assert finding.next_step


def test_every_check_of_aws_is_seen_to_fail() -> None:
    assert {row[0] for row in BROKEN} == HEALTHY.keys()


def test_what_aws_does_not_know_yet_is_not_passed(session: Session, stack: Stack) -> None:
    session.answers["cloudwatch", "DescribeAlarms"] = some_alarms(TimersLate="INSUFFICIENT_DATA")
    session.answers["cloudwatch", "GetMetricStatistics"] = {"Datapoints": []}
    a_minute_old = stack.created_at + timedelta(minutes=1)

    findings = [account.alarms(stack), account.tick(stack, now=a_minute_old)]

    assert [(finding.state, finding.sentence) for finding in findings] == [
        (State.NOT_CHECKED, "1 of 2 alarms have no state yet."),
        (State.NOT_CHECKED, "The stack is so new that the tick need not have run."),
    ]


def test_only_functions_that_know_their_own_queue_have_to_be_allowed_to_loop(
    session: Session, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(VARIABLES, "shop-Callback", {"QUEUE_URL": "https://sqs.example/another-queue"})
    session.answers["lambda", "GetFunctionRecursionConfig"] = {"RecursiveLoop": "Terminate"}

    assert account.recursion(stack).sentence == "Lambda stops AdvanceFunction after about 16 timers in a row."
