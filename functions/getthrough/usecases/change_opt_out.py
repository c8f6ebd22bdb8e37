"""Remember whether a contact wants messages, and see that it is obeyed at once."""

from datetime import datetime, timedelta
from functools import partial

from getthrough.domain import failover
from getthrough.domain.conversation import OptOut
from getthrough.domain.identifiers import parse_message_uuid
from getthrough.domain.ports import Clock, Conversations, Dispatches, OptOuts, Timers
from getthrough.usecases.change_dispatch import change_dispatch

LONGEST_WINDOW = timedelta(days=15)
"""No step waits for longer than a week, after at most a week of quiet hours, and a day for being sent: what is older is
over."""


def change_opt_out(
    opt_out: OptOut,
    *,
    opt_outs: OptOuts,
    conversations: Conversations,
    dispatches: Dispatches,
    timers: Timers,
    clock: Clock,
) -> bool:
    """When this returns no step is claimed any more for a contact that opted out, and each of its dispatches goes on to
    its next step, or has ended. False if a later wish was known already.

    An older wish, or a copy, is carried out again as far as it still holds: the first may have died before it came to
    that.
    """
    changed = opt_outs.change(opt_out)
    newest = opt_outs.get(opt_out.contact)
    if newest is None or not newest.opted_out:
        return changed
    for dispatch_uuid in _sent_to(opt_out, newest.changed_at, conversations):
        give_up = partial(failover.stop, contact=opt_out.contact, at=newest.changed_at)
        change_dispatch(dispatch_uuid, give_up, dispatches=dispatches, timers=timers, clock=clock)
    return changed


def _sent_to(opt_out: OptOut, at: datetime, conversations: Conversations) -> list[str]:
    sent = conversations.sent(opt_out.contact, at - LONGEST_WINDOW)
    addresses = (parse_message_uuid(step.message_uuid) for step in sent)
    return list(dict.fromkeys(address[0] for address in addresses if address))
