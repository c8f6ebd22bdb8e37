"""A call of AWS that hangs ends in an answer, not in a function that is killed.

A function that is killed answers nothing, counts nothing, and leaves the message that it sent in doubt. So its time
limit holds the longest path: one call of AWS that hangs in each of its tries, a provider or receiver that takes all the
time that it is given, and all other calls. `pytest -p tests.granted_calls` holds these numbers against real calls.
"""

import time
from unittest.mock import Mock

import pytest

from getthrough.adapters import aws, aws_client, callback_receivers, dead_letters, vonage
from getthrough.usecases.queue_due import ENOUGH
from tests.granted_calls import MOST_CALLS, handler_of
from tests.template.stack import FUNCTIONS, STORAGE, TEMPLATE

WORKING_SECONDS = 0.05
"""A call of AWS that does not hang: several times what it usually takes. Each limit that counts is one call more."""

CALLS_AROUND_A_POST = 18
"""Of AdvanceFunction: what sends no message may make more."""

VONAGE_WAITS_SECONDS = 15
API_WAITS_SECONDS = 30


@pytest.fixture
def hanging_seconds(monkeypatch: pytest.MonkeyPatch) -> float:
    """One call of AWS whose server is silent in every try, with the longest waits between them."""
    waits: list[float] = []
    monkeypatch.setattr(aws_client, "random", lambda: 1.0)
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(aws_client.Client, "_post", Mock(side_effect=TimeoutError))
    with pytest.raises(TimeoutError):
        aws_client.Client("dynamodb", aws.TRIES).call("PutItem")
    return aws.TRIES * (aws_client.CONNECT_SECONDS + aws_client.READ_SECONDS) + sum(waits)


def request_seconds(connect: float, read: float) -> float:
    """See adapters/bounded_http.py."""
    return 4 * connect + read


ELSEWHERE_SECONDS = {
    # One POST that is answered 401 just in time for another one, which takes all its time.
    "SendFunction": vonage.AGAIN_SECONDS + request_seconds(vonage.CONNECT_SECONDS, vonage.READ_SECONDS),
    "AdvanceFunction": vonage.AGAIN_SECONDS + request_seconds(vonage.CONNECT_SECONDS, vonage.READ_SECONDS),
    "CallbackFunction": request_seconds(callback_receivers.CONNECT_SECONDS, callback_receivers.READ_SECONDS),
}


def time_limit(function: str) -> int:
    return int(FUNCTIONS[function].get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"]))


def test_a_call_that_hangs_is_given_up_within_ten_seconds(hanging_seconds: float) -> None:
    assert hanging_seconds == pytest.approx(9.15)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_outlives_its_longest_path(function: str, hanging_seconds: float) -> None:
    calls = MOST_CALLS[handler_of(function)]
    if function in ELSEWHERE_SECONDS:
        around = min(calls, CALLS_AROUND_A_POST) - 1
        assert hanging_seconds + ELSEWHERE_SECONDS[function] + around * WORKING_SECONDS <= time_limit(function)
    if calls:
        assert hanging_seconds + (calls - 1) * WORKING_SECONDS <= time_limit(function)


def test_a_webhook_is_answered_before_vonage_gives_up_and_every_request_before_the_api_does() -> None:
    called = [name for name, item in FUNCTIONS.items() if "HttpApi" in str(item.get("Events"))]

    assert {time_limit(name) for name in ("StatusFunction", "InboundFunction")} == {VONAGE_WAITS_SECONDS - 1}
    assert max(map(time_limit, called)) < API_WAITS_SECONDS


def test_a_tick_that_meets_a_call_that_hangs_ends_in_time(hanging_seconds: float) -> None:
    assert ENOUGH.total_seconds() >= hanging_seconds


def test_a_wait_for_dead_letters_is_no_call_that_hangs_and_outlasts_what_a_look_hides() -> None:
    assert aws_client.READ_SECONDS > dead_letters._WAIT_SECONDS
    assert dead_letters._WAITS * dead_letters._WAIT_SECONDS > dead_letters.LOOK_SECONDS


@pytest.mark.parametrize(
    ("queue", "function", "times"), [("Queue", "AdvanceFunction", 1), ("CallbackQueue", "CallbackFunction", 6)]
)
def test_what_is_being_carried_out_is_not_handed_out_again(queue: str, function: str, times: int) -> None:
    assert STORAGE["Resources"][queue]["Properties"]["VisibilityTimeout"] >= times * time_limit(function)
