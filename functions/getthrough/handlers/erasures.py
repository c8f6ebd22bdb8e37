"""ErasuresFunction: erase a customer, show the receipt, export what is stored of a customer."""

import json
from base64 import urlsafe_b64decode
from functools import cache

from getthrough.adapters.contact_hash import hash_of
from getthrough.adapters.dynamo_contacts import DynamoAliases
from getthrough.adapters.dynamo_erasures import DynamoErasures
from getthrough.adapters.personal_items import exported
from getthrough.adapters.secrets import contact_key
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import ContactConfig
from getthrough.domain.erasure.erasure import Place, describe_erasure
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation, found
from getthrough.domain.values.identifiers import is_erasure_uuid
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import Response, respond
from getthrough.handlers._parameters import address, opaque
from getthrough.observability import count, logger
from getthrough.usecases.erase_contact import ask_erasure
from getthrough.usecases.export_contact import export_contact
from getthrough.usecases.ports import Erasing

_LONGEST_CURSOR = 4_200
"""Characters. The keys of the table have 3 KB at most, and base64 makes four characters of three bytes."""


@cache
def _composed() -> Erasing:
    config = ContactConfig.from_env()
    key = hash_of(contact_key(config.secret_id))
    return Erasing(
        aliases=DynamoAliases(config.table_name),
        erasures=DynamoErasures(config.table_name, config.retention, key),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        new_id=new_id,
    )


@for_clients(ContactConfig)
def handler(request: ClientRequest) -> Response:
    """202 with the receipt once an erasure is certain to be carried out; a page of an export as JSON lines."""
    match request.route:
        case "DELETE /v1/contacts/{channel}/{address}":
            return _erase(request)
        case "GET /v1/contacts/{channel}/{address}/export":
            return _export(request)
        case "GET /v1/erasures/{erasure_uuid}":
            erasure_uuid = request.path["erasure_uuid"]
            known = _composed().erasures.get(erasure_uuid) if is_erasure_uuid(erasure_uuid) else None
            return respond(200, describe_erasure(found(known)))
        case _:
            raise NotFoundError


def _erase(request: ClientRequest) -> Response:
    erasure = ask_erasure(_composed(), address(request.path), request.client_name)
    count("ErasureAsked")
    logger.info("erasure asked", extra={"client": request.client_name, "erasure_uuid": erasure.erasure_uuid})
    return respond(202, describe_erasure(erasure))


def _export(request: ClientRequest) -> Response:
    page = export_contact(_composed(), address(request.path), _cursor(request))
    lines = [json.dumps(exported(personal, page.contacts), ensure_ascii=False) + "\n" for personal in page.found]
    logger.info("exported", extra={"client": request.client_name, "lines": len(lines), "more": page.place is not None})
    cursor = {"x_next_cursor": opaque(json.dumps(page.place, ensure_ascii=False)) or ""} if page.place else {}
    answer = respond(200, {}, content_type="application/x-ndjson", **cursor)
    return {**answer, "body": "".join(lines)}


def _cursor(request: ClientRequest) -> Place | None:
    violations = [Violation(name, "is not a parameter of this request.") for name in request.query if name != "cursor"]
    text = request.query.get("cursor")
    place = _place(text) if text is not None else None
    if text is not None and place is None:
        violations.append(Violation("cursor", "must be the x-next-cursor of the page before."))
    if violations:
        raise InvalidRequestError(*violations)
    return place


def _place(text: str) -> Place | None:
    try:
        pk, sk = json.loads(urlsafe_b64decode(text[:_LONGEST_CURSOR] + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        return None
    return (pk, sk) if isinstance(pk, str) and isinstance(sk, str) and pk and sk else None
