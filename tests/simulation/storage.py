"""What the port calls of a process do to what is stored: the table, the queue and the webhooks as the real ones are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, Contact, contact_of, opt_outs_of
from getthrough.domain.conversation.conversation import Received, Sent
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.automatic import confirms_stop
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.erasure.erasure import SWEEP_UUID
from getthrough.domain.event.webhook import InboundMessage, StatusEvent
from getthrough.domain.limit.limits import spacing
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Seen, Timer
from getthrough.domain.values.errors import GetthroughError, VersionConflictError
from getthrough.domain.values.identifiers import message_uuid
from tests.builders import NOON
from tests.fakes import same_counter
from tests.simulation.process import NO_ID, Message, arrives_at
from tests.simulation.state import Consent, Job, Said, Store, Written

LONGEST_DELAY = 900
SAVES = ("save", "save_claim")
CONFLICT = VersionConflictError("another process, or this one, wrote first")


def executed(
    name: str, arguments: tuple[Any, ...], store: Store, dispatch: Dispatch | None, now: int
) -> tuple[Any, Store]:
    """The result of a call that is no save, and what is stored after it."""
    match name, arguments:
        case "of", (Contact() as contact,):
            return tuple(map(_opt_out, _consents_of(store, contact))), store
        case "get", (dispatch_uuid,):
            return dispatch if dispatch and dispatch.dispatch_uuid == dispatch_uuid else None, store
        case "resolve", (identifier,):
            assert dispatch is not None, "a message was sent that is not stored"
            return message_uuid(dispatch.dispatch_uuid, int(identifier.removeprefix("vonage-"))), store
        case "arm", (due,):
            own = tuple(timer for timer in due if timer.uuid != SWEEP_UUID)
            return None, store._replace(queue=_armed(store.queue, own, now))
        case "change", (opt_out,):
            after = store._replace(consents=_changed(opt_out, store.consents))
            barred = (step for step in store.barred if dispatch and _is_barred(dispatch, step, after))
            return True, after._replace(barred=frozenset(barred))
        case "sent", (contact, _, *awaiting_reply):
            sent = _sent(dispatch, contact, store.noted)
            return tuple(one for one in sent if one.awaits_reply or not awaiting_reply), store
        case (("add" | "complete"), (InboundMessage(), *_)):
            return _message(name, arguments, store, now)
        case "erased_at", _:
            return store.erasure.asked_at if store.erasure else None, store
        case (("add" | "complete"), (StatusEvent() as event,)):
            return _webhook(name, event, store)
        case "due", (moment, until):
            return _due(dispatch, moment, until), store
        case (("take" | "correct" | "queue" | "price" | "saw"), _):
            return _of_limits(name, arguments, store)
        case _:
            return _of_contacts(name, arguments, store)


def _due(dispatch: Dispatch | None, now: datetime, until: datetime) -> tuple[Timer, ...]:
    at = failover.indexed_at(dispatch) if dispatch else None
    if dispatch is None or at is None or at > (now if failover.is_armed(dispatch, at) else until):
        return ()
    return (Timer(dispatch.dispatch_uuid, at),)


def _of_limits(name: str, arguments: tuple[Any, ...], store: Store) -> tuple[Any, Store]:
    """No price is remembered, so each message reserves what the ceiling is."""
    taken = dict(store.taken)
    match name, arguments:
        case "take", ((counter, amount),):
            count = taken.get(counter, 0) + amount
            if count > counter.limit.most:
                return None, store
            return count, store._replace(taken=frozenset({**taken, counter: count}.items()))
        case "correct", (counter, by):
            found = same_counter(counter, taken)
            assert found is not None, "P15: what was never counted is corrected"
            return None, store._replace(taken=frozenset({**taken, found: taken[found] + by}.items()))
        case "queue", (wanted,):
            ends_at = wanted.counter.ends_at
            slot = max(store.queued_until or ends_at, ends_at)
            return slot, store._replace(queued_until=slot + spacing(wanted))
        case _:
            return None, store


def _of_contacts(name: str, arguments: tuple[Any, ...], store: Store) -> tuple[Any, Store]:
    match name, arguments:
        case "received", (contact, since):
            found = [one.message for one in store.written if one.contact == contact and one.message.at >= since]
            return tuple(sorted(found, key=lambda one: one.at, reverse=True)), store
        case "note", (entry,):
            return None, store._replace(entries=frozenset({entry}))
        case "has_opted_out", (contact, on):
            return store.opted_out(contact, on), store
        case "note_claim", (dispatch, step):
            others = store.barred - {step}
            barred = others | {step} if _is_barred(dispatch, step, store) else others
            return None, store._replace(noted=store.noted | {step}, barred=barred)
        case "withhold", (_, _):
            return None, store  # a note that is read all the same leads to a step that is given up
        case "phone_of", (account,):
            return dict(store.phones).get(account), store
        case "accounts_of", (phone,):
            return tuple(sorted(account for account, its in store.phones if its == phone)), store
        case "is_confirmed", (account, phone):
            return (account, phone) in store.confirmed, store
        case "add", (Contact() as account, phone):
            return True, store._replace(phones=store.phones | {(account, phone)})
        case "remove", pair:
            return None, store._replace(phones=store.phones - {pair}, confirmed=store.confirmed - {pair})
        case "confirm", (account, phone):
            return None, store._replace(confirmed=store.confirmed | {(account, phone)})
        case _:
            raise AssertionError(f"no such port call: {name}")


def refusal(arguments: tuple[Any, ...], store: Store, dispatch: Dispatch | None) -> GetthroughError | None:
    """Why a save is refused; None if it is not."""
    changed = arguments[0]
    same = dispatch is None or changed.dispatch_uuid == dispatch.dispatch_uuid
    assert same, "P2, P9: another dispatch for the same key, or for the same kind of answer on the same day"
    return CONFLICT if changed.version != (dispatch.version if dispatch else 0) else None


def consent_of(dispatch: Dispatch, step: int) -> tuple[Contact, str | None]:
    """The customer whose opt-outs a sender looks at, and on which channel (None: on all)."""
    return dispatch.contact(step), dispatch.steps[step].consent_on


def _is_barred(dispatch: Dispatch, step: int, store: Store) -> bool:
    """Whether a step's customer has opted out, or a STOP of theirs was acknowledged. Of the confirmation of a STOP,
    whether they have not."""
    customer, on = consent_of(dispatch, step)
    contacts = (customer, dispatch.steps[step].contact)
    opted_out = any(store.opted_out(contact, on) for contact in contacts)
    if confirms_stop(dispatch):
        return not opted_out
    stops = [said for said in store.heard if said.text == "STOP"]
    return opted_out or any(_is_of(said, contact, on, dispatch, store) for said in stops for contact in contacts)


def reaches(said: Said, dispatch: Dispatch, step: int, store: Store) -> bool:
    """Whether a STOP is about a step: its customer's, on its channel if the step is kept to that, and in force."""
    return _is_of(said, *consent_of(dispatch, step), dispatch, store)


