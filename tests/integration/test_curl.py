"""The README's first example, as it stands there."""

import json
import re
import subprocess
from pathlib import Path

from tests.integration.scenes import over, received
from tests.integration.sdk_clients import block
from tests.needs import need
from tests.running_stack import Stack

README = Path(__file__).parents[2] / "README.md"


def test_the_readmes_example_works_and_is_answered_as_shown(stack: Stack) -> None:
    need("curl", packages="curl")
    examples = re.findall(r"```(?:sh|json)\n((?:curl|{).*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    command, answer = examples[:2]
    for placeholder, value in {"https://YOUR-API": stack.api_url, "SECRET": stack.client_secret}.items():
        assert placeholder in command
        command = command.replace(placeholder, value)
    number = json.loads(command.split(" -d '")[1].rsplit("'")[0])["to"]
    block(stack, ["whatsapp"], number)

    reported = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    answered = json.loads(reported)
    dispatch = stack.wait_for_dispatch(answered["workflow_id"], over)

    assert set(answered) == set(json.loads(answer))
    assert [post["body"]["channel"] for post in received(stack, number)] == ["whatsapp", "sms"]
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)
