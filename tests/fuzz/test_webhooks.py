"""2,000 of the broken webhooks of `make fuzz`, always the same ones: no promise is broken by any of them."""

import json
from random import Random

import pytest

from tests.fuzz.mutations import broken
from tests.fuzz.world import BrokenPromiseError, World, corpus, play, world
from tests.webhook_samples import all_samples, v1_status


@pytest.mark.parametrize("seed", range(4))
def test_500_broken_webhooks_change_only_what_they_tell_of(seed: int) -> None:
    counts = play(seed, 500)
    assert sum(counts.values()) == 500
    assert min(counts.values()) > 20


def test_the_corpus_has_all_samples() -> None:
    assert len(corpus()) == len(all_samples()) > 100


def test_what_breaks_a_webhook_mostly_changes_it_and_is_the_same_again() -> None:
    payload = v1_status()
    bodies = [broken(payload, Random(seed), ["known"]) for seed in range(200)]
    assert bodies == [broken(payload, Random(seed), ["known"]) for seed in range(200)]
    unbroken = [body for body in bodies if body == json.dumps(payload, ensure_ascii=False).encode()]
    assert len(unbroken) < 20
    assert payload == v1_status()


def test_a_function_that_does_what_it_may_not_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with world() as here:
        monkeypatch.setattr(World, "_expected", lambda *_: (set(), {f"DISPATCH#{uuid}" for uuid in here.reported}))
        ours = next(iter(here.reported))[:-2] + "01"
        body = json.dumps(v1_status(client_ref=ours)).encode()
        with pytest.raises(BrokenPromiseError, match="is not as its webhooks say"):
            here._signed("/status", body)


def test_a_write_that_no_one_asked_for_is_noticed() -> None:
    with world() as here:
        here.reported.clear()
        here.references["unheard-of"] = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501"
        body = json.dumps(v1_status(message_uuid="unheard-of", client_ref=None)).encode()
        with pytest.raises(BrokenPromiseError, match="wrote"):
            here._signed("/status", body)
