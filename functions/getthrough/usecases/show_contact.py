"""Show what is known about a customer: their addresses, and what was said about consent."""

from typing import TypedDict

from getthrough.domain.contact.consent import ConsentView, OptOutView, describe_consents, describe_opt_out
from getthrough.domain.contact.contact import Address
from getthrough.domain.conversation.service_window import ServiceWindowView, describe_windows
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Time
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Listening
from getthrough.usecases.service_windows import windows_of

MOST_RECORDS = 100
"""The most records that are shown."""


class AccountView(TypedDict):
    channel: str
    address: str


class ChannelView(TypedDict):
    channel: str
    """Channel of the latest opt-in or opt-out. `sms` is for SMS and MMS."""
    opted_out: bool
    changed_at: Time


class KnownContactView(TypedDict):
    """A customer: one phone number, or one account of a channel without phone numbers."""

    channel: str
    address: str
    phone_number: str | None
    """The customer's number, if it is known: one spelling for all channels."""
    accounts: list[AccountView]
    """WhatsApp user ids that are known to have this number, and the accounts that a client has linked to it."""
    opt_out: OptOutView | None
    """The newest consent, on any channel."""
    channels: list[ChannelView]
    """The newest consent on each channel, which counts for messages with `opt_out_scope: channel`."""
    service_windows: list[ServiceWindowView]
    """The times in which a sender may write to the customer freely, on channels such as WhatsApp that otherwise accept
    only templates. They follow from the messages that this stack received."""
    consents: list[ConsentView]
    """Every opt-out and opt-in, newest first: at most a hundred."""


def show_contact(ports: Listening, address: Address) -> KnownContactView:
    """What is known about the customer at an address. About an unknown one, nothing is."""
    customer, *accounts = contacts_of(ports, address.contact)
    newest = ports.opt_outs.of(customer)
    records = [record for contact in (customer, *accounts) for record in ports.opt_outs.records(contact)]
    return {
        "channel": address.channel,
        "address": address.address,
        "phone_number": customer.address if customer.is_phone else None,
        "accounts": [{"channel": account.kind, "address": account.address} for account in accounts],
        "opt_out": next((describe_opt_out(one) for one in newest if one.on is None), None),
        "channels": [
            {"channel": one.on, "opted_out": one.opted_out, "changed_at": to_text(one.changed_at)}
            for one in newest
            if one.on is not None
        ],
        "service_windows": describe_windows(windows_of(ports.conversations, (customer, *accounts), ports.clock())),
        "consents": describe_consents(records)[:MOST_RECORDS],
    }
