"""Whether a sender may write to a customer freely, as far as the stored messages of the customer show it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from getthrough.domain.contact.contact import Contact
from getthrough.domain.conversation.service_window import LONGEST, OpenWindow, needs_window, open_windows, opens_for
from getthrough.domain.dispatch.dispatch import Step
from getthrough.domain.ports import Conversations
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Sending


def windows_of(conversations: Conversations, contacts: Iterable[Contact], now: datetime) -> Iterator[OpenWindow]:
    """The open windows of a customer, who is all these contacts. They are read as the caller iterates."""
    received = (one for contact in contacts for one in conversations.received(contact, now - LONGEST))
    return open_windows(received, now)


def is_closed(ports: Sending, step: Step) -> bool:
    """True if the step's message would be rejected, because its customer has not written to its sender in time. False
    if the stack leaves that to Vonage."""
    if ports.service_windows is None or not needs_window(step.message):
        return False
    windows = windows_of(ports.service_windows, contacts_of(ports, step.contact), ports.clock())
    return not any(opens_for(window, step.message) for window in windows)
