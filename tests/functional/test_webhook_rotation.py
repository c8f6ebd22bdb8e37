"""The signature secret is changed while webhooks come in, and none of them is lost; others' tokens never help."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.adapters import secrets
from getthrough.handlers import _webhook
from tests.builders import status_payload
from tests.functional.aws_in_memory import Aws, aws_in_memory, bearer
from tests.secret import SIGNATURE_SECRET, store_secret

NEW, NEWER = "a-new-secret-that-is-long-enough-too", "a-newer-secret-that-is-long-enough-too"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that a secret's age is counted by."""
    now = [1000.0]
    monkeypatch.setattr("getthrough.adapters.secrets.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def store(stack: Aws, *signature_secrets: str) -> None:
    store_secret(stack.secret_id, signature_secrets=list(signature_secrets))


def webhooks(stack: Aws, signature_secret: str, name: str, number: int = 5) -> list[int]:
    """What so many webhooks are answered that were signed with this secret."""
    bodies = [json.dumps(status_payload("delivered", message_uuid=f"{name}-{n}")).encode() for n in range(number)]
    return [stack.post("/status", body, authorization=bearer(body, signature_secret))["statusCode"] for body in bodies]


def test_a_change_in_the_middle_of_a_burst_loses_nothing(stack: Aws, clock: list[float]) -> None:
    answers = webhooks(stack, SIGNATURE_SECRET, "before")
    store(stack, NEW, SIGNATURE_SECRET)
    clock[0] += 6
    # Vonage signs with the new one now; what it had begun to send before still comes, and comes again.
    for moment in range(3):
        answers += webhooks(stack, NEW, f"after {moment}")
        answers += webhooks(stack, SIGNATURE_SECRET, f"on its way {moment}")
        answers += webhooks(stack, SIGNATURE_SECRET, "before")

    assert answers == [200] * 50
    assert stack.kinds() == ["EVENT"] * 35


def test_a_burst_of_forged_ones_makes_us_read_the_secret_no_more_often_than_we_said(
    stack: Aws, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[float] = []
    reload = secrets.Part.reload

    def noted(secret: secrets.Part[Any]) -> Any:
        reads.append(clock[0])
        return reload(secret)

    monkeypatch.setattr(secrets.Part, "reload", noted)
    monkeypatch.setattr(_webhook, "_KEPT_A_MINUTE", 1_000)
    for _ in range(60):
        assert webhooks(stack, "not-one-of-vonages", "forged", number=2) == [401, 401]
        clock[0] += 1
    assert len(reads) == 60 // 6
    assert stack.kinds() == ["QUARANTINE"] * 2


def test_the_second_change_ends_the_first_secret(stack: Aws, clock: list[float]) -> None:
    store(stack, NEW, SIGNATURE_SECRET)
    assert webhooks(stack, SIGNATURE_SECRET, "old", number=1) == [200]
    store(stack, NEWER, NEW)
    clock[0] += secrets.FRESH_SECONDS + 0.1
    assert webhooks(stack, NEWER, "newer", number=1) + webhooks(stack, NEW, "new", number=1) == [200, 200]
    assert webhooks(stack, SIGNATURE_SECRET, "old again", number=1) == [401]


def test_the_token_of_another_webhook_does_not_help(stack: Aws) -> None:
    good, other = (json.dumps(status_payload(word)).encode() for word in ("delivered", "rejected"))
    assert stack.post("/status", other, authorization=bearer(good))["statusCode"] == 401
    assert stack.post("/inbound", good, authorization=bearer(good))["statusCode"] == 200
    assert stack.kinds() == ["QUARANTINE", "QUARANTINE"]


@pytest.mark.parametrize("header", ["authorization", "Authorization"])
@pytest.mark.parametrize("as_base64", [True, False])
def test_a_body_is_hashed_as_it_was_sent_however_it_comes(stack: Aws, header: str, as_base64: bool) -> None:
    body = json.dumps(status_payload("delivered", note="früher \U0001f9c1"), ensure_ascii=False).encode()
    answer = stack.post("/status", body if as_base64 else body.decode(), **{header: bearer(body)})  # type: ignore[arg-type]
    assert (answer["statusCode"], stack.kinds()) == (200, ["EVENT"])
