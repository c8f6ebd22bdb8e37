"""How dispatches and messages are told, as `domain.dispatch.timeline` makes it."""

from getthrough.domain.dispatch.dispatch import AnswerKind, Because, Outcome
from getthrough.domain.event.error_codes import Meaning
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.openapi.parts import FLAG, TEXT, TIME, UUID, Json, fields, nullable, page_of, schema

STEP: Json = {"type": "integer", "minimum": 0, "maximum": MAX_STEPS - 1, "description": "Counted from 0."}

_LATE = {
    "type": "boolean",
    "description": "The condition was met only after a later step had been sent, or after the last window had ended.",
}
_CLIENT_REF = {"type": ["string", "null"], "description": "The client's own reference."}
_BATCH_UUID = nullable({**UUID, "description": "The batch that it is of."})

_EVENTS: dict[str, tuple[str, Json]] = {
    "accepted": ("The dispatch was stored.", {}),
    "normalised": (
        "A phone number was brought into the form that Vonage wants.",
        {"field": {"type": "string", "enum": ["to", "from"]}, "given": TEXT, "used": TEXT},
    ),
    "sent": ("A step was sent to Vonage.", {"because": schema("Because")}),
    "answered": (
        "Vonage answered, or did not.",
        {
            "answer": schema("AnswerKind"),
            "http_status": {"type": ["integer", "null"]},
            "tries": {"type": "integer", "minimum": 1},
        },
    ),
    "status": (
        "A status webhook came.",
        {
            "status": {"type": "string", "description": "Vonage's word, known to us or not."},
            "timestamp": nullable({**TIME, "description": "Vonage's own."}),
            "late": _LATE,
            "usage": nullable(schema("Usage")),
            "error": nullable(schema("ProviderError")),
            "raw": {"type": "object", "description": "The webhook's body as it came."},
        },
    ),
    "replied": ("The customer answered.", {}),
    "opted_out": ("Nothing more was sent: the contact had opted out.", {}),
    "revoked": (
        "Vonage was asked to take the message back, since a later step had been sent.",
        {"accepted": {"type": "boolean", "description": "Whether Vonage said that it will."}},
    ),
    "quiet_hours": ("Nothing was sent: the step fell due in quiet hours.", {}),
    "window_ended": ("The step's condition was not met in time.", {}),
    "finished": ("The outcome was known.", {"outcome": schema("Outcome")}),
}
"""What can stand in a timeline: what it means, and what it tells beside `at`, `step` and `event`."""


def _entry(event: str) -> str:
    return f"{event.title().replace('_', '')}Entry"


_STEP_FIELDS: Json = {
    "step": STEP,
    "channel": TEXT,
    "to": TEXT,
    "from": TEXT,
    "message_type": TEXT,
    "content": {"type": "object", "description": "What is said: the other fields of the message."},
    "expiry_time": {"type": "integer", "minimum": 1, "description": "The step's window, in seconds."},
    "condition_status": schema("Condition"),
    "message_uuid": UUID,
    "vonage_message_uuid": {"type": ["string", "null"], "description": "Vonage's own id of the message."},
    "sent_because": nullable(schema("Because")),
    "claimed_at": nullable(TIME),
    "window_ends_at": nullable(TIME),
    "tries": {"type": "integer", "minimum": 0, "description": "How often it was given to Vonage."},
    "answer": nullable(schema("AnswerKind")),
    "problem": {"type": ["object", "null"], "description": "Vonage's words for a refusal."},
    "status": nullable(schema("Status")),
    "arrived_at": nullable({**TIME, "description": "When it first was delivered or read, as Vonage tells it."}),
    "condition_met": FLAG,
    "late": _LATE,
    "usage": nullable(schema("Usage")),
}

_WORDS: Json = {
    "Outcome": {
        "type": "string",
        "enum": [*Outcome],
        "description": "`exhausted`: no step met its condition. `stopped`: the customer opted out.",
    },
    "Status": {"type": "string", "enum": [*Status], "description": "A status of Vonage's."},
    "Condition": {"type": "string", "enum": [*Condition], "description": "What makes a step a success."},
    "Because": {"type": "string", "enum": [*Because], "description": "Why a step was sent."},
    "AnswerKind": {
        "type": "string",
        "enum": [*AnswerKind],
        "description": "`unavailable`: surely not taken, tried again. `unknown`: nobody knows whether it was taken. "
        "`opted_out`, `quiet`: nothing was sent.",
    },
}

