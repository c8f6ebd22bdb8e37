"""Whether a sender may write to a customer freely, as far as the stored messages of the customer show it."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from getthrough.domain.contact.contact import Contact
from getthrough.domain.conversation.conversation import Received
from getthrough.domain.conversation.service_window import LONGEST, OpenWindow, needs_window, open_windows, opens_for
from getthrough.domain.dispatch.dispatch import Step
from getthrough.domain.ports import Conversations
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Sending

MOST_READ = 100
"""The newest messages of a contact that are looked at: one query."""


def windows_of(conversations: Conversations, contacts: Iterable[Contact], now: datetime) -> list[OpenWindow]:
    """The open windows of a customer, who is all these contacts, as their newest messages show them."""
    return [window for contact in contacts for window in open_windows(_newest(conversations, contact, now), now)]


def is_closed(ports: Sending, step: Step) -> bool:
    """True if the step's message would be rejected, because its customer has not written to its sender in time. False
    if the stack leaves that to Vonage."""
    if ports.service_windows is None or not needs_window(step.message):
        return False
    now = ports.clock()
    for contact in contacts_of(ports, step.contact):
        newest = _newest(ports.service_windows, contact, now)
        # What was not read is not known, and unknown is not closed.
        if len(newest) == MOST_READ or any(opens_for(window, step.message) for window in open_windows(newest, now)):
            return False
    return True


def _newest(conversations: Conversations, contact: Contact, now: datetime) -> list[Received]:
    return list(islice(conversations.received(contact, now - LONGEST), MOST_READ))
