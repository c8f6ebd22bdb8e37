"""The side of the simulator that Vonage does not have: phones, faults, and what was received and delivered.

GET    /phones                              all phones, in the order in which they appeared (shape: `phones`)
GET    /phones/{channel}/{address}          one phone
PUT    /phones/{channel}/{address}          change its settings; it need not have been written to
POST   /phones/{channel}/{address}/read     read what is on the screen now -> {"read": how many}
POST   /phones/{channel}/{address}/reply    {"text": "...", "to": "..."}; without `to`: to the last sender
DELETE /phones                              forget phones, faults, requests, webhooks; stop all retries
GET    /faults, PUT /faults                 what goes wrong on purpose (shape: `faults`)
GET    /requests?to=...                     what clients sent to /v1/messages, oldest first
GET    /webhooks?message_uuid=...           every attempt to deliver a webhook, oldest first
GET    /health                              {"status": "ok"}
GET    /account, PUT /account               what is set up wrong on purpose (shape: `account`)
GET    /about                               {"status_url", "inbound_url", "speed", "sends"}: its settings
POST   /send                                a message for the API that our webhooks go to, sent as its local client

A reply can be whatever the channel takes from a customer (`rules.INBOUND`), and quote a message that is on the phone:
{"message_type": "location", "location": {"lat": 51.5, "long": -0.1}, "context": {"message_uuid": "..."}}. With
"webhook_version": "v0.1" its webhook has the old shape. An MMS may be answered by SMS: {"text": "...", "by": "sms"}.
WhatsApp's notices are {"message_type": "system", "system": {"type": "user_changed_number", "body": "..."}}. The names
in `system` are Meta's, because Vonage publishes none.

A request: {"at", "method", "path", "answer": 202 | "dropped" | "hung", "body", "message_uuid"}; a body that
is not JSON is shown as a string. An attempt: {"at", "kind": "status" | "inbound", "url", "message_uuid",
"attempt", "signed", "answer": 200 | "timeout" | "no connection (...)", "body"}; `answer` is null meanwhile.
"""

import json
from typing import Any
from urllib.parse import urljoin

import aiohttp
from aiohttp import web

from local.vonage_simulator import checks
from local.vonage_simulator.account import BadSwitchError
from local.vonage_simulator.faults import BadFaultsError
from local.vonage_simulator.phones import BadSettingsError, Phone
from local.vonage_simulator.rules import CHANNELS
from local.vonage_simulator.simulator import SIMULATOR

routes = web.RouteTableDef()

ANSWERED_BY = {"mms": ("sms",)}
"""Phones answer an MMS with a text by SMS."""


@routes.get("/health")
async def health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/about")
async def about(request: web.Request) -> web.Response:
    config = request.app[SIMULATOR].config
    reported = {"status_url": config.status_url, "inbound_url": config.inbound_url, "speed": config.speed}
    return web.json_response({**reported, "sends": bool(config.client_name)})


@routes.post("/send")
async def send(request: web.Request) -> web.Response:
    """Send the page's example, so that trying it needs no terminal."""
    config = request.app[SIMULATOR].config
    if not config.client_name:
        raise _refuse(404, "this simulator knows no client of an API")
    url = urljoin(config.status_url, "/v1/messages")
    credentials = aiohttp.BasicAuth(config.client_name, config.client_secret)
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
            session.post(url, json=await _json(request), auth=credentials) as answer,
        ):
            if answer.status != 202:
                raise _refuse(502, f"the API answered {answer.status}")
            return web.json_response(await answer.json())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _refuse(502, "the API does not answer") from error


@routes.get("/phones")
async def list_phones(request: web.Request) -> web.Response:
    return web.json_response([phone.as_json() for phone in request.app[SIMULATOR].network.phones.values()])


@routes.delete("/phones")
async def reset(request: web.Request) -> web.Response:
    await request.app[SIMULATOR].reset()
    return web.Response(status=204)


@routes.get("/phones/{channel}/{address}")
async def get_phone(request: web.Request) -> web.Response:
    return web.json_response(_phone(request).as_json())


