"""Convert a dispatch to and from its item in the table.

The plan never changes and may hold any JSON, so it is stored as text. Facts that change are attributes, which are
readable in the AWS console. Attributes that only serve an index or a filter are written but never read back.

DynamoDB charges each write by the kilobyte, so the item has nothing twice and nothing that is as usual (`_USUAL`). When
it was created is in `newest_at`. All times of an attempt are seconds after that.

`layout` says how an item is written. Items of the layout before are read too: they have no `layout`, they have all that
is usual, and their times are texts.
"""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.plan_items import (
    from_steps,
    json_text,
    moment,
    to_quiet_hours,
    to_steps,
)
from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import (
    Answer,
    AnswerKind,
    Attempt,
    Because,
    ClientSuccess,
    Closing,
    Dispatch,
    InBatch,
    Limited,
    OnUnknown,
    Outcome,
    Reserved,
    Revocation,
)
from getthrough.domain.dispatch.erased_dispatch import texts_until
from getthrough.domain.event.webhook import Usage
from getthrough.domain.message.arrivals import Chosen, Why
from getthrough.domain.message.status import Status
from getthrough.domain.values.quiet_hours import describe_quiet_hours
from getthrough.domain.values.rfc3339 import from_text, to_text

Attributes = dict[str, Any]

LAYOUT = 2
"""How items are written from now on. Another one gets the next number, and its reader still understands this one."""

_MILLISECOND = timedelta(milliseconds=1)
_TIMES = ("claimed_at", "window_from", "tried_at", "answered_at", "retry_at", "arrived_at", "replied_at", "stopped_at")
_MOMENTS = ("send_at", "held_until", "slot_at", "erased_at", "texts_until", "texts_removed_at")
"""The times of a dispatch that are texts, if it has them."""
_USUAL = {"because": Because.FIRST, "tries": 1, "resent": False, "throttled_before": 0}
"""What an attempt has if its item does not say otherwise. It is tried when it is claimed, and its window begins with
the answer. An answer that is not described otherwise accepted the message with 202."""

_ACCEPTED = 202


def to_attributes(dispatch: Dispatch, retention: timedelta, texts: timedelta | None = None) -> Attributes:
    """The item. It expires `retention` after its last step was sent, or after its planned end while it is open. If
    `texts` are kept for a shorter time, it is due again when that ends."""
    attributes = {
        **table_keys.dispatch(dispatch.dispatch_uuid),
        "layout": LAYOUT,
        "version": dispatch.version,
        "client_name": dispatch.client_name,
        **table_keys.newest(table_keys.DISPATCHES, dispatch.created_at, dispatch.dispatch_uuid),
        "plan": from_steps(dispatch.steps),
        "attempts": [_from_attempt(attempt, dispatch.created_at) for attempt in dispatch.attempts],
        "expires_at": expires_at(dispatch, retention),
    }
    of_request = {"request_sha256": dispatch.request_sha256, "request_id": dispatch.request_id}
    attributes |= {name: value for name, value in of_request.items() if value is not None}
    until = texts_until(dispatch, texts)
    moments = {name: getattr(dispatch, name) for name in _MOMENTS} | {"texts_until": until}
    attributes |= {name: to_text(at) for name, at in moments.items() if at is not None}
    if dispatch.on_unknown is not OnUnknown.MOVE_ON:
        attributes["on_unknown"] = str(dispatch.on_unknown)
    if dispatch.quiet_hours is not None:
        attributes["quiet_hours"] = describe_quiet_hours(dispatch.quiet_hours)
    if dispatch.batch is not None:
        attributes |= {"batch_uuid": dispatch.batch.batch_uuid, "recipient": dispatch.batch.number}
    if dispatch.limited:
        attributes["limited"] = [_from_limited(met) for met in dispatch.limited]
    if dispatch.test:
        attributes["test"] = True
    if dispatch.closed is not None:
        attributes["closed"] = {"outcome": str(dispatch.closed.outcome), "at": to_text(dispatch.closed.at)}
    if dispatch.client_success is not None:
        at, reason = dispatch.client_success
        attributes["client_success"] = {"at": to_text(at)} | ({"reason": reason} if reason is not None else {})
    if dispatch.outcome is not None:
        attributes["outcome"] = str(dispatch.outcome)
    if dispatch.outcome not in (None, Outcome.SUCCEEDED):
        attributes["unsuccessful"] = str(dispatch.outcome)
    attributes |= _due(dispatch, until)
    return attributes


