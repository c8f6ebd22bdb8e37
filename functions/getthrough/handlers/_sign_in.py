"""Who asks. A refused sign-in is counted, logged without what was tried, and slows down further ones from there."""

import time
from math import ceil

from getthrough.adapters.client_credentials import APPLICATION, authenticate, claimed_name
from getthrough.adapters.secrets import clients
from getthrough.config import ApiConfig
from getthrough.domain.client.attempts import Attempts, Who
from getthrough.domain.client.scopes import Client
from getthrough.domain.values.errors import UnauthenticatedError
from getthrough.handlers._http import Event, header
from getthrough.observability import count, logger

FRESH_SECONDS = 30.0
"""A client may have been added since the clients were read. For one that is refused they are read again, this often."""

attempts = Attempts()


def sign_in(event: Event, config: ApiConfig) -> Client:
    """The client. Raises UnauthenticatedError for anyone else, and for a while for everyone who comes from where
    too many were refused with the same name. Signed tokens never wait: no one guesses a signature, and all programs
    with the application's key share one name."""
    authorization, known, route = header(event, "authorization"), clients(config.secret_id), event["routeKey"]
    if not authorization:
        return authenticate(authorization, known.get(), route)
    name = claimed_name(authorization)
    who: Who = (name, _network(event))
    wait = 0.0 if name == APPLICATION else attempts.wait(who, time.monotonic())
    try:
        if wait:
            raise UnauthenticatedError(f"Too many wrong secrets came from there. Try again in {ceil(wait)} seconds.")
        try:
            client = authenticate(authorization, known.get(), route)
        except UnauthenticatedError:
            client = authenticate(authorization, known.get(max_age=FRESH_SECONDS), route)
    except UnauthenticatedError:
        if not wait:
            attempts.refused(who, time.monotonic())
        _report(name if name in known.get().clients else None, waits=bool(wait))
        raise
    attempts.let_in(who)
    return client


def _report(name: str | None, *, waits: bool) -> None:
    """Only names that exist are logged: people paste a secret where the name belongs."""
    count("LoginRefused" if name else "LoginByStranger")
    logger.warning("sign-in refused", extra={"client": name or "unknown", "unchecked": waits})


def _network(event: Event) -> str:
    """Where a request comes from: an address, or the first half of one of IPv6, since everyone has a whole half."""
    source = str(event["requestContext"]["http"].get("sourceIp", ""))
    return ":".join(source.split(":")[:4])
