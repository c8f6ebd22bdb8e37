"""CallbackFunction: from the queue to the receiver, and what is done with what could not be delivered."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from standardwebhooks import Webhook

from getthrough.adapters.callback_queue import SqsCallbacks, from_body, to_body
from getthrough.adapters.callback_receivers import HttpsReceivers
from getthrough.adapters.system import utc_now
from getthrough.domain.notification.callback import LIFE, Attempted, Callback, Verdict
from tests.builders import DISPATCH_UUID, FIRST
from tests.functional.events_in_memory import CALLBACK_SECRET, Events, events_in_memory
from tests.provider import Provider, answer, serve

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TELLTALE = "strawberry"
DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    with events_in_memory(monkeypatch) as events:
        yield events


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Attempted | Exception]:
    """What the receiver does, one attempt after another: moto's sockets are not for servers of ours."""
    waiting: list[Attempted | Exception] = []

    def post(self: HttpsReceivers, callback: Callback) -> Attempted:
        attempted = waiting.pop(0)
        if isinstance(attempted, Exception):
            raise attempted
        return attempted

    monkeypatch.setattr(HttpsReceivers, "post", post)
    return waiting


def callback(url: str = f"https://shop.invalid/{TELLTALE}?{TELLTALE}", **fields: Any) -> Callback:
    data = {"dispatch_uuid": DISPATCH_UUID, "to": FIRST, "client_ref": TELLTALE}
    body = {"type": "message.status", "timestamp": "2026-03-02T12:00:00.000Z", "data": data}
    return Callback(url, "evt_1", body, **{"until": utc_now() + LIFE, **fields})


def test_a_message_of_the_queue_is_the_callback_that_was_put() -> None:
    given = callback(tries=7)
    assert from_body(to_body(given)) == given


@pytest.mark.parametrize(
    ("verdict", "delayed", "given_up"),
    [
        (Verdict.DELIVERED, 0, 0),
        (Verdict.GONE, 0, 0),
        (Verdict.REFUSED, 0, 0),
        (Verdict.FAILED, 1, 0),
    ],
)
def test_each_verdict_is_carried_out(
    events: Events, answers: list[Any], verdict: Verdict, delayed: int, given_up: int
) -> None:
    answers.append(Attempted(verdict))
    given = to_body(callback())
    assert events.attempt(given) == DONE
    assert events.delayed() == delayed
    assert events.given_up() == [json.loads(given)] * given_up


def test_each_receiver_is_a_group_of_its_own(events: Events) -> None:
    def groups() -> list[str]:
        sqs, url = boto3.client("sqs"), events.callback_queue_url
        names: Any = ["MessageGroupId"]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=names)
        return [message["Attributes"]["MessageGroupId"] for message in found["Messages"]]

    callbacks = SqsCallbacks(events.callback_queue_url, events.dead_letter_queue_url)
    long = f"https://{'x' * 300}.invalid"
    callbacks.put([callback(url) for url in ("https://a.invalid/1", "https://A.invalid?2", "https://b.invalid", long)])
    one, same, other, longest = groups()

    assert (one == same, len({one, other, longest}), len(longest)) == (True, 3, 32)


def test_what_is_too_old_is_given_up(events: Events, answers: list[Any]) -> None:
    answers.append(Attempted(Verdict.FAILED, 500))
    given = to_body(callback(until=utc_now()))
    assert events.attempt(given) == DONE
    assert (events.delayed(), events.given_up()) == (0, [json.loads(given)])


def test_a_message_that_is_none_of_ours_comes_back_and_the_others_do_not(events: Events, answers: list[Any]) -> None:
    answers += [Attempted(Verdict.DELIVERED, 200)] * 2
    good = to_body(callback())
    assert events.attempt(good, '{"keys": {}}', good) == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}


def test_what_could_not_be_put_again_comes_back(events: Events, answers: list[Any]) -> None:
    answers.append(Attempted(Verdict.FAILED, 500))
    boto3.client("sqs").delete_queue(QueueUrl=events.callback_queue_url)
    assert events.attempt(to_body(callback())) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}


def test_every_verdict_is_counted_and_nothing_personal_is_logged(
    events: Events, answers: list[Any], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [Attempted(verdict, 500, "reason") for verdict in (*list(Verdict)[:4], Verdict.FAILED)]
    answers.append(RuntimeError(TELLTALE))
    young, old = to_body(callback()), to_body(callback(until=utc_now()))
    events.attempt(*[young] * 4, old, young)

    text = "\n".join([*(str(record.__dict__) for record in caplog.records), capsys.readouterr().out])
    for name in ("Delivered", "Gone", "Refused", "Failed", "GivenUp"):
        assert f"Callback{name}" in text
    assert DISPATCH_UUID in text
    assert "callback not handled" in text
    assert [word for word in (TELLTALE, FIRST, "shop.invalid", "whsec_", CALLBACK_SECRET[6:]) if word in text] == []


def test_it_is_signed_with_the_stacks_secret(events: Events) -> None:
    del events
    with serve() as receiver:
        _let_moto_pass(receiver)
        receiver.answers = [answer(204, b"")]
        given = callback(url=receiver.url)
        assert Events.attempt(None, to_body(given)) == DONE  # type: ignore[arg-type]
        [request] = receiver.received
    assert Webhook(CALLBACK_SECRET).verify(request.body, dict(request.headers)) == given.body


def _let_moto_pass(receiver: Provider) -> None:
    from moto.core.models import responses_mock

    responses_mock.add_passthru(receiver.url)
