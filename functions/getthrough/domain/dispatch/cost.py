"""What a dispatch cost, as clients read it."""

from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import Usage
from getthrough.domain.values.usage_view import UsageView, usage_view


def total_usage(dispatch: Dispatch) -> list[UsageView]:
    """The total cost in each currency."""
    return [usage_view(currency, price) for currency, price in dispatch.costs]


def usage_of(usage: Usage | None) -> UsageView | None:
    """The price of one message. None if it is not known."""
    return usage_view(usage.currency, usage.price) if usage else None
