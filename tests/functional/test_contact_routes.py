"""GET /v1/contacts and PUT of its links: what is known of a customer, and whose accounts a client says they are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import FIRST, FROM, SECOND, basic
from tests.functional.aws_in_memory import bearer
from tests.functional.recovery_in_memory import Recovery, recovery_in_memory

PATH = f"/v1/contacts/sms/{FIRST}"
MESSENGER = {"channel": "messenger", "address": "24106514112345678"}
EMAIL_ADDRESS = {"channel": "email", "address": "ann@example.com"}
NOTHING: dict[str, Any] = {
    "channel": "sms",
    "address": FIRST,
    "phone_number": FIRST,
    "accounts": [],
    "opt_out": None,
    "channels": [],
    "service_windows": [],
    "consents": [],
}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        yield stack


def links(*accounts: object) -> dict[str, object]:
    return {"links": list(accounts)}


def violations(answer: tuple[int, Any]) -> tuple[int, list[str]]:
    return answer[0], [violation["name"] for violation in answer[1]["invalid_parameters"]]


def test_of_an_unknown_contact_nothing_is_known(stack: Recovery) -> None:
    assert stack.call("GET", PATH) == (200, NOTHING)
    assert stack.aws.items() == []


def test_every_opt_out_and_opt_in_is_shown_newest_first_with_its_source(stack: Recovery) -> None:
    _, out = stack.call("PUT", f"/v1/opt-outs/whatsapp/{FIRST}", {"why": "asked on the phone"})
    _, back = stack.call("DELETE", f"/v1/opt-outs/sms/{FIRST}")

    status, shown = stack.call("GET", PATH)

    said = {"source": "client", "by": "bakery", "words": None, "address": FIRST}
    revoked = {"opted_out": True, "at": out["changed_at"], "channel": "whatsapp", "why": "asked on the phone", **said}
    granted = {"opted_out": False, "at": back["changed_at"], "channel": "sms", "why": "no reason given", **said}
    channels = [
        {"channel": "sms", "opted_out": False, "changed_at": back["changed_at"]},
        {"channel": "whatsapp", "opted_out": True, "changed_at": out["changed_at"]},
    ]
    expected = {**NOTHING, "opt_out": back, "channels": channels, "consents": [granted, revoked]}
    assert (status, shown) == (200, expected)


def test_what_a_customer_wrote_is_shown_as_it_was_written(stack: Recovery) -> None:
    fields = {"channel": "mms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": "Stop. Thank you!"}
    body = json.dumps(fields).encode()
    stack.aws.post("/inbound", body, authorization=bearer(body))

    [record] = stack.call("GET", PATH)[1]["consents"]

    assert (record["source"], record["by"], record["words"]) == ("inbound", "customer", "Stop. Thank you!")


def test_accounts_are_linked_and_an_opt_out_of_one_counts_for_all(stack: Recovery) -> None:
    status, linked = stack.call("PUT", f"{PATH}/links", links(MESSENGER, EMAIL_ADDRESS))
    stack.call("PUT", "/v1/opt-outs/email/Ann@example.com", {"why": "wrote a letter"})

    assert (status, linked) == (200, {**NOTHING, "accounts": [EMAIL_ADDRESS, MESSENGER]})
    shown = [stack.call("GET", f"/v1/contacts/{at['channel']}/{at['address']}")[1] for at in (MESSENGER, EMAIL_ADDRESS)]
    assert [(one["phone_number"], one["opt_out"]["opted_out"], len(one["consents"])) for one in shown] == [
        (FIRST, True, 1),
        (FIRST, True, 1),
    ]


def test_new_links_take_the_place_of_the_old_ones(stack: Recovery) -> None:
    stack.call("PUT", f"{PATH}/links", links(MESSENGER))

    assert stack.call("PUT", f"{PATH}/links", links(EMAIL_ADDRESS))[1]["accounts"] == [EMAIL_ADDRESS]
    assert stack.call("PUT", f"{PATH}/links", links())[1] == NOTHING
    assert stack.call("GET", f"/v1/contacts/email/{EMAIL_ADDRESS['address']}")[1]["phone_number"] is None


def test_an_account_of_another_telephone_stays_there(stack: Recovery) -> None:
    stack.call("PUT", f"{PATH}/links", links(MESSENGER))

    answer = stack.call("PUT", f"/v1/contacts/sms/{SECOND}/links", links(EMAIL_ADDRESS, MESSENGER))

    assert violations(answer) == (422, ["links[1]"])
    assert stack.call("GET", f"/v1/contacts/sms/{SECOND}")[1]["accounts"] == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["links"]),
        ({"links": {}}, ["links"]),
        ({"links": [MESSENGER] * 11}, ["links"]),
        ({"links": [], "link": []}, ["link"]),
        ({"links": ["ann", {"channel": "email"}]}, ["links[0]", "links[1]"]),
        ({"links": [{"channel": "mail", "address": "ann@example.com"}]}, ["links[0].channel"]),
        ({"links": [{"channel": "email", "address": "ann"}]}, ["links[0].address"]),
        ({"links": [{"channel": "whatsapp", "address": "GB.13491208655302741918"}]}, ["links[0].channel"]),
        ({"links": [{**MESSENGER, "name": "Ann"}]}, ["links[0]"]),
    ],
)
def test_wrong_links_are_422_and_change_nothing(stack: Recovery, body: object, wrong: list[str]) -> None:
    assert violations(stack.call("PUT", f"{PATH}/links", body)) == (422, wrong)
    assert stack.aws.items() == []


def test_only_a_telephone_has_links(stack: Recovery) -> None:
    answer = stack.call("PUT", f"/v1/contacts/email/{EMAIL_ADDRESS['address']}/links", links(MESSENGER))

    assert violations(answer) == (422, ["address"])


def test_a_request_without_valid_credentials_is_refused(stack: Recovery) -> None:
    wrong = basic("bakery", "wrong")

    assert stack.call("GET", PATH, headers=wrong)[0] == 401
    assert stack.call("PUT", f"{PATH}/links", links(MESSENGER), headers=wrong)[0] == 401
    assert stack.aws.items() == []
