"""The request for a canary. Only the function that sends it loads what checks requests."""

from getthrough.domain.dispatch.request import Request, parse_messages_request

_SECONDS = 3600
"""The window. A canary that comes later than that counts as one that did not come."""


def canary_request(to: str, sender: str) -> Request:
    """The request for one canary. Raises InvalidRequestError if a number is wrong."""
    message = {
        "channel": "sms",
        "message_type": "text",
        "to": to,
        "from": sender,
        "text": "Getthrough works.",
        "client_ref": "canary",
        "expiry_time": _SECONDS,
        "urgent": True,
    }
    return parse_messages_request(message)
