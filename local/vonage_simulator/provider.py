"""Vonage's side of the simulator: `POST /v1/messages` and `PATCH /v1/messages/{message_uuid}`.

The order of the checks is Vonage's: credentials, the balance, JSON, the body.
Every request is recorded, whatever its answer; its Authorization header is not.
"""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from local.vonage_simulator import answers, checks, tokens
from local.vonage_simulator.answers import Answer
from local.vonage_simulator.clock import timestamp
from local.vonage_simulator.faults import AnswerFault
from local.vonage_simulator.simulator import SIMULATOR, Simulator


async def send(request: web.Request) -> web.Response:
    simulator, (entry, body) = request.app[SIMULATOR], await _record(request)
    sender = tokens.refusal(simulator.account, request.headers.get("Authorization"))
    if isinstance(sender, Answer):
        return _respond(entry, sender)
    if simulator.account.switches.balance <= 0:
        return _respond(entry, answers.standard(402))
    to = body.get("to") if isinstance(body, dict) else None
    fault = simulator.faults.take_answer(to if isinstance(to, str) else None)
    if fault is None:
        return _respond(entry, _submit(simulator, sender, body, entry))
    return await _go_wrong(request, fault, entry, lambda: _submit(simulator, sender, body, entry))


async def update(request: web.Request) -> web.Response:
    simulator, (entry, body) = request.app[SIMULATOR], await _record(request)
    sender = tokens.refusal(simulator.account, request.headers.get("Authorization"))
    if isinstance(sender, Answer):
        return _respond(entry, sender)
    if isinstance(body, _NotJson):
        return _respond(entry, answers.invalid_json(str(body)))
    message = simulator.network.message(request.match_info["message_uuid"])
    if message is None:
        return _respond(entry, answers.standard(404))
    entry["message_uuid"] = message.uuid
    wanted = (
        message.body["channel"],
        message.direction,
        body.get("status") if isinstance(body, dict) else None,
    )
    if wanted == ("rcs", "received", "revoked"):
        simulator.network.revoke(message)
    elif wanted != ("whatsapp", "sent", "read"):  # that one only turns the writer's ticks blue
        return _respond(entry, answers.unsupported_operation())
    return _respond(entry, Answer(202, {}))


async def wrong_method(_request: web.Request) -> web.Response:
    """Vonage's gateway answers so to any other method."""
    return response(answers.standard(403))


class _NotJson(str):
    """In place of a body that could not be parsed: the reason."""


async def _record(request: web.Request) -> tuple[dict[str, Any], Any]:
    raw = await request.read()
    body: Any
    try:
        body = json.loads(raw)
    except ValueError as wrong:
        body = _NotJson(wrong)
    entry: dict[str, Any] = {
        "at": timestamp(),
        "method": request.method,
        "path": request.path,
        "answer": None,
        "body": raw.decode("utf-8", "replace") if isinstance(body, _NotJson) else body,
        "message_uuid": None,
    }
    request.app[SIMULATOR].requests.append(entry)
    return entry, body


def _submit(simulator: Simulator, application_id: str, body: Any, entry: dict[str, Any]) -> Answer:
    if isinstance(body, _NotJson):
        return answers.invalid_json(str(body))
    if not isinstance(body, dict):
        return answers.invalid_json("The body must be an object.")
    if refused := checks.refusal(body):
        return refused
    message = simulator.network.accept(body, application_id)
    entry["message_uuid"] = message.uuid
    accepted = {"message_uuid": message.uuid}
    if message.workflow is not None:
        accepted["workflow_id"] = message.workflow.id
    return Answer(202, accepted)


async def _go_wrong(
    request: web.Request, fault: AnswerFault, entry: dict[str, Any], submit: Callable[[], Answer]
) -> web.Response:
    simulator = request.app[SIMULATOR]
    answer = submit() if fault.accept else None
    if fault.status is not None:
        return _respond(entry, answers.standard(fault.status))
    if fault.hang is not None:
        entry["answer"] = "hung"
        await simulator.clock.sleep(fault.hang)
        return response(answer or answers.standard(504))
    entry["answer"] = "dropped"
    if request.transport is not None:
        request.transport.close()
    return web.Response()  # the connection is closed, so no client reads it


def _respond(entry: dict[str, Any], answer: Answer) -> web.Response:
    entry["answer"] = answer.status
    return response(answer)


def response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, text=answer.text, content_type=answer.content_type)
