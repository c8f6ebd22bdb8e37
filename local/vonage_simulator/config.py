"""The simulator's settings; `SimulatorConfig.read` reads them from the JSON file named on the command line."""

import json
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class SimulatorConfig:
    application_id: str  # empty: the account has no application yet
    public_key: str
    signature_secret: str
    api_key: str
    status_url: str
    inbound_url: str
    api_secret: str = ""  # for Basic authentication; empty: no one has it
    numbers: tuple[str, ...] = ()  # that the account rents
    port: int = 0  # 0: any free port
    speed: float = 1.0  # every delay and every retry wait of the simulator is divided by this
    # Vonage's time-outs towards webhooks. Not divided by `speed`: the receiver is real and takes real time.
    connect_timeout: float = 3.0
    response_timeout: float = 15.0
    client_name: str = ""  # of the API that the webhooks go to; empty: the page cannot send its example
    client_secret: str = ""

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError("speed must be greater than 0")

    @classmethod
    def read(cls, path: Path) -> "SimulatorConfig":
        given = json.loads(path.read_text(encoding="utf-8"))
        known = {field.name for field in fields(cls)}
        if unknown := set(given) - known:
            raise ValueError(f"{path}: unknown keys: {', '.join(sorted(unknown))}")
        return cls(**{**given, "numbers": tuple(given.get("numbers", ()))})
