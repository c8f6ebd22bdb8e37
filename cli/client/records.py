"""The record of a client in the stack's secret: what it may do, its limits, and the hashes of its secrets.

A field that this release does not know keeps its value. The secret itself is in no record.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cli.errors import OperatorError
from cli.secret.content import APPLICATION, OPERATOR, SCOPES, checked_new_name, has_ended, hashed
from cli.secret.parts import Secret

Record = dict[str, Any]

NO_LIMIT: tuple[object, ...] = (0, "0", "", "all")
"""What takes a limit away."""

MONEY = re.compile(r"(?=[0-9.]{0,15}[1-9])[0-9]{1,9}(?:\.[0-9]{1,6})? ?[A-Z]{3}")
COUNTRIES = re.compile(r"(?:all|[1-9][0-9]{0,6}(?:,[1-9][0-9]{0,6}){0,250})?")

_GUEST = r"(?:[1-9][0-9]{6,14}|[^@,\s]{1,64}@[^@,\s]{1,255})"
GUESTS = re.compile(rf"{_GUEST}(?:,{_GUEST}){{0,99}}")
SIMULATED = "simulated"
"""The guests of a test client that has none: it sends to simulated numbers only. They take no one's place."""

_HASHES = ("salt", "sha256")


def added(content: Secret, name: str, fields: Record) -> tuple[Secret, str]:
    """The stack's secret with one more client, and that client's own secret."""
    clients = _clients(content)
    if name == OPERATOR:
        raise OperatorError(f"the client {name!r} is this tool's own: `getthrough up` makes it.")
    if checked_new_name(name) in clients and not has_ended(clients[name]):
        raise OperatorError(f"there is a client {name!r} already: `getthrough client change` changes it.")
    made = secrets.token_urlsafe(32)
    return _with(content, name, _merged({}, fields) | hashed(made)), made


def changed(content: Secret, name: str, fields: Record) -> Secret:
    """The stack's secret with other scopes or limits of a client. What is not named keeps its value."""
    if name == APPLICATION:
        _clients(content)
        return content | {"application_scopes": fields["scopes"]}
    return _with(content, name, _merged(_record(content, name), fields))


def renewed(content: Secret, name: str, valid_until: datetime | None) -> tuple[Secret, str]:
    """The stack's secret with a new secret of a client, and that. The last one is valid too, until then."""
    record = _record(content, name)
    others = {key: value for key, value in record.items() if key != "previous"}
    last = {key: record[key] for key in _HASHES} | {"valid_until": valid_until and valid_until.isoformat()}
    return remade(_with(content, name, others | ({"previous": last} if valid_until else {})), name)


def remade(content: Secret, name: str) -> tuple[Secret, str]:
    """The stack's secret with another secret of a client in place of the last one, and that. The one before stays valid
    as long as it was going to be."""
    made = secrets.token_urlsafe(32)
    if name == OPERATOR:  # the command line reads it there
        content = content | {"operator_secret": made}
    return _with(content, name, _record(content, name) | hashed(made)), made


def two_until(content: Secret, name: str, now: datetime) -> str | None:
    """Until when the client's secret before the last one is valid too; None if it is not."""
    until = _record(content, name).get("previous", {}).get("valid_until")
    return until if until and datetime.fromisoformat(until) > now else None


def removed(content: Secret, name: str) -> Secret:
    """The stack's secret without a client. Its limits stay, and bind what it planned: no one can sign in with what is
    left of its record."""
    limits = _record(content, name).get("limits")
    others = {other: record for other, record in content["clients"].items() if other != name}
    left: Record = hashed(secrets.token_urlsafe(32)) | {"scopes": [], "limits": limits, "ended": True}
    return content | {"clients": others | ({name: left} if limits else {})}


def shown(name: str, record: Mapping[str, Any]) -> Record:
    """A record without its hashes. A client without scopes has all of them."""
    rest = {key: value for key, value in record.items() if key not in (*_HASHES, "previous", "scopes")}
    last = {"previous_secret_valid_until": record["previous"]["valid_until"]} if "previous" in record else {}
    return {"name": name, "scopes": record.get("scopes", [*SCOPES]), "limits": {}, **rest, **last}


def every(content: Secret) -> list[Record]:
    """All clients by name, and after them the callers with a token of the application's key."""
    application = {"scopes": content.get("application_scopes", ["send", "read"])}
    known = sorted((name, record) for name, record in _clients(content).items() if not has_ended(record))
    return [shown(name, record) for name, record in [*known, (APPLICATION, application)]]


def one(content: Secret, name: str) -> Record:
    if name == APPLICATION:
        return every(content)[-1]
    return shown(name, _record(content, name))


def in_words(client: Mapping[str, Any]) -> str:
    """A client as `shown` returns it, on one line."""
    known = ("name", "scopes", "limits")
    more = [f"{name}: {value}" for name, value in (*client["limits"].items(), *client.items()) if name not in known]
    return "; ".join([f"{client['name']}: {', '.join(client['scopes']) or 'nothing'}", *more])


def _merged(record: Mapping[str, Any], fields: Record) -> Record:
    before, given = record.get("limits", {}), fields.get("limits", {})
    limits = {**before, **given}
    if given.get("guests") == SIMULATED:
        limits["guests"] = before.get("guests", SIMULATED)
    kept = {name: value for name, value in limits.items() if value not in NO_LIMIT}
    others = {name: value for name, value in record.items() if name != "limits"} | {
        name: value for name, value in fields.items() if name != "limits"
    }
    return others | ({"limits": kept} if kept else {})


def _with(content: Secret, name: str, record: Record) -> Secret:
    return content | {"clients": {**_clients(content), name: record}}


def _record(content: Secret, name: str) -> Record:
    clients = {known: record for known, record in _clients(content).items() if not has_ended(record)}
    if name not in clients and name in content["clients"]:
        raise OperatorError(
            f"the client {name!r} was removed. Only its limits are left: they bind what it planned, and must stay."
        )
    if name not in clients:
        raise OperatorError(f"there is no client {name!r}: name one of {', '.join(sorted(clients)) or 'none'}.")
    record: Record = clients[name]
    return record


def _clients(content: Secret) -> dict[str, Record]:
    if "application_id" not in content:
        raise OperatorError("the stack's secret is not filled yet: run `getthrough up` or `getthrough secret` first.")
    clients: dict[str, Record] = content.get("clients", {})
    return clients
