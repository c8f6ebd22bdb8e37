"""Vonage's official Python SDK as a client: each message that it can make, with another host and no other change."""

import contextlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import vonage_messages.models as sdk  # type: ignore[import-untyped]
from pydantic import BaseModel
from vonage import Auth, Vonage  # type: ignore[import-untyped]
from vonage_http_client.errors import AuthenticationError, HttpRequestError  # type: ignore[import-untyped]

from tests.integration.scenes import over
from tests.integration.sdk_clients import CHANNELS, COMMON, Delivery, Exchange, block, deliveries, passed_on
from tests.running_stack import Stack, new_number
from tests.vonage_sdk import vonage_sdk

URL = "https://bakery.example/cupcake"
CAPTION = "Fresh from the oven"
NO_ONE, BAKERY = "447700900000", "447700900001"

sms = partial(sdk.Sms, **COMMON, to=NO_ONE, from_=BAKERY, ttl=1800, trusted_recipient=True)
mms = {**COMMON, "to": NO_ONE, "from_": BAKERY, "ttl": 600, "trusted_recipient": True}
rcs = {**COMMON, "to": NO_ONE, "from_": "Bakery", "ttl": 600, "trusted_recipient": True}
whatsapp = {**COMMON, "to": NO_ONE, "from_": BAKERY, "context": sdk.WhatsappContext(message_uuid="an-earlier-one")}
messenger = {
    **COMMON,
    "to": NO_ONE,
    "from_": "bakery",
    "messenger": sdk.MessengerOptions(category="message_tag", tag="CONFIRMED_EVENT_UPDATE"),
}
viber = {**COMMON, "to": NO_ONE, "from_": "Bakery"}
viber_options = {"category": "transaction", "ttl": 600, "type": "template"}
viber_button = {**viber_options, "action": sdk.ViberAction(url=URL, text="See it")}

media = sdk.MmsResource(url=URL, caption=CAPTION)
rcs_media, rcs_options = sdk.RcsResource(url=URL), sdk.RcsOptions(category="transaction")
messenger_media = sdk.MessengerResource(url=URL)

suggestions = [
    sdk.RcsSuggestionReply(text="Yes", postback_data="yes"),
    sdk.RcsSuggestionActionDial(text="Call", postback_data="call", phone_number=BAKERY, fallback_url=URL),
    sdk.RcsSuggestionActionViewLocation(
        text="Find us",
        postback_data="map",
        latitude="51.5",
        longitude="-0.1",
        pin_label="The bakery",
        fallback_url=URL,
    ),
    sdk.RcsSuggestionActionShareLocation(text="Deliver here", postback_data="here"),
    sdk.RcsSuggestionActionOpenUrl(text="Open", postback_data="open", url=URL, description=CAPTION),
    sdk.RcsSuggestionActionOpenUrlWebview(
        text="Look", postback_data="look", url=URL, description=CAPTION, view_mode="TALL"
    ),
    sdk.RcsSuggestionActionCreateCalendarEvent(
        text="Remind me",
        postback_data="event",
        start_time="2026-03-02T12:00:00Z",
        end_time="2026-03-02T13:00:00Z",
        title="Cupcakes",
        description=CAPTION,
        fallback_url=URL,
    ),
]
card = sdk.RcsCard(
    title="Cupcakes",
    text="Ready to take home",
    media_url=URL,
    media_description=CAPTION,
    media_height="TALL",
    thumbnail_url=URL,
    media_force_refresh=True,
    suggestions=suggestions[:4],
)

