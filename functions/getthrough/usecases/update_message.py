"""Change a message that Vonage has: take an RCS message back, mark a customer's message as read."""

import re
from collections.abc import Mapping

from getthrough.domain.dispatch.dispatch import Answer
from getthrough.domain.ports import Dispatches, Gateway
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation
from getthrough.domain.values.identifiers import parse_message_uuid

_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")


def update_message(message_uuid: str, change: object, *, dispatches: Dispatches, gateway: Gateway) -> Answer:
    """Vonage's answer to a change of one of our messages, or of any other that it has, such as an inbound one.

    The change travels as it is: Vonage says which there are. NotFoundError for a message of ours that Vonage has not
    got; InvalidRequestError if the change is no JSON object.
    """
    if not isinstance(change, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    if not _ID.fullmatch(message_uuid):
        raise NotFoundError
    ours = parse_message_uuid(message_uuid)
    dispatch = dispatches.get(ours[0]) if ours else None
    if ours is None or dispatch is None:
        return gateway.update(message_uuid, change)
    answer = dispatch.attempts[ours[1]].answer if ours[1] < len(dispatch.attempts) else None
    if answer is None or answer.vonage_message_uuid is None:
        raise NotFoundError
    return gateway.update(answer.vonage_message_uuid, change)