@routes.put("/phones/{channel}/{address}")
async def put_phone(request: web.Request) -> web.Response:
    channel, address = request.match_info["channel"], request.match_info["address"]
    if channel not in CHANNELS:
        raise _refuse(404, f"there is no channel {channel}")
    try:
        phone = request.app[SIMULATOR].network.set_phone(channel, address, await _json(request))
    except BadSettingsError as wrong:
        raise _refuse(422, str(wrong)) from wrong
    return web.json_response(phone.as_json())


@routes.post("/phones/{channel}/{address}/read")
async def read(request: web.Request) -> web.Response:
    phone = _online(request)
    return web.json_response({"read": request.app[SIMULATOR].network.read_now(phone)})


@routes.post("/phones/{channel}/{address}/reply")
async def reply(request: web.Request) -> web.Response:
    phone, body = _online(request), await _json(request)
    if not isinstance(body, dict):
        raise _refuse(422, "the body must be an object")
    channel = body.get("by", phone.channel)
    if channel not in (phone.channel, *ANSWERED_BY.get(phone.channel, ())):
        raise _refuse(422, f"a phone for {phone.channel} does not answer by {channel}")
    around = {"to", "by", "webhook_version"}
    content = {"message_type": "text", **{name: body[name] for name in body if name not in around}}
    if wrong := checks.reply_faults(channel, content):
        raise _refuse(422, " ".join(f"{one.name} {one.reason}" for one in wrong))
    if "context" in content and content["context"]["message_uuid"] not in {m.uuid for m in phone.messages}:
        raise _refuse(422, "context.message_uuid must be that of a message on this phone")
    if (version := body.get("webhook_version", "v1")) not in {"v0.1", "v1"}:
        raise _refuse(422, "webhook_version must be v0.1 or v1")
    to = body.get("to") or next((m.body["from"] for m in phone.messages[::-1] if m.direction == "received"), None)
    if not isinstance(to, str):
        raise _refuse(422, "this phone has received no message yet: name the recipient in `to`")
    message = request.app[SIMULATOR].network.reply(phone, to, {"channel": channel, **content}, version)
    return web.json_response(message.as_json(), status=201)


@routes.get("/account")
async def get_account(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATOR].account.as_json())


@routes.put("/account")
async def put_account(request: web.Request) -> web.Response:
    account = request.app[SIMULATOR].account
    try:
        account.turn(await _json(request))
    except BadSwitchError as wrong:
        raise _refuse(422, str(wrong)) from wrong
    return web.json_response(account.as_json())


@routes.get("/faults")
async def get_faults(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATOR].faults.as_json())


@routes.put("/faults")
async def put_faults(request: web.Request) -> web.Response:
    faults = request.app[SIMULATOR].faults
    try:
        faults.put(await _json(request))
    except BadFaultsError as wrong:
        raise _refuse(422, str(wrong)) from wrong
    return web.json_response(faults.as_json())


@routes.get("/requests")
async def requests(request: web.Request) -> web.Response:
    entries, to = request.app[SIMULATOR].requests, request.query.get("to")
    if to is not None:
        entries = [entry for entry in entries if isinstance(entry["body"], dict) and entry["body"].get("to") == to]
    return web.json_response(entries)


@routes.get("/webhooks")
async def webhooks(request: web.Request) -> web.Response:
    entries, wanted = request.app[SIMULATOR].webhooks.attempts, request.query.get("message_uuid")
    if wanted is not None:
        entries = [entry for entry in entries if entry["message_uuid"] == wanted]
    return web.json_response(entries)


def _phone(request: web.Request) -> Phone:
    key = request.match_info["channel"], request.match_info["address"]
    phone = request.app[SIMULATOR].network.phones.get(key)
    if phone is None:
        raise _refuse(404, "this phone has received no message yet")
    return phone


def _online(request: web.Request) -> Phone:
    phone = _phone(request)
    if phone.mode == "airplane":
        raise _refuse(409, "this phone is in airplane mode")
    return phone


async def _json(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError as wrong:
        raise _refuse(422, f"the body is not JSON: {wrong}") from wrong


def _refuse(status: int, detail: str) -> web.HTTPException:
    kinds: dict[int, type[web.HTTPException]] = {
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
        422: web.HTTPUnprocessableEntity,
        502: web.HTTPBadGateway,
    }
    return kinds[status](text=json.dumps({"detail": detail}), content_type="application/json")