def _is_of(said: Said, contact: Contact, on: str | None, dispatch: Dispatch, store: Store) -> bool:
    if store.opted_in_since(arrives_at(said), contact, on):
        return False
    return contact in _who_said(said, dispatch, store) and on in (None, opt_outs_of(said.channel))


def _who_said(said: Said, dispatch: Dispatch, store: Store) -> set[Contact]:
    """Every contact that is known to be the customer who said something."""
    known = {contact_of(said.channel, said.address)}
    if said.quotes is not None:
        known.add(dispatch.contact(said.quotes))
    return known | {other for pair in store.confirmed for other in pair if known & set(pair)}


def next_version(dispatch: Dispatch) -> Dispatch:
    return replace(dispatch, version=dispatch.version + 1)


def acknowledged(store: Store, job: Job) -> Store:
    """What is stored once the caller of a process knows that it ended well."""
    match job.kind:
        case "api":
            return store._replace(accepted=True)
        case "timer":
            queue = list(store.queue)
            queue.remove(job.about)
            return store._replace(queue=tuple(queue))
        case "webhook":
            return store._replace(acked=store.acked | {job.about})
        case "inbound":
            return store._replace(heard=store.heard | {job.about})
        case _:
            return store


def _webhook(name: str, event: StatusEvent, store: Store) -> tuple[Seen | None, Store]:
    """Store an event, or note that it is completed."""
    key = event.step or 0, event.status or Status.SUBMITTED
    if name == "complete":
        return None, store._replace(completed=store.completed | {key})
    nameless = store.nameless | ({key} if event.contact is None and key not in store.events else set())
    seen = Seen(key not in store.events, key in store.completed)
    return seen, store._replace(events=store.events | {key}, nameless=nameless)