def _due(dispatch: Dispatch, texts_until: datetime | None) -> Attributes:
    """Its place in the index of the tick: while it is under way, and then until its texts are removed."""
    under_way = failover.indexed_at(dispatch)
    at = under_way or texts_until
    if at is None:
        return {}
    armed = under_way is not None and failover.is_armed(dispatch, under_way)
    shard_of = table_keys.armed_shard if armed else table_keys.due_shard
    return {"due_shard": shard_of(dispatch.dispatch_uuid), "due_at": to_text(at)}


def expires_at(dispatch: Dispatch, retention: timedelta) -> int:
    """When the item, and what hangs on it, may be deleted, in seconds since 1970."""
    last_claim = dispatch.attempts[-1].tried_at if dispatch.attempts else dispatch.created_at
    return int((max(last_claim, failover.wake_at(dispatch) or last_claim) + retention).timestamp())


def from_attributes(attributes: Attributes) -> Dispatch:
    closed, success, quiet_hours = (attributes.get(name) for name in ("closed", "client_success", "quiet_hours"))
    created_at = from_text(table_keys.newest_time(attributes["newest_at"]))
    return Dispatch(
        dispatch_uuid=table_keys.dispatch_uuid(attributes["pk"]),
        client_name=attributes["client_name"],
        created_at=created_at,
        steps=to_steps(attributes["plan"]),
        attempts=tuple(_to_attempt(attempt, created_at) for attempt in attributes["attempts"]),
        on_unknown=OnUnknown(attributes.get("on_unknown", OnUnknown.MOVE_ON)),
        quiet_hours=to_quiet_hours(quiet_hours) if quiet_hours else None,
        batch=InBatch(attributes["batch_uuid"], int(attributes["recipient"])) if "batch_uuid" in attributes else None,
        limited=tuple(_to_limited(met) for met in attributes.get("limited", ())),
        closed=Closing(Outcome(closed["outcome"]), from_text(closed["at"])) if closed else None,
        client_success=ClientSuccess(from_text(success["at"]), success.get("reason")) if success else None,
        request_sha256=attributes.get("request_sha256"),
        request_id=attributes.get("request_id"),
        test=attributes.get("test", False),
        version=int(attributes["version"]),
        **{name: moment(attributes.get(name)) for name in _MOMENTS},
    )


def in_full(attributes: Attributes) -> Attributes:
    """An item with its times as texts, for people who do not know how it is written."""
    created_at = from_text(table_keys.newest_time(attributes["newest_at"]))
    attempts = [
        attempt | {name: to_text(_moment(attempt[name], created_at)) for name in _TIMES if name in attempt}
        for attempt in attributes["attempts"]
    ]
    return attributes | {"created_at": to_text(created_at), "attempts": attempts}


def _from_limited(met: Limited) -> Attributes:
    attributes = {"step": met.step, "limit": met.limit, "most": met.most, "at": to_text(met.at)}
    return attributes | ({"until": to_text(met.until)} if met.until else {})


def _to_limited(attributes: Attributes) -> Limited:
    step, until = int(attributes["step"]), moment(attributes.get("until"))
    return Limited(step, attributes["limit"], attributes["most"], from_text(attributes["at"]), until)


def _from_attempt(attempt: Attempt, created_at: datetime) -> Attributes:
    attributes: Attributes = {"claim_id": attempt.claim_id}
    times = {name: at for name in _TIMES if (at := getattr(attempt, name)) is not None}
    usual = {"tried_at": attempt.claimed_at, "window_from": attempt.answered_at or attempt.claimed_at}
    attributes |= {name: _seconds(at, created_at) for name, at in times.items() if at != usual.get(name)}
    for name, value in _USUAL.items():
        if (ours := getattr(attempt, name)) != value:
            attributes[name] = str(ours) if name == "because" else ours
    if attempt.answer is not None:
        attributes["answer"] = _from_answer(attempt.answer)
    if attempt.status is not None:
        attributes["status"] = str(attempt.status)
    if attempt.usage is not None:
        attributes["usage"] = {"price": str(attempt.usage.price), "currency": attempt.usage.currency}
    if attempt.revocation is not None:
        attributes["revocation"] = {"at": to_text(attempt.revocation.at), "accepted": attempt.revocation.accepted}
    if attempt.throttled:
        attributes["throttled"] = sorted(attempt.throttled)
    if (reserved := attempt.reserved) is not None:
        amount, currency, at, limits = reserved
        attributes["reserved"] = {"amount": amount, "currency": currency, "at": to_text(at), "limits": [*limits]}
    if (chosen := attempt.chosen) is not None:
        attributes["chosen"] = {**chosen._asdict(), "why": str(chosen.why)}
    if attempt.contact is not None:
        attributes["contact"] = {"kind": attempt.contact.kind, "address": attempt.contact.address}
    return attributes


