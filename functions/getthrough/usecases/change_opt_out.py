"""Store a contact's opt-out or opt-in, and make it take effect at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.dispatch import failover
from getthrough.domain.values.errors import GetthroughError, NotFoundError, VersionConflictError
from getthrough.domain.values.identifiers import parse_message_uuid
from getthrough.usecases.change_dispatch import change_dispatch
from getthrough.usecases.ports import Listening

LONGEST_WAIT = timedelta(days=22)
"""A step is tried for a week at most, held in quiet hours for another one, and waits for a third once it is out. What
is older is over."""

_NEXT = timedelta(milliseconds=1)


def change_opt_out(ports: Listening, opt_out: OptOut) -> bool:
    """When this returns no step is claimed for a contact that opted out, and each of its dispatches goes on to its
    next step, or has ended. False if a later change was known already.

    One webhook must not take for ever. So of more than a hundred dispatches under way to a contact, only the newest
    hundred learn of it now, and the others when their window ends. None of them sends anything more to the contact.

    An older change, or a copy, is carried out again as far as it still holds: the first time may have died before that.
    """
    changed = ports.opt_outs.change(opt_out)
    newest = ports.opt_outs.get(opt_out.contact)
    if newest is None or not newest.opted_out:
        return changed
    give_up = partial(failover.stop, contact=opt_out.contact, at=newest.changed_at)
    failed: GetthroughError | None = None
    for dispatch_uuid in _sent_to(ports, opt_out, newest.changed_at):
        try:
            change_dispatch(ports, dispatch_uuid, give_up)
        except GetthroughError as error:  # one that cannot be changed must not keep the others waiting
            failed = error
    if failed is not None:
        raise failed
    return changed


def set_opt_out(ports: Listening, asked: OptOut) -> tuple[OptOut, bool]:
    """Opt a contact out, or in again, because a client asks for it: what is stored then, and whether this changed it.

    A contact that has opted out, or in, already keeps the first record: when, why and by whom. Opting out is carried
    out again all the same, since the first time may have died before that. NotFoundError if a contact of which nothing
    is known is to be opted in; VersionConflictError if it was changed otherwise meanwhile.
    """
    stored = ports.opt_outs.get(asked.contact)
    if stored is None and not asked.opted_out:
        raise NotFoundError
    wanted = asked
    if stored is not None and stored.opted_out == asked.opted_out:
        wanted = stored
    elif stored is not None:
        # What a client asks for now is newer than all that is stored, also than a message whose time is wrong.
        wanted = replace(asked, changed_at=max(asked.changed_at, stored.changed_at + _NEXT))
    changed = change_opt_out(ports, wanted)
    after = ports.opt_outs.get(asked.contact)
    if after is None or after.opted_out != asked.opted_out:
        raise VersionConflictError("the contact opted out, or in, meanwhile")
    return after, changed


def _sent_to(ports: Listening, opt_out: OptOut, at: datetime) -> list[str]:
    sent = ports.conversations.sent(opt_out.contact, at - LONGEST_WAIT)
    addresses = (parse_message_uuid(step.message_uuid) for step in sent)
    return list(dict.fromkeys(address[0] for address in addresses if address))
