"""What stays without a customer, who is named by a text, and how a search goes on."""

import json
import time
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.contact.contact import Contact, contact_of, spellings
from getthrough.domain.contact.mentions import finder
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, ClientSuccess, Outcome
from getthrough.domain.dispatch.erased_dispatch import erased_dispatch
from getthrough.domain.erasure.erasure import (
    BETWEEN,
    MOST_AT_ONCE,
    MOST_SEARCHES,
    SEARCHES,
    Erasure,
    Sweep,
    asked,
    begun,
    ended,
    going_on,
    rebased,
)
from getthrough.domain.event.erased_event import erased_body, is_erased
from getthrough.domain.event.webhook import parse_status
from getthrough.domain.message.status import Status
from tests.builders import FIRST, FROM, NOON, SECOND, at, dispatch, status_payload, step
from tests.unit.stories import claimed

ANN = contact_of("sms", FIRST)


# A dispatch


def test_a_dispatch_without_its_customer_keeps_what_became_of_it() -> None:
    problem = {"detail": f"{FIRST} is wrong"}
    whole = dispatch(step(client_ref="order of Ann"), step(to=SECOND))
    sent = claimed(whole)
    answer = Answer(kind=AnswerKind.REFUSED, http_status=422, problem=problem)
    answered = failover.record_answer(sent, 0, answer, claim_id=sent.attempts[0].claim_id, now=at(1))
    full = replace(answered, client_success=ClientSuccess(at(2), "Ann paid"), request_sha256="ab")
    erased = erased_dispatch(full, at(3))
    assert FIRST not in repr(erased)
    assert "Ann" not in repr(erased)
    assert SECOND not in repr(erased)
    assert (erased.outcome, erased.erased_at, erased.request_sha256) == (Outcome.SUCCEEDED, at(3), None)
    assert erased.attempts[0].answer == replace(answer, problem=None)
    assert [one.message for one in erased.steps] == [
        {"channel": "sms", "message_type": "text", "from": FROM, "to": "erased"}
    ] * 2
    assert erased_dispatch(erased, at(9)) == erased


def test_an_open_dispatch_of_an_erased_customer_is_cancelled() -> None:
    erased = erased_dispatch(claimed(dispatch(step(), step())), at(3))
    assert erased.outcome is Outcome.CANCELLED
    assert failover.wake_at(erased) is None


# An event


ERRORS: list[Any] = [
    {"type": "https://x#1020", "title": "1020", "detail": f"{FIRST} is wrong", "instance": FIRST},
    {"code": 1020, "reason": FIRST},
    [{"title": 1020, "detail": FIRST}],
]


@pytest.mark.parametrize("error", ERRORS)
def test_an_event_without_its_customer_says_the_same_of_its_message(error: Any) -> None:
    usage = {"price": "0.0333", "currency": "EUR"}
    whatsapp = {"recipient": {"user_id": "US.1", "wa_id": FIRST}}
    payload = status_payload("rejected", error=error, usage=usage, whatsapp=whatsapp)
    body = parse_status(payload, received_at=NOON).body
    erased = erased_body(body)
    assert FIRST not in erased
    assert "US.1" not in erased
    assert (is_erased(body), is_erased(erased), erased_body(erased)) == (False, True, erased)
    before, after = (parse_status(json.loads(text), received_at=NOON) for text in (body, erased))
    same = ("vonage_message_uuid", "status", "timestamp", "usage", "dispatch_uuid", "step", "throttled", "opted_out")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert (after.contact, after.aliases, after.error and after.error.code) == (None, (), 1020)


@given(st.sampled_from(Status), st.sampled_from(["0.1", None]), st.integers(0, 1))
def test_a_dispatch_is_the_same_whether_its_events_are_erased_or_not(
    status: Status, price: str | None, number: int
) -> None:
    usage = {"usage": {"price": price, "currency": "EUR"}} if price else {}
    body = parse_status(status_payload(str(status), **usage), received_at=NOON).body
    whole, erased = (
        replace(parse_status(json.loads(text), received_at=NOON), step=number) for text in (body, erased_body(body))
    )
    sent = claimed(dispatch(step(), step()))
    assert failover.apply(sent, whole) == failover.apply(sent, erased)


# Who is named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f'{{"to": "{FIRST}"}}', True),
        (f"+{FIRST}", True),
        (f"00{FIRST}", True),
        ("+44 7700 900001", True),
        ("+44 (7700) 900-001", True),
        (f"1{FIRST}", False),
        (f"{FIRST}1", False),
        (f"a{FIRST}", False),
        (SECOND, False),
        ("", False),
    ],
)
def test_a_text_names_a_customer_by_a_whole_number(text: str, named: bool) -> None:
    assert finder([ANN, contact_of("sms", "447700900009")])(text) == (frozenset({ANN}) if named else frozenset())


def test_a_text_names_an_email_address_in_any_case_and_escaped() -> None:
    email = contact_of("email", "zoë@bäckerei.example")
    find = finder([email])
    assert find(json.dumps({"to": email.address.upper()})) == {email}
    assert finder([])(FIRST) == frozenset()


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("written", ["zoë@bäckerei.example", "ZOË@BÄCKEREI.EXAMPLE", "zoë@xn--bckerei-5wa.example"])
def test_a_text_names_an_email_address_whose_domain_is_in_its_own_script(
    written: str, form: Any, ascii_only: bool
) -> None:
    """Such as a dead letter: its address is as the client wrote it."""
    email = contact_of("email", "zoë@bäckerei.example")
    text = json.dumps({"to": unicodedata.normalize(form, written)}, ensure_ascii=ascii_only)
    assert finder([email])(text) == {email}
    assert finder([contact_of("email", "zoe@bäckerei.example")])(text) == frozenset()


