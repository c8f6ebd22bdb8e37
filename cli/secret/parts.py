"""The parts of a stack's secret. Each is a version with a staging label of its own, because each function may read only
the labels that its policy names. Five secrets would do the same and cost five times as much.

The version with the label AWSCURRENT, which who names no label gets, holds a note instead of a key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cli.errors import OperatorError, code_of

Secret = dict[str, Any]

PARTS = {
    "private-key": ("application_id", "private_key"),
    "signature-secrets": ("application_id", "api_key", "signature_secrets"),
    "clients": ("application_id", "public_key", "application_scopes", "clients"),
    "callback-secrets": ("callback_secrets",),
    "contact-key": ("contact_key",),
}
"""The fields of each part, by its label."""

OPERATOR = "operator"
"""The part with every other field: what operators note for themselves. No function may read it."""

PRIVATE_KEY = "private-key"

OPTIONAL = ("application_scopes",)
"""Fields that a part may lack."""

_CURRENT, _PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
_NOTE = {"parts": f"Each part of this secret has a staging label of its own: {', '.join(PARTS)}."}


def read(secrets_manager: Any, secret_id: str) -> dict[str, Secret]:
    """Each part by its label, empty if it has never been stored, and what is in none of them. OperatorError if one is
    no JSON object."""
    return {label: read_part(secrets_manager, secret_id, label) for label in (*PARTS, OPERATOR, _CURRENT)}


def whole(held: Mapping[str, Secret]) -> Secret:
    """All parts in one. A field that is in several comes from the first, because that is written first. A secret that
    was stored before it had parts is whole too."""
    content: Secret = {}
    for part in reversed([*held.values()]):
        content |= part
    return {name: value for name, value in content.items() if name not in _NOTE}


def lacking(held: Mapping[str, Secret]) -> list[str]:
    """Which fields the functions do not find, or find different in two parts: each with its part's label."""
    content = whole(held)
    needed = [(name, label) for label, names in PARTS.items() for name in names if name not in OPTIONAL]
    return [f"{name} ({label})" for name, label in needed if not (has := held[label].get(name)) or has != content[name]]


def read_part(secrets_manager: Any, secret_id: str, label: str) -> Secret:
    """One part; empty if it has never been stored."""
    try:
        value = secrets_manager.get_secret_value(SecretId=secret_id, VersionStage=label)
        if not value.get("SecretString") and not value.get("SecretBinary"):
            return {}
        part: Secret = json.loads(value["SecretString"])
        if not isinstance(part, dict):
            raise ValueError
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return {}
    except (KeyError, ValueError):
        raise OperatorError(f"the part {label} of the stack's secret is no JSON: look at it first.") from None
    return part


def write(secrets_manager: Any, secret_id: str, before: Secret, after: Secret) -> None:
    """Change the fields that differ between what was read and what is wanted, and no others. Each part that then
    differs from the stored one is stored in one write: a function reads all of a part or nothing of it.

    OperatorError, and nothing is stored, if someone else changed one of these fields since it was read. Two who write
    in the same second are not noticed: Secrets Manager compares nothing. If this is killed between two parts, the
    next write of whatever stores the rest.
    """

    def put(part: Secret, label: str) -> None:
        secrets_manager.put_secret_value(SecretId=secret_id, SecretString=json.dumps(part), VersionStages=[label])

    held = read(secrets_manager, secret_id)
    now = whole(held)
    changed = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    if lost := sorted(name for name in changed if now.get(name) not in (before.get(name), after.get(name))):
        raise OperatorError(
            f"someone else changed {', '.join(lost)} of the stack's secret meanwhile, so nothing was stored: look at "
            "it, and do this again."
        )
    content = {name: now[name] for name in now if name not in changed}
    content |= {name: after[name] for name in after if name in changed}
    if not held[_CURRENT]:
        # The first version gets this label whatever it is called, and would keep it when its own moves on.
        put(_NOTE, _CURRENT)
    named = {name for fields in PARTS.values() for name in fields}
    for label, fields in (*PARTS.items(), (OPERATOR, [name for name in content if name not in named])):
        part = {name: content[name] for name in fields if name in content}
        if part != held[label]:
            put(part, label)
    # No key stays where who names no label, or the last one, finds it. A put moves what was current to the last one.
    if held[_CURRENT] not in ({}, _NOTE):
        put(_NOTE, _CURRENT)
    if read_part(secrets_manager, secret_id, _PREVIOUS) not in ({}, _NOTE):
        put(_NOTE, _CURRENT)
