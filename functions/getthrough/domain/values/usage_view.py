"""What messages cost, as clients read it: exact decimals, one entry per currency."""

from decimal import Decimal
from typing import Annotated, TypedDict

from getthrough.domain.values.view_types import Keywords


class UsageView(TypedDict):
    """The cost in one currency, exactly as Vonage reported it."""

    currency: Annotated[str, Keywords(examples=["EUR"])]
    price: Annotated[str, Keywords(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["0.0333"])]


def usage_view(currency: str, price: Decimal) -> UsageView:
    return {"currency": currency, "price": f"{price:f}"}