_MESSAGES = [
    sms(
        text="Your cupcakes are ready! 🧁",
        sms=sdk.SmsOptions(encoding_type="unicode", content_id="1107457532145798767", entity_id="110", pool_id="p1"),
    ),
    sdk.MmsText(**mms, text="Ready"),
    sdk.MmsImage(**mms, image=media),
    sdk.MmsVcard(**mms, vcard=media),
    sdk.MmsAudio(**mms, audio=media),
    sdk.MmsVideo(**mms, video=media),
    sdk.MmsFile(**mms, file=media),
    sdk.MmsContent(
        **mms,
        content=[
            sdk.MmsContentItemImage(url=URL, caption=CAPTION),
            sdk.MmsContentItemAudio(url=URL, caption=CAPTION),
            sdk.MmsContentItemVideo(url=URL, caption=CAPTION),
            sdk.MmsContentItemFile(url=URL, caption=CAPTION),
            sdk.MmsContentItemVcard(url=URL, caption=CAPTION),
        ],
    ),
    sdk.RcsText(**rcs, rcs=rcs_options, text="Ready", suggestions=suggestions),
    sdk.RcsImage(**rcs, rcs=rcs_options, image=rcs_media),
    sdk.RcsVideo(**rcs, rcs=rcs_options, video=rcs_media),
    sdk.RcsFile(**rcs, rcs=rcs_options, file=rcs_media),
    sdk.RcsCardMessage(
        **rcs,
        rcs=sdk.RcsOptionsCard(category="promotion", card_orientation="HORIZONTAL", image_alignment="RIGHT"),
        card=card,
    ),
    sdk.RcsCarouselMessage(
        **rcs,
        rcs=sdk.RcsOptionsCarousel(category="promotion", card_width="MEDIUM"),
        carousel=sdk.RcsCarousel(cards=[card, card]),
        suggestions=suggestions,
    ),
    sdk.RcsCustom(**rcs, rcs=rcs_options, custom={"contentMessage": {"text": "Ready"}}),
    sdk.WhatsappText(**whatsapp, text="Ready"),
    sdk.WhatsappImage(**whatsapp, image=sdk.WhatsappImageResource(url=URL, caption=CAPTION)),
    sdk.WhatsappAudio(**whatsapp, audio=sdk.WhatsappAudioResource(url=URL)),
    sdk.WhatsappVideo(**whatsapp, video=sdk.WhatsappVideoResource(url=URL, caption=CAPTION)),
    sdk.WhatsappFile(**whatsapp, file=sdk.WhatsappFileResource(url=URL, caption=CAPTION, name="menu.pdf")),
    sdk.WhatsappTemplate(
        **whatsapp,
        template=sdk.WhatsappTemplateResource(name="bakery:ready", parameters=["Ann", "12"]),
        whatsapp=sdk.WhatsappTemplateSettings(locale="en_GB", policy="deterministic"),
    ),
    sdk.WhatsappSticker(**whatsapp, sticker=sdk.WhatsappStickerUrl(url=URL)),
    sdk.WhatsappSticker(**whatsapp, sticker=sdk.WhatsappStickerId(id="7")),
    sdk.WhatsappCustom(**whatsapp, custom={"type": "interactive", "interactive": {"body": {"text": "Ready"}}}),
    sdk.MessengerText(**messenger, text="Ready"),
    sdk.MessengerImage(**messenger, image=messenger_media),
    sdk.MessengerAudio(**messenger, audio=messenger_media),
    sdk.MessengerVideo(**messenger, video=messenger_media),
    sdk.MessengerFile(**messenger, file=messenger_media),
    sdk.ViberText(**viber, text="Ready", viber_service=sdk.ViberTextOptions(**viber_button)),
    sdk.ViberImage(
        **viber,
        image=sdk.ViberImageResource(url=URL, caption=CAPTION),
        viber_service=sdk.ViberImageOptions(**viber_button),
    ),
    sdk.ViberVideo(
        **viber,
        video=sdk.ViberVideoResource(url=URL, thumb_url=URL, caption=CAPTION),
        viber_service=sdk.ViberVideoOptions(**viber_options, duration="30", file_size="2"),
    ),
    sdk.ViberFile(
        **viber,
        file=sdk.ViberFileResource(url=URL, name="menu.pdf"),
        viber_service=sdk.ViberFileOptions(**viber_options),
    ),
]
MESSAGES: dict[str, BaseModel] = {f"{number}-{type(each).__name__}": each for number, each in enumerate(_MESSAGES)}
FALLBACK = sms(text="Your cupcakes are ready!")
NO_MESSAGES = {sdk.BaseMessage, sdk.RcsSuggestionBase, sdk.ReplyingIndicatorText}
"""Models that are no part of any message: bases, and one for another call."""

each_message = pytest.mark.parametrize("name", MESSAGES)


