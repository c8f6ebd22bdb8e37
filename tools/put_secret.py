"""Fills the stack's secret: the Vonage application's keys, and the clients that may call the API.

    python -m tools.put_secret --application-id ID --private-key private.key --api-key KEY --client shop
    python -m tools.put_secret --client another-app
    python -m tools.put_secret --remove-client another-app

What is not named keeps its value: keys and clients change one at a time. The signature secret is asked for,
or read from VONAGE_SIGNATURE_SECRET, since a command line stays in the shell's history; the previous one
stays valid beside the new one. A new client's secret is printed once and stored only as a salted hash. A callback
secret, which signs the webhooks that we send, is made here, printed, and joins the one before it; the first one is made
with whatever is stored first, since nothing is sent to the client's own systems without one. So is the key that names
contacts, which never changes afterwards.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import secrets
import sys
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

Secret = dict[str, Any]


@dataclass(frozen=True)
class Changes:
    application_id: str | None = None
    private_key: str | None = None
    api_key: str | None = None
    signature_secret: str | None = None
    new_callback_secret: bool = False
    new_clients: tuple[str, ...] = ()
    removed_clients: tuple[str, ...] = ()


REQUIRED = ("application_id", "private_key", "api_key", "signature_secrets")
CLIENT_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


class InvalidSecretError(Exception):
    """Something that was given cannot be right; the text says what."""


def changed(current: Secret, changes: Changes) -> tuple[Secret, dict[str, str]]:
    """The secret after the changes, and the secrets of the new clients, which are nowhere else."""
    secret: Secret = {"signature_secrets": [], "clients": {}} | current
    if changes.application_id is not None:
        secret["application_id"] = application_id(changes.application_id)
    if changes.private_key is not None:
        secret["private_key"] = private_key(changes.private_key)
    if changes.api_key is not None:
        secret["api_key"] = api_key(changes.api_key)
    if changes.signature_secret is not None:
        older = [old for old in secret["signature_secrets"] if old != changes.signature_secret]
        secret["signature_secrets"] = [changes.signature_secret, *older][:2]
    if changes.new_callback_secret or not secret.get("callback_secrets"):
        secret["callback_secrets"] = [callback_secret(), *secret.get("callback_secrets", [])][:2]
    # Opt-outs are found with it, so it is made once and never changes.
    secret.setdefault("contact_key", secrets.token_hex(32))
    clients, generated = dict(secret["clients"]), {}
    for name in changes.removed_clients:
        if name not in clients:
            raise InvalidSecretError(f"There is no client {name!r}; clients: {', '.join(clients) or 'none'}.")
        del clients[name]
    for name in changes.new_clients:
        if not CLIENT_NAME.fullmatch(name):
            raise InvalidSecretError(f"A client's name has 1 to 64 letters, digits, '.', '_', '-', not {name!r}.")
        if name in clients:
            raise InvalidSecretError(f"There is a client {name!r} already; to give it a new secret, remove it first.")
        generated[name] = secrets.token_urlsafe(32)
        clients[name] = hashed(generated[name])
    if missing := [key for key in REQUIRED if not secret.get(key)]:
        raise InvalidSecretError(f"The secret would lack: {', '.join(missing)}.")
    return secret | {"clients": clients}, generated


def callback_secret() -> str:
    """A new secret in the form that Standard Webhooks wants."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def hashed(client_secret: str) -> dict[str, str]:
    salt = secrets.token_bytes(16)
    return {"salt": salt.hex(), "sha256": hashlib.sha256(salt + client_secret.encode()).hexdigest()}


def application_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidSecretError(f"An application id is a UUID; {text!r} is not.") from error


def api_key(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{8}", text):
        raise InvalidSecretError(f"An API key is 8 hexadecimal digits; {text!r} is not.")
    return text


def private_key(pem: str) -> str:
    """The key in the one form that the functions expect, PKCS#8."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise InvalidSecretError("The private key's file is not an unencrypted PEM key.") from error
    if not isinstance(key, RSAPrivateKey):
        raise InvalidSecretError("The private key is not an RSA key.")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def secret_id_of(stack: str) -> str:
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    secret_id: str = outputs["SecretId"]
    return secret_id


def read_current(client: Any, secret_id: str) -> Secret:
    """What is stored; nothing yet when the stack is new and its secret has no value."""
    try:
        current: Secret = json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return {}
    return current


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.put_secret", description="Fill a stack's secret.")
    add = parser.add_argument
    add("--stack", default="getthrough", help="the stack's name (default: %(default)s)")
    add("--secret-id", help="the secret itself, instead of the stack that it belongs to")
    add("--application-id", metavar="UUID")
    add("--private-key", metavar="FILE", type=Path, help="the file that Vonage's dashboard gave you")
    add("--api-key", metavar="KEY")
    add("--signature-secret", action="store_true", help="ask for a new signature secret")
    add("--callback-secret", action="store_true", help="make a new secret that signs webhooks to your own systems")
    add("--client", metavar="NAME", action="append", default=[], help="add a client")
    add("--remove-client", metavar="NAME", action="append", default=[], help="take a client away")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    given = arguments(argv)
    client = boto3.client("secretsmanager")
    secret_id = given.secret_id or secret_id_of(given.stack)
    current = read_current(client, secret_id)
    signature_secret = os.environ.get("VONAGE_SIGNATURE_SECRET")
    if not signature_secret and (given.signature_secret or not current.get("signature_secrets")):
        signature_secret = getpass("Vonage signature secret (dashboard, API settings): ").strip()
    changes = Changes(
        application_id=given.application_id,
        private_key=given.private_key.read_text() if given.private_key else None,
        api_key=given.api_key,
        signature_secret=signature_secret or None,
        new_callback_secret=given.callback_secret,
        new_clients=tuple(given.client),
        removed_clients=tuple(given.remove_client),
    )
    try:
        secret, generated = changed(current, changes)
    except InvalidSecretError as error:
        print(f"Nothing was changed. {error}", file=sys.stderr)
        return 1
    client.put_secret_value(SecretId=secret_id, SecretString=json.dumps(secret))
    print(f"Stored in {secret_id}; clients: {', '.join(sorted(secret['clients'])) or 'none'}.")
    for name, client_secret in generated.items():
        print(f"Client {name!r} signs in with this secret, which is not shown again: {client_secret}")
    if secret["callback_secrets"] != current.get("callback_secrets"):
        print(f"Webhooks to your own systems are signed with: {secret['callback_secrets'][0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
