"""The gateway with tokens that count, instead of the application's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from getthrough.adapters.vonage import VonageGateway
from getthrough.domain.dispatch.dispatch import Answer
from getthrough.domain.values.errors import UnavailableError
from tests.builders import message


class StubTokens:
    """Mints token-1, token-2, ...; `minted` tells which were minted with the secret read again."""

    def __init__(self) -> None:
        self.minted: list[str] = []
        self.mint_works = self.reload_works = True

    def mint(self) -> str:
        return self._token("minted", self.mint_works)

    def mint_after_reload(self) -> str:
        return self._token("reloaded", self.reload_works)

    def _token(self, how: str, works: bool) -> str:
        if not works:
            raise UnavailableError("secretsmanager: InternalServiceError")
        self.minted.append(how)
        return f"token-{len(self.minted)}"


@contextmanager
def gateway_to(url: str, tokens: StubTokens | None = None) -> Iterator[VonageGateway]:
    stub: Any = tokens or StubTokens()
    gateway = VonageGateway(url, stub)
    yield gateway
    gateway._session.close()


def submit_to(url: str) -> Answer:
    """The answer to one message over a connection of its own."""
    with gateway_to(url) as gateway:
        return gateway.submit(message())
