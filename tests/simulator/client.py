"""Someone with the application's private key, who writes messages and has a hand on the phones."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

APPLICATION_ID = "11111111-2222-4333-8444-555555555555"
PHONE, OTHER_PHONE, SENDER = "447700900000", "447700900009", "447700900001"

Json = dict[str, Any]


def sms(to: str = PHONE, **fields: Any) -> Json:
    return {
        "message_type": "text",
        "text": "Your cupcakes are ready.",
        "to": to,
        "from": SENDER,
        "channel": "sms",
        **fields,
    }


def rcs(to: str = PHONE, **fields: Any) -> Json:
    return {**sms(to), "from": "Bakery", "channel": "rcs", **fields}


@dataclass(frozen=True)
class Client:
    url: str
    private_key: RSAPrivateKey
    http: requests.Session

    def token(
        self, changed: Mapping[str, Any] | None = None, key: RSAPrivateKey | str | None = None, algorithm: str = "RS256"
    ) -> str:
        now = int(time.time())
        claims = {"application_id": APPLICATION_ID, "iat": now, "exp": now + 900, "jti": str(uuid.uuid4())}
        kept = {name: value for name, value in {**claims, **(changed or {})}.items() if value is not None}
        return jwt.encode(kept, key or self.private_key, algorithm=algorithm)

    def post(self, body: Any, authorization: str | None = None, **options: Any) -> requests.Response:
        data = body if isinstance(body, str) else json.dumps(body)
        authorization = f"Bearer {self.token()}" if authorization is None else authorization
        headers = {"Authorization": authorization} if authorization else {}
        return self.http.post(
            f"{self.url}/v1/messages", data, headers=headers, timeout=options.pop("timeout", 5), **options
        )

    def send(self, body: Json) -> str:
        answer = self.post(body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["message_uuid"])

    def patch(self, message_uuid: str, body: Json) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token()}"}
        return self.http.patch(f"{self.url}/v1/messages/{message_uuid}", json=body, headers=headers, timeout=5)

    def get(self, path: str) -> Any:
        answer = self.http.get(self.url + path, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def phone(self, channel: str = "sms", address: str = PHONE, **settings: Any) -> Json:
        answer = self.http.put(f"{self.url}/phones/{channel}/{address}", json=settings, timeout=5)
        assert answer.status_code == 200, answer.text
        reported: Json = answer.json()
        return reported

    def faults(self, **faults: Any) -> Json:
        answer = self.http.put(f"{self.url}/faults", json=faults, timeout=5)
        assert answer.status_code == 200, answer.text
        reported: Json = answer.json()
        return reported

    def do(self, action: str, channel: str, address: str = PHONE, **body: Any) -> requests.Response:
        return self.http.post(f"{self.url}/phones/{channel}/{address}/{action}", json=body, timeout=5)

    def reported(self) -> list[Json]:
        """The webhooks in the order in which the simulator sent them; on the way one can overtake another."""
        return [entry["body"] for entry in self.get("/webhooks") if entry["attempt"] == 1]

    def statuses(self) -> list[str]:
        return [body["status"] for body in self.reported()]

    def messages(self, channel: str = "sms", address: str = PHONE) -> list[Json]:
        reported: list[Json] = self.get(f"/phones/{channel}/{address}")["messages"]
        return reported
