"""Receive the events that a stack sends, and print those that are really from it.

python receiver.py PORT          with CALLBACK_SECRET in the environment
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = Webhook(os.environ["CALLBACK_SECRET"])
LARGEST = 1_000_000
seen: set[str] = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(min(length, LARGEST))
        try:
            event = SECRET.verify(body, dict(self.headers))
        except WebhookVerificationError:
            self.answer(401)
            return
        self.answer(204)  # first, and the work afterwards
        if self.headers["webhook-id"] not in seen:  # an event may come twice
            seen.add(self.headers["webhook-id"])
            print(event["type"], json.dumps(event["data"]), flush=True)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Without a line for each request: paths may hold what is personal."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
