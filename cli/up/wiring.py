"""The steps of `up` that change Vonage's application and the stack's secret, and taking the change back.

Each step looks at what is there and does only what is missing, so that a run after a kill goes on. The order makes that
safe: what Vonage shows once, or cannot tell twice, is in the stack's secret before it is used.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.errors import OperatorError
from cli.secret.command import may_make_contact_key, store, stored
from cli.secret.content import OPERATOR, Changes, changed, has_ended
from cli.secret.parts import Secret
from cli.stack import Names, Stack
from cli.vonage import application as app
from cli.vonage.account import VonageAccount
from cli.vonage.application import Application, Urls

WIRING = "wiring"
"""The secret's field with what the application's messages capability was before `up` changed it."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wiring:
    """Whose application is wired to what. `say` tells the operator what was done."""

    stack: Stack
    account: VonageAccount
    say: Say

    @property
    def urls(self) -> Urls:
        return Urls(self.stack.outputs[Names.STATUS_URL], self.stack.outputs[Names.INBOUND_URL])


def the_application(wiring: Wiring, application_id: str | None, private_key: str | None) -> Application:
    """The application by the id in the secret, else the named one, else one with our key, else a new one.

    The private key is stored before the application is created. A run that was killed between the two finds the
    application by that key, so there is never a second one, and never a key that no one has.
    """
    content = stored(wiring.stack)
    if known := application_id or content.get("application_id"):
        found = _existing(wiring.account, known)
        key = private_key or content.get("private_key", "")
        if not key or not app.has_key(found, key):
            raise OperatorError(
                f"the application {known} has another key than the stack: give its file with --private-key, or run "
                "`getthrough rotate application-key`."
            )
        if (content.get("application_id"), content.get("private_key")) != (known, key):
            store(wiring.stack, content, {**content, "private_key": key, "application_id": known})
        return found
    key = private_key or content.get("private_key")
    if not key:
        key = app.new_private_key()
        before, content = content, {**content, "private_key": key}
        store(wiring.stack, before, content)
    # Stacks of the same name in other regions and AWS accounts may use the same Vonage account.
    place = wiring.stack.outputs[Names.SECRET_ID].split(":")[3:5]
    name = f"Getthrough ({', '.join([wiring.stack.name, *place])})"
    all_of_them = list(wiring.account.applications())
    made = next((one for one in all_of_them if app.has_key(one, key)), None)
    if made is None:
        other = next((one for one in all_of_them if one.get("name") == name), None)
        if other is not None and not other.get("capabilities"):  # what `down` left: with it no one can do anything
            keep(other)
            body = app.writable(other)
            wiring.account.replace(other["id"], {**body, "keys": {**body.get("keys", {}), **app.keys_of(key)}})
            wiring.say(f"the application {name!r} ({other['id']}) has a new key, which is only in the stack's secret")
            made = other
        elif other is not None:
            raise OperatorError(
                f"there is an application {name!r} with another key: give its id ({other['id']}) with --application "
                "and its key with --private-key, or rename it in Vonage's dashboard."
            )
        else:
            made = wiring.account.create({"name": name, "keys": app.keys_of(key), "capabilities": {}})
            wiring.say(f"created the application {name!r} ({made['id']}); its key is only in the stack's secret")
    store(wiring.stack, content, {**content, "private_key": key, "application_id": made["id"]})
    return _existing(wiring.account, made["id"])


def fill(wiring: Wiring, signature_secret: Callable[[], str], client: str | None) -> dict[str, str]:
    """What else the secret needs: the API key, the signature secret, a callback secret, and a client if there is none.

    New secrets are said before they are stored. So the last one that was printed is valid, however often a run was
    killed, and none is valid that no one has seen.
    """
    content = stored(wiring.stack)
    may_make_contact_key(wiring.stack, content)
    if not content.get("operator_secret"):  # before its client: each write of this is then one that stays
        before, content = content, {**content, "operator_secret": secrets.token_urlsafe(32)}
        store(wiring.stack, before, content)
    known = content.get("clients", {})
    clients = {name for name, record in known.items() if name != OPERATOR and not has_ended(record)}
    new = (client or "shop",) if not clients or (client and client not in clients) else ()
    given = os.environ.get("VONAGE_SIGNATURE_SECRET")
    changes = Changes(
        api_key=wiring.account.api_key,
        signature_secret=given if content.get("signature_secrets") else given or signature_secret(),
        new_clients=new,
    )
    filled, generated = changed(content, changes)
    made = dict(generated)
    for name, secret in generated.items():
        wiring.say(f"client {name!r} signs in with this secret, which is not shown again: {secret}")
    if filled["callback_secrets"] != content.get("callback_secrets"):
        made["callback secret"] = filled["callback_secrets"][0]
        wiring.say(f"webhooks to your own systems are signed with: {filled['callback_secrets'][0]}")
    # Also if nothing is new: a run that was killed may have left a part behind.
    store(wiring.stack, content, filled)
    return made


def wire(wiring: Wiring, application: Application) -> bool:
    """Let the application's messages go to the stack; False if they did before.

    What the capability was is in the secret before it is changed. So `down` can put it back from any computer.
    """
    new = app.wired(application, wiring.urls)
    if new == app.writable(application):
        return False
    content = stored(wiring.stack)
    if content.get(WIRING, {}).get("application_id") != application["id"]:
        before = {"application_id": application["id"], "messages": app.messages_of(application)}
        store(wiring.stack, content, {**content, WIRING: before})
    path = keep(application)
    wiring.account.replace(application["id"], new)
    wiring.say(f"the application's status and inbound URLs are the stack's; as it was, it is kept in {path}")
    return True


def unwire(wiring: Wiring) -> bool:
    """Put the messages capability back as it was before `up`; False if nothing of it was ours."""
    content: Secret = stored(wiring.stack)
    if not (before := content.get(WIRING)):
        return False
    found = wiring.account.application(before["application_id"])
    ours = found is not None and app.addresses(found) == wiring.urls
    if found is not None and ours:
        keep(found)
        wiring.account.replace(before["application_id"], app.with_messages(found, before["messages"]))
        wiring.say("the application's messages go where they went before")
    elif found is not None:
        wiring.say("the application's URLs are not this stack's any more, so they stay as they are")
    store(wiring.stack, content, {name: value for name, value in content.items() if name != WIRING})
    return ours


def keep(application: Application) -> Path:
    """Write an application down as it is now, for the operator alone to read."""
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "getthrough"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"  # one run may keep two of them in a second
    path = folder / f"application-{application['id']}-{now}.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(app.writable(application) | {"id": application["id"]}, file, indent=2, ensure_ascii=False)
    return path


def _existing(account: VonageAccount, application_id: str) -> dict[str, Any]:
    found = account.application(application_id)
    if found is None:
        raise OperatorError(
            f"your Vonage account {account.api_key} has no application {application_id}: check VONAGE_API_KEY, or name "
            "another application with --application."
        )
    return found
