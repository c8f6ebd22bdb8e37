"""What one execution environment knows of the receivers' hosts, in its memory."""

from getthrough.domain.notification.breaker import HEALTHY, Health

_MOST = 1_000
"""How many unhealthy hosts are remembered: clients choose the hosts."""


class RememberedHosts:
    """Port Hosts. Only hosts that are not healthy take memory; of too many, the oldest is forgotten."""

    def __init__(self) -> None:
        self._known: dict[str, Health] = {}

    def get(self, host: str) -> Health:
        return self._known.get(host, HEALTHY)

    def put(self, host: str, health: Health) -> None:
        self._known.pop(host, None)
        if health != HEALTHY:
            self._known[host] = health
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
