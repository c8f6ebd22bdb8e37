"""A client as the API describes it to itself."""

from typing import TypedDict

from getthrough.domain.client.scopes import Client, Scope


class MeView(TypedDict):
    """The client that asks."""

    client: str
    """Its name. `application` stands for every caller whose token is signed with the Vonage application's key."""
    scopes: list[Scope]
    """What it may do. `admin` includes the others, which are then listed too."""


def describe(client: Client) -> MeView:
    return {"client": client.name, "scopes": [scope for scope in Scope if client.may(scope)]}
