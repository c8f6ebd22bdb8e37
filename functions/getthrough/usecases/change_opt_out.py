"""Remember whether a contact wants messages, and see that it is obeyed at once."""

from datetime import datetime, timedelta
from functools import partial

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.dispatch import failover
from getthrough.domain.ports import Clock, Conversations, Dispatches, OptOuts, Timers
from getthrough.domain.values.errors import GetthroughError
from getthrough.domain.values.identifiers import parse_message_uuid
from getthrough.usecases.change_dispatch import change_dispatch

LONGEST_WAIT = timedelta(days=22)
"""A step is tried for at most a week, held in quiet hours for at most another, and waits for at most a third once it is
out: what is older is over."""


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

    Of more than a hundred dispatches that are under way to a contact, all but the newest hundred find out when
    their window ends: one webhook must not take for ever. Nothing more is sent to the contact by any of them.

    An older wish, or a copy, is carried out again as far as it still holds: the first may have died before it came to
    that.
    """
    changed = opt_outs.change(opt_out)
    newest = opt_outs.get(opt_out.contact)
    if newest is None or not newest.opted_out:
        return changed
    give_up = partial(failover.stop, contact=opt_out.contact, at=newest.changed_at)
    failed: GetthroughError | None = None
    for dispatch_uuid in _sent_to(opt_out, newest.changed_at, conversations):
        try:
            change_dispatch(dispatch_uuid, give_up, dispatches=dispatches, timers=timers, clock=clock)
        except GetthroughError as error:  # one that cannot be changed must not keep the others waiting
            failed = error
    if failed is not None:
        raise failed
    return changed


def _sent_to(opt_out: OptOut, at: datetime, conversations: Conversations) -> list[str]:
    sent = conversations.sent(opt_out.contact, at - LONGEST_WAIT)
    addresses = (parse_message_uuid(step.message_uuid) for step in sent)
    return list(dict.fromkeys(address[0] for address in addresses if address))
