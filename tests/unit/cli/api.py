"""A stack's API that answers as a healthy one does; a test replaces the answer of one route."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.api import Answer, Api
from cli.smoke import sending

DISPATCH = "11111111-1111-4111-8111-111111111100"
BATCH = "22222222-2222-4222-8222-222222222200"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

Route = Callable[..., Answer]


def answer(status: int, body: Any = None, content_type: str = "application/json") -> Answer:
    return Answer(status, content_type, json.dumps(body), body)


def problem(status: int, detail: str = "why") -> Answer:
    body = {"type": "https://example/errors", "title": "No", "detail": detail, "instance": "a-request"}
    return answer(status, body, "application/problem+json")


def file(content_type: str, text: str) -> Answer:
    return Answer(200, content_type, text, None)


def dispatch(outcome: str | None = None, **step: Any) -> Answer:
    whole = {"status": None, "answer": None, "problem": None, "tries": 0, **step}
    return answer(200, {"outcome": outcome, "created_at": f"{NOON:%FT%TZ}", "steps": [whole]})


def batch(**changed: Any) -> Answer:
    return answer(200, {"state": "sent", "sent": 0, "failed": sending.RECIPIENTS, **changed})


def dispatches(pause_after: int | None = None, pause: int = 0, number: int = sending.RECIPIENTS) -> Answer:
    """Those of a batch, made every two seconds, but for a pause after some of them."""
    late = [pause if pause_after is not None and made >= pause_after else 0 for made in range(number)]
    moments = [NOON + timedelta(seconds=2 * made + late[made]) for made in range(number)]
    return answer(200, {"dispatches": [{"created_at": moment.isoformat()} for moment in moments]})


HEALTHY: dict[str, Answer] = {
    "GET /": file(
        "text/html", '<!doctype html><html><link rel="stylesheet" href="/assets/a.css"><script src="/assets/a.js">'
    ),
    "GET /assets/a.css": file("text/css", "body {}"),
    "GET /assets/a.js": file("text/javascript", 'import { b } from "./views/b.js";'),
    "GET /assets/views/b.js": file(
        "text/javascript", 'const c = () => import("../c.js"); export * from "/assets/a.js";'
    ),
    "GET /assets/c.js": file("text/javascript", ""),
    "GET /no-such-route": problem(404),
    "POST /status": problem(503),
    "POST /status signed": problem(401),
    "PUT /v1/opt-outs": answer(200, {"opted_out": True}),
    "DELETE /v1/opt-outs": answer(200, {"opted_out": False}),
    "POST /v1/messages": answer(202, {"workflow_id": DISPATCH}),
    "POST /v1/messages opted out": problem(422),
    "DELETE /v1/dispatches": answer(200, {"outcome": "cancelled"}),
    "GET /v1/dispatches": dispatch(status="delivered", answer="accepted", tries=1),
    "POST /v1/batches": answer(202, {"batch_uuid": BATCH}),
    "GET /v1/batches": batch(),
    "GET /v1/batches dispatches": dispatches(),
    "DELETE /v1/batches": answer(200, {}),
    "GET /v1/quarantine": answer(200, {"webhooks": []}),
}


class HealthyApi(Api):
    """In memory. `calls` are those that were made, `bodies` what they carried."""

    def __init__(self, **_: Any) -> None:
        self.answers: dict[str, Answer] = dict(HEALTHY)
        self.calls: list[str] = []
        self.bodies: list[Any] = []
        self._opted_out = False

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Any = None, authenticated: bool = True
    ) -> Answer:
        self.calls.append(f"{method} {path}")
        self.bodies.append(body)
        assert authenticated == path.startswith("/v1/"), "credentials belong to the API, and nowhere else"
        if path.startswith("/v1/opt-outs/"):
            return self._opt_out(method)
        resource = "/".join(path.partition("?")[0].split("/")[:3]) if path.startswith("/v1/") else path
        if (method, path, self._opted_out) == ("POST", "/v1/messages", True):
            return self.answers["POST /v1/messages opted out"]
        more = " signed" if headers and "authorization" in headers else " dispatches" if "/dispatches?" in path else ""
        return self.answers.get(f"{method} {resource}{more}", problem(404))

    def _opt_out(self, method: str) -> Answer:
        """The one contact's, which keeps its last consent."""
        if method == "GET":
            return answer(200, {"opted_out": self._opted_out})
        changed = self.answers[f"{method} /v1/opt-outs"]
        if changed.status == 200:
            self._opted_out = changed.body["opted_out"]
        return changed