SCHEMAS: Json = {
    **_WORDS,
    "Usage": fields(
        {
            "currency": {"type": "string", "examples": ["EUR"]},
            "price": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["0.0333"]},
        },
        description="What it cost, exactly as Vonage told.",
    ),
    "ProviderError": fields(
        {
            "code": {"type": ["integer", "null"], "examples": [1180]},
            "title": {"type": ["string", "null"], "description": "What Vonage calls the code."},
            "meaning": {
                "type": ["string", "null"],
                "enum": [*Meaning, None],
                "description": "What the code asks for; null if it is not published.",
            },
            "detail": TEXT,
        }
    ),
    "Contact": fields({"channel": TEXT, "address": TEXT}),
    "DispatchSummary": fields(
        {
            "dispatch_uuid": UUID,
            "created_at": TIME,
            "client_ref": _CLIENT_REF,
            "batch_uuid": _BATCH_UUID,
            "outcome": nullable(schema("Outcome")),
            "late": _LATE,
            "to": {"type": "array", "items": schema("Contact"), "minItems": 1, "maxItems": MAX_STEPS},
            "steps_total": {"type": "integer", "minimum": 1, "maximum": MAX_STEPS},
            "steps_sent": {"type": "integer", "minimum": 0, "maximum": MAX_STEPS},
            "status": nullable(schema("Status")),
        },
        description="A dispatch in one line; `status` is that of the last step that was sent.",
    ),
    "DispatchPage": page_of("dispatches", schema("DispatchSummary")),
    "Dispatch": fields(
        {
            "dispatch_uuid": UUID,
            "created_at": TIME,
            "client_ref": _CLIENT_REF,
            "batch_uuid": _BATCH_UUID,
            "outcome": nullable({**schema("Outcome"), "description": "null while it is under way."}),
            "succeeded_by": nullable({**STEP, "description": "The step that told the customer."}),
            "late": _LATE,
            "double_messages": {
                "type": "integer",
                "minimum": 0,
                "description": "How many messages reached the customer beyond the first.",
            },
            "send_at": nullable({**TIME, "description": "Nothing is sent before."}),
            "held_until": nullable(
                {**TIME, "description": "The end of the quiet hours in which a step last fell due."}
            ),
            "usage": {"type": "array", "items": schema("Usage"), "description": "The sum in each currency."},
            "steps": {"type": "array", "items": schema("Step"), "minItems": 1, "maxItems": MAX_STEPS},
            "timeline": {"type": "array", "items": schema("TimelineEntry"), "description": "In order of time."},
            "final_report": nullable(schema("FinalReport")),
        }
    ),
    "Step": fields(_STEP_FIELDS, description="A step and, if it was sent, what became of it."),
    "StoredMessage": fields({"dispatch_uuid": UUID, **_STEP_FIELDS}, description="One step, with its dispatch."),
    "TimelineEntry": {"oneOf": [schema(_entry(event)) for event in _EVENTS]},
    **{
        _entry(event): fields(
            {"at": TIME, "step": nullable(STEP), "event": {"const": event, "type": "string"}, **more},
            title=event,
            description=meaning,
        )
        for event, (meaning, more) in _EVENTS.items()
    },
    "FinalReport": fields(
        {
            "template": {"const": "failover"},
            "status": {"type": "string", "enum": ["completed", "error"]},
            "dispatch_uuid": UUID,
            "timestamp": nullable(TIME),
            "usage": nullable({**schema("Usage"), "description": "null if nothing is known, or several currencies."}),
            "_links": fields({"messages": {"type": "array", "items": schema("ReportedMessage")}}),
        },
        description="The final report of the Dispatch API v0.1; null while the dispatch is under way.",
    ),
    "ReportedMessage": fields(
        {"message_uuid": UUID, "href": TEXT, "channel": TEXT, "status": nullable(schema("Status"))},
        {"usage": schema("Usage")},
    ),
}
