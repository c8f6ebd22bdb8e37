"""Signatures as Standard Webhooks says: its published example, and its own verifier."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from getthrough.adapters.callback_signature import headers
from getthrough.domain.values.errors import UnavailableError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + b64encode(bytes(range(32))).decode()
SENT_AT = datetime.fromtimestamp(1614265330, UTC)


def test_the_example_of_the_specifications_own_tests() -> None:
    assert headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [SECRET], SENT_AT) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.binary(max_size=200), st.text("abcdef0123456789_", min_size=1))
def test_the_official_verifier_takes_each_of_several_secrets(body: bytes, event_id: str) -> None:
    text = body.hex().encode()
    signed = headers(event_id, b'"%s"' % text, [OTHER, SECRET], datetime.now(UTC))
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(b'"%s"' % text, signed) == body.hex()


def test_the_official_verifier_refuses_another_body_id_time_and_secret() -> None:
    good = headers("evt_1", b"{}", [SECRET], datetime.now(UTC))
    assert Webhook(SECRET).verify(b"{}", good) == {}
    for verifier, body, changed in (
        (SECRET, b"[]", {}),
        (OTHER, b"{}", {}),
        (SECRET, b"{}", {"webhook-id": "evt_2"}),
        (SECRET, b"{}", {"webhook-timestamp": str(int(good["webhook-timestamp"]) - 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(verifier).verify(body, {**good, **changed})


@pytest.mark.parametrize(
    "secrets",
    [
        (),
        ("whsec_not base64!",),
        ("whsec_" + b64encode(bytes(23)).decode(),),
        ("whsec_" + b64encode(bytes(65)).decode(),),
        (SECRET, "é"),
    ],
)
def test_without_a_good_secret_nothing_is_signed_and_none_is_named(secrets: tuple[str, ...]) -> None:
    with pytest.raises(UnavailableError) as error:
        headers("evt_1", b"{}", secrets, SENT_AT)
    assert str(error.value).startswith("secret: callback_secrets")
    assert not any(secret.removeprefix("whsec_") in str(error.value) for secret in secrets)