def test_a_text_of_many_accents_is_searched_at_once() -> None:
    text, began = "a" + "\u0301\u0323" * 64_000, time.process_time()
    assert finder([contact_of("email", "zoë@bäckerei.example")])(text) == frozenset()
    assert time.process_time() - began < 2


@pytest.mark.parametrize("domain", ["xn--.example", "xn--99999999999.example", "xn---.example", "xn--ü.example", "x"])
def test_a_domain_that_is_no_name_of_the_dns_stays_as_it_is(domain: str) -> None:
    address = contact_of("email", f"ann@{domain}").address
    assert address in spellings(contact_of("email", f"ann@{domain}"))
    assert finder([contact_of("email", f"ann@{domain}")])(address) != frozenset()


@pytest.mark.parametrize(
    ("channel", "written"),
    [
        ("whatsapp", "5215512345678"),
        ("whatsapp", "5491123456789"),
        ("whatsapp", "551187654321"),
        ("sms", FIRST),
        ("sms", f"440{FIRST[2:]}"),
        ("sms", "390669812345"),
    ],
)
def test_every_spelling_of_a_telephone_is_known(channel: str, written: str) -> None:
    assert written in spellings(contact_of(channel, written))
    assert {contact_of(channel, spelling) for spelling in spellings(contact_of(channel, written))} == {
        contact_of(channel, written)
    }


@pytest.mark.parametrize("written", ["4407700900001", "+44 (0)7700 900001", "+44 07700 900001"])
def test_a_text_names_a_number_also_with_the_zero_that_people_leave_in(written: str) -> None:
    assert finder([contact_of("sms", "447700900001")])(f'{{"to": "{written}"}}') == {contact_of("sms", "447700900001")}


# A search


def erasure(number: int = 0, seconds: float = 0) -> Erasure:
    return Erasure(erasure_uuid=str(number), contacts=(ANN,), asked_at=at(seconds), by="bakery")


def test_an_erasure_has_two_searches_with_time_between_them() -> None:
    sweep = asked(Sweep(), erasure())
    assert (sweep.next_at, begun(sweep, at(0)).looks_for) == (at(0), ("0",))
    once, done = ended(begun(sweep, at(0)), [erasure()], at(5))
    assert (once.next_at, done, begun(once, at(6))) == (at(5) + BETWEEN, [], once)
    again = begun(once, at(5) + BETWEEN)
    assert again.looks_for == ("0",)
    assert ended(again, [replace(erasure(), found_at=at(5))], at(9999)) == (Sweep(), ["0"])


def test_an_erasure_goes_on_until_a_search_finds_nothing_but_not_for_ever() -> None:
    sweep = asked(Sweep(), erasure())
    for number in range(1, MOST_SEARCHES + 1):
        now = sweep.next_at or NOON
        searching, found = begun(sweep, now), replace(erasure(), found_at=now)
        assert ended(searching, [erasure()], now)[1] == (["0"] if number >= SEARCHES else [])
        sweep, done = ended(searching, [found], now)
        assert done == (["0"] if number == MOST_SEARCHES else [])


def test_who_is_asked_for_during_a_search_waits_for_the_next_one() -> None:
    searching = going_on(begun(asked(Sweep(), erasure(0)), at(0)), at(1))
    both = asked(searching, erasure(1, seconds=2))
    assert (both.looks_for, both.next_at) == (("0",), at(1))
    after, done = ended(both, [erasure(0)], at(3))
    assert (begun(after, at(3)).looks_for, done, after.next_at) == (("1",), [], at(2))


def test_no_search_serves_more_than_fit_into_one() -> None:
    sweep = Sweep()
    for number in range(MOST_AT_ONCE + 1):
        sweep = asked(sweep, erasure(number))
    assert len(begun(sweep, at(0)).looks_for) == MOST_AT_ONCE


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_each_part_of_a_search_is_later_than_the_one_before(first: int, second: int) -> None:
    sweep = going_on(Sweep(), at(first))
    assert sweep.next_at is not None
    later = going_on(sweep, at(second)).next_at
    assert later is not None
    assert later >= sweep.next_at + timedelta(milliseconds=1)


def test_progress_is_kept_on_top_of_who_was_asked_for_meanwhile() -> None:
    read = begun(asked(Sweep(), erasure(0)), at(0))
    mine = replace(read, place=("pk", "sk"))
    newer = replace(asked(read, erasure(1)), version=7)
    assert rebased(mine, read, newer) == replace(mine, turns=newer.turns, version=7)
    assert rebased(mine, read, replace(newer, place=("other", "sk"))) is None
    last = replace(read, turns=tuple(turn._replace(searches=1) for turn in read.turns))
    finished, _ = ended(last, [erasure(0)], at(5))
    assert [turn.erasure_uuid for turn in (rebased(finished, read, newer) or read).turns] == ["1"]


def test_a_contact_of_every_kind_is_not_the_mark_of_an_erased_one() -> None:
    assert Contact("sms", "erased") == contact_of("sms", "erased")
    assert contact_of("email", "erased").address == "erased"
