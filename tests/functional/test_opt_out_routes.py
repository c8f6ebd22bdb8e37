"""GET, PUT and DELETE of /v1/opt-outs: what clients are answered, and what is stored then."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from getthrough.handlers._parameters import page
from tests.builders import FIRST, SECOND, basic, message
from tests.functional.aws_in_memory import OTHER_CLIENT
from tests.functional.recovery_in_memory import CREDENTIALS, Recovery, recovery_in_memory
from tests.secret import CLIENT_SECRET

PATH = f"/v1/opt-outs/sms/{FIRST}"
NOTHING = {"title": "Not Found", "detail": "Nothing has this id."}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        yield stack


def known(body: dict[str, Any]) -> dict[str, Any]:
    """An opt-out without its time, which is one."""
    assert datetime.fromisoformat(body["changed_at"]).tzinfo is not None
    return {name: value for name, value in body.items() if name != "changed_at"}


def opted_out(address: str = FIRST, why: str = "no reason given", by: str = "bakery") -> dict[str, Any]:
    return {"channel": "sms", "address": address, "opted_out": True, "why": why, "by": by}


def violations(answer: tuple[int, Any]) -> tuple[int, list[str]]:
    return answer[0], [violation["name"] for violation in answer[1]["invalid_parameters"]]


def test_an_opt_out_is_answered_shown_and_listed_with_its_reason_and_its_client(stack: Recovery) -> None:
    status, put = stack.call("PUT", PATH, {"why": "asked on the phone"})

    assert (status, known(put)) == (200, opted_out(why="asked on the phone"))
    assert stack.call("GET", PATH) == (200, put)
    assert stack.call("GET", "/v1/opt-outs") == (200, {"opt_outs": [put], "cursor": None})


@pytest.mark.parametrize("body", [None, b"", {}])
def test_a_reason_may_be_left_out(stack: Recovery, body: object) -> None:
    status, put = stack.call("PUT", PATH, body)

    assert (status, known(put)) == (200, opted_out())


def test_the_same_again_by_anybody_changes_nothing(stack: Recovery) -> None:
    first = stack.call("PUT", PATH, {"why": "asked on the phone"})

    again = stack.call("PUT", PATH, {"why": "and again"}, headers=basic(OTHER_CLIENT, CLIENT_SECRET))

    assert again == first


def test_an_idempotency_key_does_no_harm(stack: Recovery) -> None:
    keyed = {**CREDENTIALS, "idempotency-key": "one"}

    answers = [stack.call("PUT", f"/v1/opt-outs/sms/{number}", headers=keyed)[0] for number in (FIRST, SECOND)]

    assert answers == [200, 200]
    assert len(stack.call("GET", "/v1/opt-outs")[1]["opt_outs"]) == 2


def test_a_contact_opted_in_again_is_on_no_list_but_its_record_is_still_shown(stack: Recovery) -> None:
    stack.call("PUT", PATH)

    status, deleted = stack.call("DELETE", PATH)

    assert (status, known(deleted)) == (200, {**opted_out(), "opted_out": False})
    assert stack.call("DELETE", PATH) == (200, deleted)
    assert stack.call("GET", PATH) == (200, deleted)
    assert stack.call("GET", "/v1/opt-outs") == (200, {"opt_outs": [], "cursor": None})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_of_whom_nothing_is_known_is_404(stack: Recovery, method: str) -> None:
    status, body = stack.call(method, PATH)

    assert (status, {name: body[name] for name in NOTHING}) == (404, NOTHING)
    assert stack.aws.items() == []


def test_a_number_may_be_written_as_people_write_numbers(stack: Recovery) -> None:
    stack.call("PUT", "/v1/opt-outs/sms/%2B44%207700%20900001")

    assert stack.call("GET", PATH)[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(("contact", "wrong"), [(f"viber/{FIRST}", "channel"), ("sms/07700900001", "address")])
def test_an_opt_out_that_would_have_no_effect_is_422(stack: Recovery, method: str, contact: str, wrong: str) -> None:
    assert violations(stack.call(method, f"/v1/opt-outs/{contact}")) == (422, [wrong])
    assert stack.call("GET", f"/v1/opt-outs/{contact}")[0] == 404


@pytest.mark.parametrize(
    ("contact", "fields"),
    [
        (f"viber_service_msg/{FIRST}", {"channel": "viber_service", "from": "bakery"}),
        (
            "email/Ann@Example.com",
            {"channel": "email", "to": "ann@EXAMPLE.com", "from": "b@example.com", "email": {"subject": "Hello"}},
        ),
    ],
)
def test_however_a_contact_is_written_nothing_is_sent_to_it(
    stack: Recovery, contact: str, fields: dict[str, Any]
) -> None:
    stack.call("PUT", f"/v1/opt-outs/{contact}")

    answer = stack.aws.post("/v1/messages", json.dumps(message(**fields)).encode(), **CREDENTIALS)

    assert (answer["statusCode"], stack.aws.gateway.sent) == (422, [])


def test_of_many_unknown_fields_a_hundred_are_reported(stack: Recovery) -> None:
    status, wrong = violations(stack.call("PUT", PATH, {f"field{n}": 1 for n in range(1000)}))

    assert (status, wrong) == (422, [f"field{n}" for n in range(100)])


def test_those_that_opted_out_last_come_first_page_by_page(stack: Recovery) -> None:
    numbers = [f"44770090000{digit}" for digit in range(5)]
    for number in numbers:
        stack.call("PUT", f"/v1/opt-outs/sms/{number}")
    pages, query = [], {"limit": "2"}
    while True:
        _, body = stack.call("GET", "/v1/opt-outs", query=query)
        pages.append([opt_out["address"] for opt_out in body["opt_outs"]])
        if body["cursor"] is None:
            break
        query["cursor"] = body["cursor"]

    assert pages == [numbers[:2:-1], numbers[2:0:-1], numbers[:1]]


def test_no_address_can_be_read_from_a_cursor(stack: Recovery) -> None:
    for number in (FIRST, SECOND):
        stack.call("PUT", f"/v1/opt-outs/sms/{number}")

    _, body = stack.call("GET", "/v1/opt-outs", query={"limit": "1"})

    assert "4477009" not in str(page({"cursor": body["cursor"]}).cursor)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ([], ["body"]),
        ({"why": ""}, ["why"]),
        ({"why": 1}, ["why"]),
        ({"why": None}, ["why"]),
        ({"why": "x" * 201}, ["why"]),
        ({"why": "two\nlines"}, ["why"]),
        ({"because": "I say so", "why": ""}, ["because", "why"]),
    ],
)
def test_a_wrong_body_is_422_and_changes_nothing(stack: Recovery, body: object, wrong: list[str]) -> None:
    assert violations(stack.call("PUT", PATH, body)) == (422, wrong)
    assert stack.aws.items() == []


def test_what_is_not_json_is_422(stack: Recovery) -> None:
    status, body = stack.call("PUT", PATH, b"{")

    assert (status, body["title"]) == (422, "The request body did not contain valid JSON")


def test_the_longest_reason_is_kept_whole(stack: Recovery) -> None:
    assert known(stack.call("PUT", PATH, {"why": "é" * 200})[1]) == opted_out(why="é" * 200)


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        (f"/v1/opt-outs/SMS/{FIRST}", {}, ["channel"]),
        (f"/v1/opt-outs/sms/{'4' * 321}", {}, ["address"]),
        ("/v1/opt-outs", {"limit": "0", "cursor": "x", "page": "1"}, ["page", "limit", "cursor"]),
    ],
)
def test_all_wrong_parameters_are_reported(stack: Recovery, path: str, query: dict[str, str], wrong: list[str]) -> None:
    assert violations(stack.call("GET", path, query=query)) == (422, wrong)


def test_a_step_that_was_sent_is_given_up_and_its_dispatch_ends(stack: Recovery) -> None:
    body = json.dumps(message()).encode()
    stack.aws.post("/v1/messages", body, **CREDENTIALS)

    stack.call("PUT", PATH)

    [dispatch] = [item for item in stack.aws.items() if item["sk"]["S"] == "DISPATCH"]
    assert dispatch["outcome"] == {"S": "stopped"}
    again = stack.aws.post("/v1/messages", body, **CREDENTIALS)
    assert (again["statusCode"], len(stack.aws.gateway.sent)) == (422, 1)


def test_after_opting_in_again_messages_are_sent_again(stack: Recovery) -> None:
    stack.call("PUT", PATH)
    stack.call("DELETE", PATH)

    answer = stack.aws.post("/v1/messages", json.dumps(message()).encode(), **CREDENTIALS)

    assert (answer["statusCode"], len(stack.aws.gateway.sent)) == (202, 1)


@pytest.mark.parametrize("headers", [{}, basic("bakery", "wrong")])
def test_a_request_without_valid_credentials_is_refused(stack: Recovery, headers: dict[str, str]) -> None:
    routes = [("GET", "/v1/opt-outs"), ("GET", PATH), ("PUT", PATH), ("DELETE", PATH)]

    assert [stack.call(method, path, headers=headers)[0] for method, path in routes] == [401] * 4
    assert stack.aws.items() == []


def test_while_the_table_cannot_be_reached_it_is_503(stack: Recovery) -> None:
    stack.aws.without_table()

    assert [stack.call(method, PATH)[0] for method in ("GET", "PUT", "DELETE")] == [503, 503, 503]


def test_a_change_is_counted_and_the_same_again_is_not(stack: Recovery, capsys: pytest.CaptureFixture[str]) -> None:
    counted = []
    for method in ("PUT", "PUT", "DELETE", "DELETE"):
        stack.call(method, PATH)
        text = capsys.readouterr().out
        counted.append([name for name in ("OptedOut", "OptedIn") if f'"{name}":[1.0]' in text])

    assert counted == [["OptedOut"], [], ["OptedIn"], []]
