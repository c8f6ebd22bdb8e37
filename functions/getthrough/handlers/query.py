"""QueryFunction: the routes that only read: dispatches, messages, days, conversations, the client itself."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from getthrough.adapters.channel_health import DynamoChannelHealth
from getthrough.adapters.contact_hash import hash_of
from getthrough.adapters.dynamo_arrivals import DynamoArrivals
from getthrough.adapters.dynamo_audit import DynamoAudit
from getthrough.adapters.dynamo_contacts import DynamoAliases, DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.adapters.dynamo_settings import DynamoSettings
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.adapters.secrets import clients, contact_key
from getthrough.adapters.system import utc_now
from getthrough.config import QueryConfig
from getthrough.domain.client import audit, client_view
from getthrough.domain.client.scopes import Client, Scope
from getthrough.domain.conversation.conversation import describe_inbound
from getthrough.domain.dispatch import description
from getthrough.domain.dispatch.day import describe_day
from getthrough.domain.limit.limit_view import Bound, LimitsView, describe_limits, is_shared, shown
from getthrough.domain.message.arrivals_view import describe_arrivals
from getthrough.domain.message.health_view import describe_health
from getthrough.domain.shared.settings import describe_settings
from getthrough.domain.values.errors import NotFoundError, found
from getthrough.domain.values.identifiers import is_dispatch_uuid
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import Response, respond
from getthrough.handlers._init import during_init, load
from getthrough.handlers._parameters import address, audit_filter, day, dispatch_filter, listed, opaque, page
from getthrough.observability import logger
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Reading
from getthrough.usecases.read import read_conversation, read_message


@cache
def _composed() -> Reading:
    config = QueryConfig.from_env()
    return Reading(
        aliases=DynamoAliases(config.table_name),
        dispatches=DynamoDispatches(config.table_name),
        events=DynamoStatusEvents(config.table_name),
        conversations=DynamoConversations(config.table_name),
        opt_outs=DynamoOptOuts(config.table_name, hash_of(contact_key(config.secret_id))),
        clock=utc_now,
    )


@cache
def _trail() -> DynamoAudit:
    return DynamoAudit(QueryConfig.from_env().table_name)


@cache
def _channels() -> DynamoChannelHealth:
    return DynamoChannelHealth(QueryConfig.from_env().table_name, utc_now)


@cache
def _arrivals() -> DynamoArrivals:
    return DynamoArrivals(QueryConfig.from_env().table_name)


@cache
def _settings() -> DynamoSettings:
    return DynamoSettings(QueryConfig.from_env().table_name)


@cache
def _figures() -> DynamoFigures:
    return DynamoFigures(QueryConfig.from_env().table_name)


@for_clients(QueryConfig)
def handler(request: ClientRequest) -> Response:
    """Answer with JSON and an ETag, or 304 if the client's copy is current."""
    answer = respond(200, _read(request), cache_control="private, no-cache")
    etag = f'"{hashlib.sha256(answer["body"].encode()).hexdigest()[:32]}"'
    answer["headers"]["etag"] = etag
    if request.header("if-none-match") == etag:
        answer = {"statusCode": 304, "headers": {"etag": etag, "cache-control": "private, no-cache"}}
    extra = {"route": request.route, "client": request.client_name, "status": answer["statusCode"]}
    logger.info("read", extra=extra)
    return answer


def _read(request: ClientRequest) -> Mapping[str, object]:
    ports, path, query = _composed(), request.path, request.query
    match request.route:
        case "GET /v1/dispatches":
            asked, only = dispatch_filter(query)
            if only.contacts:
                only = only._replace(contacts=contacts_of(ports, only.contacts[0]))
            return listed("dispatches", ports.dispatches.newest(*asked, only), description.summarize)
        case "GET /v1/dispatches/{dispatch_uuid}":
            dispatch_uuid = path["dispatch_uuid"]
            dispatch = found(ports.dispatches.get(dispatch_uuid) if is_dispatch_uuid(dispatch_uuid) else None)
            return description.describe(dispatch, ports.events.of(dispatch_uuid))
        case "GET /v1/messages/{message_uuid}":
            return read_message(ports, path["message_uuid"])
        case "GET /v1/days/{date}":
            the_day = day(path, query)
            return describe_day(the_day, _figures().between(the_day.since, the_day.before))
        case "GET /v1/conversations":
            return listed("conversations", ports.conversations.newest(*page(query)), describe_inbound)
        case "GET /v1/conversations/{channel}/{address}":
            conversation = read_conversation(ports, address(path), page(query))
            return {**conversation, "cursor": opaque(conversation["cursor"])}
        case _:
            return _of_stack(request)


def _of_stack(request: ClientRequest) -> Mapping[str, object]:
    """What is about no one customer."""
    match request.route:
        case "GET /v1/me":
            return client_view.describe(request.client)
        case "GET /v1/settings":
            return describe_settings(_settings().get())
        case "GET /v1/audit":
            return listed("entries", _trail().newest(*audit_filter(request.query)), audit.describe)
        case "GET /v1/limits":
            return _limits(request.client, utc_now())
        case "GET /v1/health":
            return describe_health(_channels().known(), utc_now())
        case "GET /v1/arrivals":
            return listed("arrivals", _arrivals().newest(page(request.query)), describe_arrivals)
        case _:
            raise NotFoundError


def _limits(client: Client, now: datetime) -> LimitsView:
    """The stack's limits and the client's own; for an admin, those of all clients."""
    from getthrough.handlers._limits import limits  # noqa: PLC0415 - loads the countries' numbers

    config = QueryConfig.from_env()
    known = clients(config.secret_id).get()
    names = sorted(known.clients) if client.may(Scope.ADMIN) else [client.name]
    bound: list[Bound] = [(None, limits(config)), *((name, known.limits_of(name)) for name in names)]
    counters = [counter for _, counter in shown(bound, now) if is_shared(counter.limit)]
    ended = [name for name, record in known.clients.items() if record.ended]
    return describe_limits(bound, DynamoCounters(config.table_name).counted(counters), now, ended)


during_init("dynamodb", "secretsmanager", also=(_composed, lambda: load(QueryConfig.from_env(), clients)))
