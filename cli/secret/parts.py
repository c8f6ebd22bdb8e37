"""The parts of a stack's secret. Each is a version with a staging label of its own, because each function may read only
the labels that its policy names. Five secrets would do the same and cost five times as much.

The version with the label AWSCURRENT, which who names no label gets, holds a note instead of a key.
"""

from __future__ import annotations

import json
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

_CURRENT = "AWSCURRENT"
_NOTE = {"parts": f"Each part of this secret has a staging label of its own: {', '.join(PARTS)}."}


def read(secrets_manager: Any, secret_id: str) -> Secret:
    """All parts in one; nothing yet if the secret has no value. A secret that was stored before it had parts is read as
    well. OperatorError if it holds no JSON."""
    content: Secret = {}
    for label in (_CURRENT, *PARTS, OPERATOR):
        content |= read_part(secrets_manager, secret_id, label)
    return {name: value for name, value in content.items() if name not in _NOTE}


def read_part(secrets_manager: Any, secret_id: str, label: str) -> Secret:
    """One part; empty if it has never been stored."""
    try:
        value = secrets_manager.get_secret_value(SecretId=secret_id, VersionStage=label)
        if not value.get("SecretString") and not value.get("SecretBinary"):
            return {}
        part: Secret = json.loads(value["SecretString"])
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return {}
    except (KeyError, ValueError):
        raise OperatorError("the stack's secret holds no JSON: look at it before you change it.") from None
    return part


def write(secrets_manager: Any, secret_id: str, content: Secret) -> None:
    """Store each part that differs, in one write: a function reads all of a part or nothing of it. If this is killed
    between two parts, the same again stores the rest."""

    def put(part: Secret, label: str) -> None:
        secrets_manager.put_secret_value(SecretId=secret_id, SecretString=json.dumps(part), VersionStages=[label])

    before = read_part(secrets_manager, secret_id, _CURRENT)
    if not before:
        # The first version gets this label whatever it is called, and would keep it when its own moves on.
        put(_NOTE, _CURRENT)
    named = {name for fields in PARTS.values() for name in fields}
    for label, fields in (*PARTS.items(), (OPERATOR, [name for name in content if name not in named])):
        part = {name: content[name] for name in fields if name in content}
        if part != read_part(secrets_manager, secret_id, label):
            put(part, label)
    if before and before != _NOTE:
        # Twice: what had the label before gets the label AWSPREVIOUS, and only then loses it.
        put(_NOTE, _CURRENT)
        put(_NOTE, _CURRENT)