def send(stack: Stack, message: BaseModel, to: str, **failover: list[BaseModel]) -> Exchange:
    """As the SDK is used, whatever the answer; an SDK of its own for each, so that several can send at once."""
    private_key = Path(stack.private_key_path).read_text(encoding="utf-8")
    client = vonage_sdk(stack.api_url, Auth(application_id=stack.application_id, private_key=private_key))
    with client.http_client._session, contextlib.suppress(HttpRequestError):
        client.messages.send(message.model_copy(update={"to": to}), **failover)
    response = client.http_client.last_response
    return Exchange(json.loads(response.request.body), response.status_code, response.json())


def send_all(stack: Stack, to: str, **failover: list[BaseModel]) -> dict[str, Exchange]:
    with ThreadPoolExecutor(4) as threads:
        sent = threads.map(lambda message: send(stack, message, to, **failover), MESSAGES.values())
        return dict(zip(MESSAGES, sent, strict=True))


@pytest.fixture(scope="module")
def plain(shared_stack: Stack) -> dict[str, Delivery]:
    """Each message by itself."""
    shared_stack.simulator("DELETE", "/phones")
    return deliveries(shared_stack, send_all(shared_stack, new_number()))


@pytest.fixture(scope="module")
def failed_over(shared_stack: Stack) -> dict[str, Delivery]:
    """Each message to a phone that takes none, with an SMS to another number behind it."""
    shared_stack.simulator("DELETE", "/phones")
    number, fallback = new_number(), FALLBACK.model_copy(update={"to": new_number()})
    block(shared_stack, CHANNELS, number)
    return deliveries(shared_stack, send_all(shared_stack, number, failover=[fallback]))


def options(models: Iterable[object]) -> set[tuple[type, str]]:
    """Every field that has a value in any of these models, however deep."""
    found: set[tuple[type, str]] = set()
    for model in models:
        if isinstance(model, list):
            found |= options(model)
        elif isinstance(model, BaseModel):
            values = {name: value for name, value in model if value is not None}
            found |= {(type(model), name) for name in values} | options(values.values())
    return found


def test_no_message_and_no_option_of_the_sdk_is_left_out() -> None:
    models = [each for each in vars(sdk).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    known = {(each, name) for each in models if each not in NO_MESSAGES for name in each.model_fields}
    assert options(MESSAGES.values()) == known


@each_message
def test_a_message_arrives_as_it_was_sent(plain: dict[str, Delivery], name: str) -> None:
    delivery = plain[name]
    assert delivery.exchange.status == 202, delivery.exchange.answer
    (message_uuid,) = delivery.message_uuids
    assert delivery.exchange.answer["message_uuid"] == message_uuid
    assert delivery.received == [[passed_on(delivery.exchange.sent, message_uuid)]]
    assert delivery.shown == [True]


@each_message
def test_a_rejected_message_is_followed_by_its_fallback(failed_over: dict[str, Delivery], name: str) -> None:
    delivery = failed_over[name]
    ((fallback,), sent) = delivery.exchange.sent["failover"], delivery.exchange.sent
    assert delivery.exchange.status == 202, delivery.exchange.answer
    first, second = delivery.message_uuids
    assert delivery.exchange.answer["message_uuid"] == first
    assert delivery.received == [[passed_on(sent, first)], [passed_on(fallback, second)]]
    assert delivery.shown == [False, True]


def with_a_secret(stack: Stack, secret: str) -> Vonage:
    return vonage_sdk(stack.api_url, Auth(api_key=stack.client_name, api_secret=secret))


def test_a_clients_name_and_secret_go_where_the_api_key_and_secret_went(stack: Stack) -> None:
    client = with_a_secret(stack, stack.client_secret)
    with client.http_client._session:
        answer = client.messages.send(FALLBACK.model_copy(update={"to": new_number()}))
    assert stack.wait_for_dispatch(answer.workflow_id, over)["outcome"] == "succeeded"


def test_our_errors_are_those_that_the_sdk_knows(stack: Stack) -> None:
    known, stranger = with_a_secret(stack, stack.client_secret), with_a_secret(stack, "wrong")
    with known.http_client._session, stranger.http_client._session:
        with pytest.raises(AuthenticationError):
            stranger.messages.send(FALLBACK)
        with pytest.raises(HttpRequestError, match="422") as refused:
            known.messages.send(sms(text=""))
    assert [fault["name"] for fault in refused.value.response.json()["invalid_parameters"]] == ["text"]
