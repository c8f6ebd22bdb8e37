"""The routes for contacts: what is known about them, conversations and opt-outs."""

from getthrough.domain.contact.consent import OptOutView
from getthrough.domain.conversation.conversation import InboundLineView
from getthrough.usecases.read import ConversationView
from getthrough.usecases.show_contact import KnownContactView
from tools.openapi import views
from tools.openapi.answers import NAMED
from tools.openapi.erasures import ERASE
from tools.openapi.parameters import PAGE
from tools.openapi.parts import Json, content, fields, operation, page_of, parameter, schema
from tools.openapi.problems import WRONG_BODY, problems
from tools.openapi.reading import read

_TAG = "Contacts"
_CONTACT = [parameter("Channel"), parameter("Address")]

SCHEMAS: Json = {
    **views.components(OptOutView, InboundLineView, ConversationView, KnownContactView, named=NAMED),
    "OptOutPage": page_of("opt_outs", "OptOut"),
    "InboundPage": page_of("conversations", "InboundLine"),
    "OptOutReason": fields(
        {},
        {"why": {"type": "string", "minLength": 1, "maxLength": 200, "examples": ["asked on the phone"]}},
        additionalProperties=False,
    ),
    "Links": fields(
        {
            "links": {
                "type": "array",
                "maxItems": 10,
                "items": fields(
                    {"channel": {"type": "string", "enum": ["messenger", "email"]}, "address": {"type": "string"}},
                    {},
                    additionalProperties=False,
                ),
            }
        },
        {},
        additionalProperties=False,
    ),
}

_OPT_OUT: Json = {
    "channel": "sms",
    "address": "447700900001",
    "opted_out": True,
    "changed_at": "2026-03-02T12:00:00.000Z",
    "why": "asked on the phone",
    "by": "bakery",
}


def _stored(opt_out: Json) -> Json:
    body = content(schema("OptOut"), {"Stored": opt_out})
    return {"description": "The contact's new consent status.", "content": body}


_LINKS: Json = {"links": [{"channel": "messenger", "address": "24106514112345678"}]}
_LINKED: Json = {
    "channel": "sms",
    "address": "447700900001",
    "phone_number": "447700900001",
    "accounts": [{"channel": "messenger", "address": "24106514112345678"}],
    "opt_out": None,
    "channels": [],
    "service_windows": [],
    "consents": [],
}


PATHS: Json = {
    "/v1/contacts/{channel}/{address}": {
        "get": read(
            "readContact",
            _TAG,
            "Read what is known about a contact: their addresses, and every opt-out and opt-in",
            "KnownContact",
            422,
            parameters=_CONTACT,
            description="For an unknown contact the lists are empty.",
            etag=False,
        ),
        "delete": ERASE,
    },
    "/v1/contacts/{channel}/{address}/links": {
        "put": operation(
            "linkAccounts",
            _TAG,
            "Link Messenger accounts and email addresses to a phone number",
            {
                "200": {
                    "description": "What is known about the contact now.",
                    "content": content(schema("KnownContact"), {"Linked": _LINKED}),
                },
                **problems(401, 403, 413, 415),
                **WRONG_BODY,
            },
            description="The list replaces all earlier links. From then on, an opt-out on one of these addresses "
            "counts for all of them. WhatsApp user ids need no link: Vonage's webhooks show whose they are.",
            parameters=_CONTACT,
            requestBody={"required": True, "content": content(schema("Links"), {"A Messenger account": _LINKS})},
        )
    },
    "/v1/conversations": {
        "get": read(
            "listConversations",
            _TAG,
            "List the messages from your customers, newest first",
            "InboundPage",
            422,
            parameters=PAGE,
            description="The list has one line for each message.",
        )
    },
    "/v1/conversations/{channel}/{address}": {
        "get": read(
            "readConversation",
            _TAG,
            "Read the conversation with a contact, newest first",
            "Conversation",
            422,
            parameters=[*_CONTACT, *PAGE],
            description="The conversation with an unknown contact is empty.",
        )
    },
    "/v1/opt-outs": {
        "get": read(
            "listOptOuts",
            _TAG,
            "List the contacts that have opted out, newest first",
            "OptOutPage",
            422,
            parameters=PAGE,
            etag=False,
        )
    },
    "/v1/opt-outs/{channel}/{address}": {
        "get": read(
            "readOptOut",
            _TAG,
            "Read whether a contact has opted out",
            "OptOut",
            404,
            422,
            parameters=_CONTACT,
            etag=False,
        ),
        "put": operation(
            "optOut",
            _TAG,
            "Opt a contact out",
            {"200": _stored(_OPT_OUT), **problems(401, 413, 415), **WRONG_BODY},
            description="Getthrough sends the contact no further message. Only messages on another channel with "
            "`opt_out_scope: channel` are still sent. The address must be one that Getthrough can send to. If the "
            "contact has already opted out, nothing changes.",
            parameters=_CONTACT,
            requestBody={
                "required": False,
                "content": content(schema("OptOutReason"), {"With a reason": {"why": "asked on the phone"}}),
            },
        ),
        "delete": operation(
            "optIn",
            _TAG,
            "Opt a contact in again",
            {"200": _stored({**_OPT_OUT, "opted_out": False}), **problems(401, 404, 413, 422)},
            parameters=_CONTACT,
        ),
    },
}
