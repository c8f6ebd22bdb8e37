"""`make bench`: what our handlers cost beside others that do the same, as ratios within one run; and what AWS charges.

    make bench                                 five rounds, a minute or two
    make bench ARGS="--rounds 9 --write"       what docs/performance.md is made of, on a computer that is idle
    make bench ARGS="--costs --write"          only what AWS charges, in seconds: docs/costs.md and a part of that page

Each round starts every variant in a fresh process, in a new order, and takes the processor time that the process used:
DynamoDB Local and Vonage's part run in others. The figures are medians of the rounds. They are divided by the floor's,
so that they say something on any computer: the same calls to AWS and Vonage, with nothing around them.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import boto3
import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bench.costs import page
from bench.handlers import report
from tests.builders import api_event, basic, message, status_payload, webhook_token
from tests.contract import dynamodb_local
from tests.in_memory import table_schema
from tests.secret import API_KEY, CLIENT, CLIENT_SECRET, SIGNATURE_SECRET, secret_document
from tests.unit.certificate import certificate_of

ROOT = Path(__file__).parents[2]
WARM = 40
"""Invocations of each process after its first one."""

Works = list[dict[str, Any]]


@dataclass(frozen=True)
class Bench:
    """Where the servers are, and the folder of everything that the processes read and write."""

    folder: Path
    environ: Mapping[str, str]
    dynamodb: Any

    def run(self, variant: str, works: Works, table: str, *flags: str) -> dict[str, Any]:
        work, result = self.folder / "work.jsonl", self.folder / "result.json"
        work.write_text("".join(json.dumps(one) + "\n" for one in works))
        command = [sys.executable, "-m", "bench.handlers.process", variant, str(work), str(result), *flags]
        environ = {**self.environ, "TABLE_NAME": table}
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{variant} failed:\n{done.stderr[-4000:]}")
        found: dict[str, Any] = json.loads(result.read_text())
        return found

    def table(self) -> str:
        name = f"bench-{uuid4()}"
        self.dynamodb.create_table(TableName=name, **table_schema())
        return name


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="What our handlers cost beside others.")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and docs/costs.md")
    parser.add_argument("--costs", action="store_true", help="only what AWS charges")
    given = parser.parse_args(argv)
    if given.costs:
        print("\n".join((*page.by_service(), "", *page.by_vendor())))
        if given.write:
            page.write()
        return 0
    try:
        with bench() as at:
            rounds = [measured(at, recorded(at)) for _ in range(max(1, given.rounds))]
    except pytest.skip.Exception as missing:
        print(missing, file=sys.stderr)
        return 2
    text = report.markdown(rounds)
    print(text)
    if given.write:
        (ROOT / report.PAGE).write_text(text, encoding="utf-8")
        page.write()
    return 0


def recorded(at: Bench) -> dict[str, Works]:
    """What the floor does: the calls that our handlers made, for a new table. It has to make them in this order."""
    table = at.table()
    sent = at.run("our_send", our_sends(), table, "--record")
    works = {"send": [{"body": MESSAGE, "calls": calls} for calls in sent["calls"]]}
    for kind in ("status", "duplicate"):
        webhooks = signed(our_webhooks(sent["answers"]))
        received = at.run("our_receive", webhooks, table, "--record")
        works[kind] = [work | {"calls": calls} for work, calls in zip(webhooks, received["calls"], strict=True)]
    moved: dict[str, Works] = json.loads(json.dumps(works).replace(f'"{table}"', f'"{at.table()}"'))
    return moved


def measured(at: Bench, floor: dict[str, Works]) -> report.Round:
    """Every variant once, in a random order; but a webhook comes after its message, and its copy after it."""
    table = at.table()
    figures: dict[tuple[str, str], Any] = {}

    def ours() -> None:
        sent = figures["ours", "send"] = at.run("our_send", our_sends(), table)
        webhooks = our_webhooks(sent["answers"])
        figures["ours", "status"] = at.run("our_receive", signed(webhooks), table)
        figures["ours", "duplicate"] = at.run("our_receive", signed(webhooks), table)

    def floors_own() -> None:
        figures["floor", "send"] = at.run("floor_send", floor["send"], table)
        for name in ("status", "duplicate"):
            figures["floor", name] = at.run("floor_receive", floor[name], table)

    def minimal() -> None:
        figures["minimal", "send"] = at.run("minimal_send", [{"body": MESSAGE}] * (WARM + 1), table)
        webhooks = [status_of(f"{number}") for number in range(WARM + 1)]
        for name in ("status", "duplicate"):
            figures["minimal", name] = at.run("minimal_receive", signed(webhooks), table)

    def sdk() -> None:
        figures["SDK", "send"] = at.run("sdk_send", [{"body": MESSAGE}] * (WARM + 1), table)

    variants = [ours, floors_own, minimal, sdk]
    random.shuffle(variants)
    for variant in variants:
        variant()
    return figures


MESSAGE = json.dumps(message())


def our_sends() -> Works:
    headers = {**basic(CLIENT, CLIENT_SECRET), "content-type": "application/json"}
    return [{"event": api_event("POST /v1/messages", headers=headers, body=MESSAGE)} for _ in range(WARM + 1)]


def our_webhooks(answers: Sequence[Mapping[str, str]]) -> list[str]:
    return [status_of(answer["message_uuid"], client_ref=answer["message_uuid"]) for answer in answers]


def status_of(message_uuid: str, **fields: str) -> str:
    return json.dumps(status_payload("delivered", message_uuid=message_uuid, **fields))


def signed(webhooks: Sequence[str]) -> Works:
    """Each with a token of its own, as Vonage gives the copies of a webhook other tokens."""
    works: Works = []
    for body in webhooks:
        token = webhook_token(body.encode(), SIGNATURE_SECRET, api_key=API_KEY)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        works.append({"body": body, "token": token, "event": api_event("POST /status", headers=headers, body=body)})
    return works


@contextmanager
def bench() -> Iterator[Bench]:
    with TemporaryDirectory() as name, dynamodb_local.running() as dynamodb_url:
        folder = Path(name)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        (folder / "key.pem").write_text(private)
        (folder / "secret.json").write_text(json.dumps(secret_document(private_key=private, public_key=public)))
        certificate = certificate_of(key, folder)
        trusted = folder / "trusted.pem"
        trusted.write_bytes(Path(certifi.where()).read_bytes() + certificate.read_bytes())
        command = [sys.executable, "-m", "bench.handlers.provider", str(certificate), str(folder / "secret.json")]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as provider:
            assert provider.stdout is not None
            url = f"https://127.0.0.1:{int(provider.stdout.readline())}"
            try:
                environ = {
                    **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
                    "PYTHONPATH": f"functions{os.pathsep}.",
                    "PYTHONDONTWRITEBYTECODE": "",
                    "NO_PROXY": "127.0.0.1",
                    "KEY_FILE": str(folder / "key.pem"),
                    "SIGNATURE_SECRET": SIGNATURE_SECRET,
                    "VONAGE_API_URL": url,
                    "AWS_ACCESS_KEY_ID": "testing",
                    "AWS_SECRET_ACCESS_KEY": "testing",
                    "AWS_DEFAULT_REGION": "eu-west-1",
                    "AWS_CA_BUNDLE": str(trusted),
                    "REQUESTS_CA_BUNDLE": str(trusted),
                    "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url,
                    "AWS_ENDPOINT_URL_SECRETS_MANAGER": url,
                    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                    "QUEUE_URL": "https://127.0.0.1/queue",
                    "SECRET_ID": "secret",
                    "RETENTION_DAYS": "90",
                    "MESSAGES_PER_SECOND": "30",
                    "POWERTOOLS_METRICS_NAMESPACE": "Getthrough",
                }
                session = boto3.Session("testing", "testing", region_name="eu-west-1")
                yield Bench(folder, environ, session.client("dynamodb", endpoint_url=dynamodb_url))
            finally:
                provider.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
