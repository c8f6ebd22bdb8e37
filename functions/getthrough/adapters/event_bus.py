"""Put events on the stack's EventBridge bus. The source is `getthrough`, the detail-type is the event's type, and the
detail holds its data and id.

Each event costs as much as two writes, and goes nowhere while the bus has no rule. So without a rule none is put.
Archives and schema discovery have rules too. AWS asks for a short time until a new rule counts, and so does this.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from getthrough.adapters.aws import batches, client, unavailable
from getthrough.domain.notification.client_events import ClientEvent
from getthrough.domain.ports import Clock
from getthrough.domain.values.errors import UnavailableError

SOURCE = "getthrough"

NEW_RULE = timedelta(seconds=5)
"""How long after its creation a rule may get nothing."""


class EventBridgeBus:
    """Port EventBus."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name, self._clock = name, clock
        self._has_rules, self._looked_at = True, clock() - 2 * NEW_RULE

    def put(self, events: Sequence[ClientEvent]) -> None:
        if not events or not self._is_heard():
            return
        entries = [
            {
                "EventBusName": self._name,
                "Source": SOURCE,
                "DetailType": event.type,
                "Detail": json.dumps({**event.data, "id": event.id}),
                "Time": int(event.timestamp.timestamp()),
            }
            for event in events
        ]
        for batch in batches(entries, "Detail"):
            with unavailable("events"):
                answer = client("events").call("PutEvents", Entries=batch)
            if answer["FailedEntryCount"]:
                codes = {entry["ErrorCode"] for entry in answer["Entries"] if entry.get("ErrorCode")}
                raise UnavailableError(f"events: {', '.join(sorted(codes))}")

    def _is_heard(self) -> bool:
        """Whether the bus has a rule. If that cannot be known, it may have one."""
        now = self._clock()
        if now - self._looked_at > NEW_RULE:
            self._has_rules, self._looked_at = self._look(), now
        return self._has_rules

    def _look(self) -> bool:
        try:
            with unavailable("events"):
                return bool(client("events").call("ListRules", EventBusName=self._name, Limit=1)["Rules"])
        except UnavailableError:
            return True
