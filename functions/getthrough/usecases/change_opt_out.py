"""Store a contact's opt-out or opt-in and apply it at once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact, opt_outs_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.values.errors import GetthroughError, NotFoundError, VersionConflictError
from getthrough.domain.values.identifiers import parse_message_uuid
from getthrough.usecases.change_dispatch import change_dispatch
from getthrough.usecases.ports import Listening

LONGEST_WAIT = timedelta(days=22)
"""How long a dispatch may still be open after one of its steps was sent. A step is tried for at most one week, held in
quiet hours for another, and awaits its status for a third."""

_NEXT = timedelta(milliseconds=1)

_EVERYWHERE_AND_THERE = 2
"""How often a word is stored: for all channels, and for its own."""


def change_opt_out(ports: Listening, opt_out: OptOut, also: Iterable[Contact] = ()) -> bool:
    """When this returns no step is claimed for a customer who opted out, and each of the customer's dispatches goes on
    to its next step, or has ended. False if a later change was known already.

    It is stored for every contact that is this customer, and for those in `also`, such as an address from which the
    customer wrote just now. So it counts however the next message to them is addressed. Whose an account is, is looked
    up when the opt-out is stored for it: it may have become known, or have changed, since the caller looked.

    To bound the time, only the newest hundred dispatches to the contact change now. Any others change when their
    windows end, and send nothing more to the contact.

    An older change, or a duplicate, is applied again where it still holds, because the first attempt may have been
    interrupted.
    """
    changed = ports.opt_outs.change(opt_out)
    contacts = dict.fromkeys((opt_out.contact, *also))
    _copy(ports, opt_out, [contact for contact in contacts if contact != opt_out.contact])
    customers = [phone for phone in _phones_of(ports, contacts) if phone not in contacts]
    for phone in customers:
        changed = ports.opt_outs.change(replace(opt_out, contact=phone, copied=False)) or changed
    contacts |= dict.fromkeys(customers)
    phones = [contact for contact in contacts if contact.is_phone]
    accounts = [account for phone in phones for account in ports.aliases.accounts_of(phone)]
    _copy(ports, opt_out, [account for account in accounts if account not in contacts])
    failed: GetthroughError | None = None
    for contact in dict.fromkeys((*contacts, *accounts)):
        stops = [one for one in _concerned(ports, replace(opt_out, contact=contact)) if one.opted_out]
        if not stops:
            continue
        give_up = partial(_stop, contact=contact, stops=stops)
        for dispatch_uuid in _sent_to(ports, contact, max(one.changed_at for one in stops)):
            try:
                change_dispatch(ports, dispatch_uuid, give_up)
            except GetthroughError as error:  # one that cannot be changed must not keep the others waiting
                failed = error
    if failed is not None:
        raise failed
    return changed


def _copy(ports: Listening, opt_out: OptOut, contacts: Iterable[Contact]) -> None:
    for contact in contacts:
        ports.opt_outs.change(replace(opt_out, contact=contact, copied=True))


def _phones_of(ports: Listening, contacts: Iterable[Contact]) -> dict[Contact, None]:
    """The telephones that these accounts are known to be."""
    phones = (ports.aliases.phone_of(account) for account in contacts if not account.is_phone)
    return dict.fromkeys(phone for phone in phones if phone is not None)


def set_opt_out(ports: Listening, asked: OptOut) -> tuple[OptOut, bool]:
    """Opt a contact out or in at a client's request. Returns the stored record and whether this call changed it.

    A contact that is already in the requested state keeps its first record: when, why, and by whom. An opt-out is still
    applied again, because the first attempt may have been interrupted. Raises NotFoundError for an opt-in of an unknown
    contact, and VersionConflictError if someone else made the opposite change at the same time.
    """
    stored = _concerned(ports, asked)
    if not stored and not asked.opted_out:
        raise NotFoundError
    wanted = asked
    if len(stored) == _EVERYWHERE_AND_THERE and all(one.opted_out == asked.opted_out for one in stored):
        wanted = stored[0]
    elif stored:
        # The client's request is newer than everything stored, even than a message with a time in the future.
        wanted = replace(asked, changed_at=max(asked.changed_at, *(one.changed_at + _NEXT for one in stored)))
    changed = change_opt_out(ports, wanted)
    after = ports.opt_outs.get(asked.contact)
    if after is None or after.opted_out != asked.opted_out:
        raise VersionConflictError("the contact opted out, or in, meanwhile")
    return after, changed


def _concerned(ports: Listening, opt_out: OptOut) -> list[OptOut]:
    """What a contact has said last, on any channel and on this one. What was said elsewhere only is not among it."""
    return [one for one in ports.opt_outs.of(opt_out.contact) if one.on in (None, opt_outs_of(opt_out.address.channel))]


def _stop(dispatch: Dispatch, contact: Contact, stops: Sequence[OptOut]) -> Dispatch:
    for one in stops:
        dispatch = failover.stop(dispatch, contact, one.changed_at, one.on)
    return dispatch


def _sent_to(ports: Listening, contact: Contact, at: datetime) -> list[str]:
    sent = ports.conversations.sent(contact, at - LONGEST_WAIT)
    addresses = (parse_message_uuid(step.message_uuid) for step in sent)
    return list(dict.fromkeys(address[0] for address in addresses if address))