def _to_attempt(attributes: Attributes, created_at: datetime) -> Attempt:
    answer, status, usage, revocation = (attributes.get(name) for name in ("answer", "status", "usage", "revocation"))
    times = {name: _moment(attributes[name], created_at) for name in _TIMES if name in attributes}
    claimed_at = times["claimed_at"]
    usual = {"tried_at": claimed_at, "window_from": times.get("answered_at", claimed_at)}
    said = {name: attributes.get(name, value) for name, value in _USUAL.items()}
    return Attempt(
        claim_id=attributes["claim_id"],
        because=Because(said["because"]),
        tries=int(said["tries"]),
        resent=said["resent"],
        answer=_to_answer(answer) if answer is not None else None,
        status=Status(status) if status else None,
        usage=Usage(Decimal(usage["price"]), usage["currency"]) if usage else None,
        revocation=Revocation(from_text(revocation["at"]), revocation["accepted"]) if revocation else None,
        throttled=frozenset(attributes.get("throttled", ())),
        throttled_before=int(said["throttled_before"]),
        contact=Contact(contact["kind"], contact["address"]) if (contact := attributes.get("contact")) else None,
        reserved=_to_reserved(attributes["reserved"]) if "reserved" in attributes else None,
        chosen=_to_chosen(attributes["chosen"]) if "chosen" in attributes else None,
        **{**usual, **times},
    )


def _seconds(at: datetime, created_at: datetime) -> Decimal:
    """How long after the creation, to the millisecond, as both are stored."""
    return Decimal((from_text(to_text(at)) - from_text(to_text(created_at))) // _MILLISECOND) / 1000


def _moment(stored: str | Decimal, created_at: datetime) -> datetime:
    return from_text(stored) if isinstance(stored, str) else created_at + int(stored * 1000) * _MILLISECOND


def _to_chosen(attributes: Attributes) -> Chosen:
    window, seen = int(attributes["window"]), int(attributes["seen"])
    return Chosen(window, Why(attributes["why"]), seen, attributes["changed"], attributes["cut"])


def _to_reserved(attributes: Attributes) -> Reserved:
    at, limits = from_text(attributes["at"]), tuple(attributes["limits"])
    return Reserved(Decimal(attributes["amount"]), attributes["currency"], at, limits)


def _from_answer(answer: Answer) -> Attributes:
    accepted = answer.kind is AnswerKind.ACCEPTED
    attributes: Attributes = {} if accepted else {"kind": str(answer.kind)}
    if answer.account:
        attributes["account"] = True
    if answer.http_status != (_ACCEPTED if accepted else None):
        attributes["http_status"] = answer.http_status
    if answer.vonage_message_uuid is not None:
        attributes["vonage_message_uuid"] = answer.vonage_message_uuid
    if answer.problem is not None:
        attributes["problem"] = json_text(dict(answer.problem))
    return attributes


def _to_answer(attributes: Attributes) -> Answer:
    kind, problem = AnswerKind(attributes.get("kind", AnswerKind.ACCEPTED)), attributes.get("problem")
    # The layout before has the kind of each answer, and its status if there was one.
    http_status = attributes.get("http_status", None if "kind" in attributes else _ACCEPTED)
    return Answer(
        kind=kind,
        http_status=int(http_status) if http_status is not None else None,
        vonage_message_uuid=attributes.get("vonage_message_uuid"),
        problem=json.loads(problem) if problem else None,
        account=attributes.get("account", False),
    )
