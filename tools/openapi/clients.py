"""The route that tells a client about itself, and what each route of the API demands of clients."""

from getthrough.domain.client.audit import AUDITED, BY_OPERATORS, SENT, AuditEntryView, AuditPageView
from getthrough.domain.client.client_view import MeView
from getthrough.domain.client.scopes import SCOPE_OF
from getthrough.domain.limit.limit_view import LimitsView
from getthrough.domain.shared.settings import SettingsView
from getthrough.domain.shared.settings_body import SETTINGS
from tools.openapi import problems, views
from tools.openapi.parameters import PAGE, in_query
from tools.openapi.parts import Json, content, operation, schema
from tools.openapi.reading import read

SCHEMAS: Json = {
    **views.components(MeView, LimitsView, AuditEntryView, AuditPageView, SettingsView),
    "SettingsChange": SETTINGS,
}

_WHAT = {"type": "string", "minLength": 1, "maxLength": 300}
_TIME = {"type": "string", "format": "date-time"}

_SETTINGS: Json = {
    "version": 0,
    "default_country": "GB",
    "senders": [{"channel": "sms", "from": "Bakery"}, {"channel": "whatsapp", "from": "447700900100"}],
    "plans": [
        {
            "name": "SMS, then WhatsApp",
            "steps": [
                {"channel": "sms", "from": "Bakery", "expiry_time": 120},
                {"channel": "whatsapp", "from": "447700900100"},
            ],
        }
    ],
}

PATHS: Json = {
    "/v1/me": {
        "get": read(
            "readMe",
            "Clients",
            "Read who you are and what you may do",
            "Me",
            parameters=[],
        )
    },
    "/v1/limits": {
        "get": read(
            "readLimits",
            "Clients",
            "Read the limits, and how much of each is used",
            "Limits",
            parameters=[],
            description="The list has the stack's limits and your own. For an admin it has those of all clients.",
        )
    },
    "/v1/settings": {
        "get": read(
            "readSettings",
            "Clients",
            "Read what all users share when they write messages: the usual country, senders and plans",
            "Settings",
            parameters=[],
            description="The console offers these settings to its users. They do not affect messages that are sent "
            "over the API.",
        ),
        "put": operation(
            "changeSettings",
            "Clients",
            "Replace what all users share",
            {
                "200": {"description": "The new settings.", "content": content(schema("Settings"))},
                **problems.problems(401, 413, 415),
                "409": problems.problems(409)["409"],
                **problems.WRONG_BODY,
            },
            description="Settings that the request leaves out become empty. The response is 409 if someone has changed "
            "the settings since the `version` that the request names.",
            requestBody={"required": True, "content": content(schema("SettingsChange"), {"A bakery": _SETTINGS})},
        ),
    },
    "/v1/audit": {
        "get": read(
            "listChanges",
            "Clients",
            "List who changed what, newest first",
            "AuditPage",
            422,
            parameters=[
                *PAGE,
                in_query("who", "Only changes that this client asked for.", **_WHAT),
                in_query(
                    "what",
                    f"Only this: {', '.join(map('`{}`'.format, (SENT, *AUDITED.values(), *BY_OPERATORS)))}.",
                    **_WHAT,
                ),
                in_query(
                    "subject",
                    "Only changes of one thing: the id of a dispatch, schedule, batch or webhook, or the keyed hash of "
                    "a contact.",
                    **_WHAT,
                ),
                in_query("since", "Only changes at this time or later.", **_TIME),
                in_query("before", "Only changes before this time.", **_TIME),
            ],
            description="The list has every change that a client asked for, and every change of clients and keys that "
            "an operator made with the command line. The entry of a sent message is kept as long as its dispatch.",
        )
    },
}


def with_scopes(paths: Json) -> Json:
    """The paths, with the scope that each of the routes for clients needs, and the answer to a client without it."""
    return {
        path: {method: _with_scope(f"{method.upper()} {path}", it) for method, it in operations.items()}
        for path, operations in paths.items()
    }


def _with_scope(route: str, operation: Json) -> Json:
    scope = SCOPE_OF.get(route)
    if scope is None:
        return operation
    responses = {**problems.problems(403), **operation["responses"]}
    needed = [{"client": [scope.value]}, {"application": [scope.value]}]
    return {**operation, "security": needed, "responses": dict(sorted(responses.items()))}
