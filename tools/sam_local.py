"""Connects functions that `sam local` runs in Docker with the local stack of `make run`.

`python -m tools.sam_local .aws-sam/local` writes env.json there, for `--env-vars`, and declares AWS_ENDPOINT_URL in
the built copy of the template, since `sam local` sets only variables that the template declares. Without a running
local stack the variables stay empty: the page works, everything that needs AWS does not.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.stack.stack_file import read_running

ROOT = Path(__file__).resolve().parent.parent
# What a container calls the computer that runs it; SAM's --add-host makes it known on Linux too.
HOST = "host.docker.internal"


def variables(stack: dict[str, Any]) -> dict[str, str]:
    """The functions' environment variables, with addresses as a container sees them."""

    def seen_from_docker(url: str) -> str:
        return url.replace("127.0.0.1", HOST)

    return {
        "AWS_ENDPOINT_URL": seen_from_docker(stack["aws_endpoint"]),
        "TABLE_NAME": stack["table_name"],
        "QUEUE_URL": seen_from_docker(stack["queue_url"]),
        "DEAD_LETTER_QUEUE_URL": seen_from_docker(stack["dead_letter_queue_url"]),
        "CALLBACK_QUEUE_URL": seen_from_docker(stack["callback_queue_url"]),
        "CALLBACK_DEAD_LETTER_QUEUE_URL": seen_from_docker(stack["callback_dead_letter_queue_url"]),
        "ALLOW_PRIVATE_CALLBACKS": "true",
        "EVENT_BUS_NAME": stack["event_bus_name"],
        "SECRET_ID": stack["secret_id"],
        "VONAGE_API_URL": seen_from_docker(stack["vonage_api_url"]),
    }


def main(build: Path) -> None:
    stack = read_running(ROOT / os.environ.get("LOCAL_DIR", ".local"))
    settings = variables(stack) if stack else {"AWS_ENDPOINT_URL": ""}
    (build / "env.json").write_text(json.dumps({"Parameters": settings}, indent=1))
    file = build / "template.yaml"
    template = yaml_parse(file.read_text())
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = ""
    # JSON is YAML too.
    file.write_text(json.dumps(template, indent=1))
    print(f"sam local: {'uses ' + stack['aws_endpoint'] if stack else 'no local stack runs, so only the page works'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
