"""What each HTTP answer of the provider means for a message."""

from typing import Any

import pytest

from getthrough.adapters.vonage import classify
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN

PROBLEM = {"title": "Invalid params", "detail": "Check the parameters."}


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_a_2xx_is_accepted_with_the_providers_id(status: int) -> None:
    body = {"message_uuid": "vonage-1", "workflow_id": "w"}
    assert classify(status, body) == Answer(kind=ACCEPTED, http_status=status, vonage_message_uuid="vonage-1")


@pytest.mark.parametrize("body", [{}, {"message_uuid": None}, {"message_uuid": 7}, {"message_uuid": "x" * 257}])
def test_a_2xx_without_an_id_that_can_be_used_is_accepted_all_the_same(body: dict[str, Any]) -> None:
    assert classify(202, body) == Answer(kind=ACCEPTED, http_status=202)


def test_the_longest_id_is_kept() -> None:
    assert classify(202, {"message_uuid": "x" * 256}).vonage_message_uuid == "x" * 256


@pytest.mark.parametrize(
    ("status", "kind", "account"),
    [
        (302, UNKNOWN, False),
        (400, REFUSED, False),
        (401, UNAVAILABLE, True),
        (402, UNAVAILABLE, True),
        (403, UNAVAILABLE, True),
        (404, UNAVAILABLE, True),
        (408, UNAVAILABLE, False),
        (422, REFUSED, False),
        (425, UNAVAILABLE, False),
        (429, UNAVAILABLE, False),
        (499, REFUSED, False),
        (500, UNKNOWN, False),
        (502, UNKNOWN, False),
        (503, UNAVAILABLE, False),
        (504, UNKNOWN, False),
        (599, UNKNOWN, False),
    ],
)
def test_everything_else_keeps_the_problem_and_takes_no_id(status: int, kind: AnswerKind, account: bool) -> None:
    body = {**PROBLEM, "message_uuid": "vonage-1"}
    assert classify(status, body) == Answer(kind=kind, http_status=status, problem=body, account=account)
    assert classify(status, {}) == Answer(kind=kind, http_status=status, account=account)


def test_the_type_of_a_problem_does_not_count_only_the_status_does() -> None:
    throttled = {"type": "https://developer.vonage.com/api-errors/messages#1000", "title": "Rate Limit Hit"}
    assert classify(500, throttled).kind is UNKNOWN
