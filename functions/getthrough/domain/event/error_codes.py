"""Vonage's codes for messages that failed after they were accepted, and what to do about each of them.

The codes and titles are those of the Messages API v1.11 (developer.vonage.com/api-errors/messages). What to do follows
from each code's published description. The kernel fails over for all of them alike, except THROTTLED, after which the
message is sent again in its window. NEVER_AGAIN also opts the contact
out, and ACCOUNT raises an alarm.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Meaning(StrEnum):
    """What to do about a message that failed."""

    TRY_AGAIN = "try_again"
    """The same number may be reachable later."""

    TRY_NEXT = "try_next"
    """This number, or this message on this channel, will not work. Another one may."""

    NEVER_AGAIN = "never_again"
    """Nothing may be sent to this contact."""

    INVALID_REQUEST = "invalid_request"
    """The request or its configuration is wrong. It must be changed before it is sent again."""

    ACCOUNT = "account"
    """The account, or its access to a channel, is blocked or has reached a limit. A person must act."""


class ErrorCode(NamedTuple):
    """What to do about a code, and its published title."""

    meaning: Meaning
    title: str


def meaning_of(code: int | None) -> ErrorCode | None:
    """What a code means. None if it is not published, or if there is no code."""
    return None if code is None else ERROR_CODES.get(code)


THROTTLED = 1000
"""Too many messages at once: the message was thrown away, and Vonage wants it again a moment later."""

ERROR_CODES: Mapping[int, ErrorCode] = MappingProxyType(
    {
        THROTTLED: ErrorCode(Meaning.TRY_AGAIN, "Throttled"),
        1010: ErrorCode(Meaning.INVALID_REQUEST, "Missing params"),
        1020: ErrorCode(Meaning.INVALID_REQUEST, "Invalid params"),
        1021: ErrorCode(Meaning.INVALID_REQUEST, "Invalid tag"),
        1022: ErrorCode(Meaning.INVALID_REQUEST, "Invalid template"),
        1030: ErrorCode(Meaning.TRY_AGAIN, "Internal error"),
        1040: ErrorCode(Meaning.TRY_NEXT, "Invalid message"),
        1050: ErrorCode(Meaning.NEVER_AGAIN, "Number barred"),
        1060: ErrorCode(Meaning.ACCOUNT, "Partner account barred"),
        1070: ErrorCode(Meaning.ACCOUNT, "Partner quota exceeded"),
        1080: ErrorCode(Meaning.ACCOUNT, "Account not enabled for REST"),
        1090: ErrorCode(Meaning.INVALID_REQUEST, "Message too long"),
        1100: ErrorCode(Meaning.TRY_AGAIN, "Communication Failed"),
        1120: ErrorCode(Meaning.INVALID_REQUEST, "Illegal Sender Address - rejected"),
        1130: ErrorCode(Meaning.INVALID_REQUEST, "Invalid TTL"),
        1140: ErrorCode(Meaning.INVALID_REQUEST, "Facility not allowed"),
        1150: ErrorCode(Meaning.INVALID_REQUEST, "Invalid Message class"),
        1160: ErrorCode(Meaning.INVALID_REQUEST, "Non White-listed Destination"),
        1170: ErrorCode(Meaning.INVALID_REQUEST, "Invalid or Missing Msisdn Param"),
        1180: ErrorCode(Meaning.TRY_AGAIN, "Absent Subscriber Temporary"),
        1190: ErrorCode(Meaning.TRY_NEXT, "Absent Subscriber Permanent"),
        1200: ErrorCode(Meaning.TRY_NEXT, "Portability Error"),
        1210: ErrorCode(Meaning.TRY_NEXT, "Anti-Spam Rejection"),
        1220: ErrorCode(Meaning.TRY_AGAIN, "Handset Busy"),
        1230: ErrorCode(Meaning.TRY_AGAIN, "Network Error"),
        1240: ErrorCode(Meaning.NEVER_AGAIN, "Illegal Number"),
        1241: ErrorCode(Meaning.TRY_AGAIN, "Too many send requests"),
        1250: ErrorCode(Meaning.TRY_NEXT, "Unroutable"),
        1251: ErrorCode(Meaning.TRY_NEXT, "Unable to route traffic to a destination"),
        1260: ErrorCode(Meaning.TRY_NEXT, "Destination unreachable"),
        # Only this content was withheld. The customer did not opt out.
        1270: ErrorCode(Meaning.TRY_NEXT, "Subscriber Age Restriction"),
        1280: ErrorCode(Meaning.TRY_NEXT, "Number Blocked by Carrier"),
        1282: ErrorCode(Meaning.TRY_NEXT, "Message blocked by provider"),
        1290: ErrorCode(Meaning.TRY_NEXT, "Pre-Paid - Insufficient funds"),
        1300: ErrorCode(Meaning.TRY_NEXT, "Not part of the provider network"),
        1310: ErrorCode(Meaning.TRY_NEXT, "Not suitable device"),
        1320: ErrorCode(Meaning.INVALID_REQUEST, "Message already sent"),
        # Some carriers use it for numbers that do not exist.
        1330: ErrorCode(Meaning.TRY_NEXT, "Unknown"),
        1331: ErrorCode(Meaning.TRY_AGAIN, "Provider error"),
        1340: ErrorCode(Meaning.TRY_NEXT, "Outside of the allowed window"),
        1350: ErrorCode(Meaning.ACCOUNT, "Phone matching fee not paid"),
        1360: ErrorCode(Meaning.TRY_NEXT, "TTL was activated, or message expired before delivered"),
        1370: ErrorCode(Meaning.ACCOUNT, "Expired access Token"),
        1380: ErrorCode(Meaning.INVALID_REQUEST, "Invalid resource"),
        1381: ErrorCode(Meaning.INVALID_REQUEST, "Resource size is too large"),
        1382: ErrorCode(Meaning.INVALID_REQUEST, "Resource type is invalid"),
        1400: ErrorCode(Meaning.INVALID_REQUEST, "Unsupported channel"),
        1410: ErrorCode(Meaning.INVALID_REQUEST, "Invalid channel parameters"),
        1420: ErrorCode(Meaning.INVALID_REQUEST, "Invalid sender"),
        1430: ErrorCode(Meaning.INVALID_REQUEST, "Invalid recipient"),
        1440: ErrorCode(Meaning.INVALID_REQUEST, "Invalid message type"),
        1450: ErrorCode(Meaning.INVALID_REQUEST, "Invalid client reference"),
        1451: ErrorCode(Meaning.INVALID_REQUEST, "Invalid context"),
        1460: ErrorCode(Meaning.ACCOUNT, "Daily message limit exceeded"),
        1461: ErrorCode(Meaning.TRY_AGAIN, "Auto-limiting of messages by Provider"),
        1470: ErrorCode(Meaning.ACCOUNT, "Fraud Defender Traffic Rule"),
        1472: ErrorCode(Meaning.ACCOUNT, "Fraud Defender SMS Burst Protection"),
        1473: ErrorCode(Meaning.ACCOUNT, "AIT Protection"),
        1480: ErrorCode(Meaning.INVALID_REQUEST, "Entity Filter"),
        1481: ErrorCode(Meaning.INVALID_REQUEST, "Header Filter"),
        1482: ErrorCode(Meaning.INVALID_REQUEST, "Content Filter"),
        1483: ErrorCode(Meaning.INVALID_REQUEST, "Consent Filter"),
        1484: ErrorCode(Meaning.INVALID_REQUEST, "Regulation Error"),
    }
)
