"""The documents' curl lines, as they stand there."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.scenes import over, received
from tests.integration.sdk_clients import block
from tests.needs import need
from tests.running_stack import Stack

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN_FOR_THE_LOCAL_STACK = [path for path in DOCUMENTS if path.name not in {"deploy.md", "sam-local.md"}]
"""The others have a deployed stack's URL and phone numbers in their examples."""


def examples(document: Path) -> list[str]:
    """Each command of a document that begins with curl."""
    blocks = re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    return [
        command
        for block in blocks
        for command in re.findall(r"^curl .*?(?=^[a-z#]|\Z)", block, re.DOTALL | re.MULTILINE)
    ]


def answer(command: str, stack: Stack) -> Any:
    need("curl", packages="curl")
    settings = f"export API={stack.api_url} AUTH={stack.client_name}:{stack.client_secret}\n"
    run = subprocess.run(["bash", "-c", settings + command], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


@pytest.mark.main_story
def test_the_readmes_first_example_fails_over_and_is_answered_as_shown(stack: Stack) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command, shown = examples(ROOT / "README.md")[0], re.findall(r"```json\n(.*?)```", readme, re.DOTALL)[0]
    number = json.loads(command.split(" -d '")[1].rsplit("'")[0])["to"]
    block(stack, ["whatsapp"], number)

    answered = answer(command, stack)
    dispatch = stack.wait_for_dispatch(answered["workflow_id"], over)

    assert set(answered) == set(json.loads(shown))
    assert [post["body"]["channel"] for post in received(stack, number)] == ["whatsapp", "sms"]
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=f"{document.name} {number}")
        for document in SHOWN_FOR_THE_LOCAL_STACK
        for number, command in enumerate(examples(document), start=1)
        if " > " not in command  # it writes files
    ],
)
def test_every_curl_line_can_be_pasted(command: str, stack: Stack) -> None:
    assert "invalid_parameters" not in (answered := answer(command, stack))
    ids = {"message_uuid", "schedule_uuid", "batch_uuid", "erasure_uuid", "phone_number", "entries", "limits"}
    assert ids & set(answered), answered