def _message(name: str, arguments: tuple[Any, ...], store: Store, now: int) -> tuple[Seen, Store]:
    """Store what a customer says, or note that it is completed. What is said at a time of its own may come again as the
    same webhook. The rest is new each time, though it may be the same words."""
    said: InboundMessage = arguments[0]
    if name == "add":
        store = _written(arguments, store, now)
    seen = Seen(new=True, completed=said.digest in store.completed_messages)
    if name == "complete" and said.vonage_message_uuid != NO_ID:
        return seen, store._replace(completed_messages=store.completed_messages | {said.digest})
    return seen, store._replace(kept=store.kept or said.happened_at < said.received_at)


def _written(arguments: tuple[Any, ...], store: Store, now: int) -> Store:
    """What a customer writes on WhatsApp at a time of its own is kept with the customer."""
    said, _, customer = arguments
    if said.address.channel != "whatsapp" or said.vonage_message_uuid == NO_ID:
        return store
    body = Message(channel="whatsapp", to=said.ours.address)
    received = Received(said.digest, said.happened_at, "whatsapp", body, None)
    if any(received == one.message for one in store.written):
        return store
    return store._replace(written=store.written | {Written(customer, received, now)})


def _changed(opt_out: OptOut, consents: frozenset[Consent]) -> frozenset[Consent]:
    """What is known once a stop or a start is stored, for all channels and for its own: the newest counts, and of two
    at one moment the stop."""
    newest = {one[:2]: one for one in consents}
    for on in (None, opt_outs_of(opt_out.address.channel)):
        said = Consent(opt_out.contact, on, opt_out.changed_at, opt_out.opted_out)
        newest[said[:2]] = max(said, newest.get(said[:2], said), key=lambda one: one[2:])
    return frozenset(newest.values())


def _consents_of(store: Store, contact: Contact) -> list[Consent]:
    """What a contact has said last on each channel; first None, which is all of them."""
    return sorted((one for one in store.consents if one.contact == contact), key=lambda one: one.on or "")


def _opt_out(consent: Consent) -> OptOut:
    contact, on, changed_at, opted_out = consent
    return OptOut(
        contact=contact,
        address=Address(on or "sms", contact.address),
        opted_out=opted_out,
        changed_at=changed_at,
        why="",
        by="customer",
        on=on,
    )


def _sent(dispatch: Dispatch | None, contact: Contact, noted: frozenset[int]) -> tuple[Sent, ...]:
    """What is noted in a contact's conversation."""
    if dispatch is None:
        return ()
    return tuple(
        Sent(
            message_uuid=dispatch.message_uuid(number),
            at=attempt.claimed_at,
            channel="",
            awaits_reply=dispatch.steps[number].condition_status is Condition.REPLIED,
        )
        for number, attempt in enumerate(dispatch.attempts)
        if dispatch.contact(number) == contact and number in noted
    )


def _armed(queue: tuple[int, ...], due: tuple[Timer, ...], time: int) -> tuple[int, ...]:
    """The queue with new timers: whole seconds, rounded up, nothing beyond the longest delay.

    Three timers of one moment can do no more than two: one that is being carried out, and another one.
    """
    now = NOON + timedelta(seconds=time)
    delays = [ceil((item.at - now).total_seconds()) for item in due]
    moments = [time + max(0, delay) for delay in delays if delay <= LONGEST_DELAY]
    return tuple(sorted((*queue, *(moment for moment in moments if queue.count(moment) < 2))))
