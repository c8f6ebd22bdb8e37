"""Put events on the stack's EventBridge bus. The source is `getthrough`, the detail-type is the event's type, and the
detail holds its data and id."""

import json
from collections.abc import Sequence

from getthrough.adapters.aws import batches, client, unavailable
from getthrough.domain.notification.client_events import ClientEvent
from getthrough.domain.values.errors import UnavailableError

SOURCE = "getthrough"


class EventBridgeBus:
    """Port EventBus."""

    def __init__(self, name: str) -> None:
        self._name = name

    def put(self, events: Sequence[ClientEvent]) -> None:
        entries = [
            {
                "EventBusName": self._name,
                "Source": SOURCE,
                "DetailType": event.type,
                "Detail": json.dumps({**event.data, "id": event.id}),
                "Time": event.timestamp,
            }
            for event in events
        ]
        for batch in batches(entries, "Detail"):
            with unavailable("events"):
                answer = client("events").put_events(Entries=batch)
            if answer["FailedEntryCount"]:
                codes = {entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry}
                raise UnavailableError(f"events: {', '.join(sorted(codes))}")
