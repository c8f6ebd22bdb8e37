"""Opt a contact out, or in again, because a client says so."""

from datetime import timedelta

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact
from getthrough.domain.ports import Clock, Conversations, Dispatches, OptOuts, Timers
from getthrough.domain.values.errors import NotFoundError, VersionConflictError
from getthrough.usecases.change_opt_out import change_opt_out

_NEXT = timedelta(milliseconds=1)


def set_opt_out(
    contact: Contact,
    opted_out: bool,
    why: str,
    by: str,
    *,
    opt_outs: OptOuts,
    conversations: Conversations,
    dispatches: Dispatches,
    timers: Timers,
    clock: Clock,
) -> tuple[OptOut, bool]:
    """What is stored of the contact's wish now, and whether this changed it.

    A contact that has this wish already keeps it: when, why and by whom it was first said. Opting out is carried out
    again all the same, since whoever did it first may have died before it came to that. NotFoundError if a contact that
    nothing is known of shall be opted in; VersionConflictError if somebody else changed the wish meanwhile.
    """
    stored = opt_outs.get(contact)
    if stored is None and not opted_out:
        raise NotFoundError
    wanted = stored if stored is not None and stored.opted_out == opted_out else None
    if wanted is None:
        # What a client wants now is newer than all that is stored, also than a message whose time is wrong.
        now = max(clock(), stored.changed_at + _NEXT) if stored else clock()
        wanted = OptOut(contact=contact, opted_out=opted_out, changed_at=now, why=why, by=by)
    changed = change_opt_out(
        wanted,
        opt_outs=opt_outs,
        conversations=conversations,
        dispatches=dispatches,
        timers=timers,
        clock=clock,
    )
    after = opt_outs.get(contact)
    if after is None or after.opted_out != opted_out:
        raise VersionConflictError("somebody else changed the contact's wish")
    return after, changed
