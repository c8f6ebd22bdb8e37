"""The canary on the running local stack, with its own policy and the function's real gateway."""

from pathlib import Path

import pytest

from tests.integration.scenes import over, until
from tests.running_stack import new_number, running_stack

pytestmark = pytest.mark.timeout(400)

ARRIVED = '"CanaryArrived":'


def test_the_canary_reaches_its_phone_and_its_status_comes_back(tmp_path: Path) -> None:
    number = new_number()
    with running_stack(tmp_path / "local", CANARY_TO=number) as stack:
        fired = {"detail-type": "Scheduled Event", "time": "2026-11-29T12:00:00Z"}
        dispatch_uuid = stack.invoke("CanaryFunction", fired)["dispatch_uuid"]
        assert stack.invoke("CanaryFunction", fired)["dispatch_uuid"] == dispatch_uuid
        found = stack.wait_for_dispatch(dispatch_uuid, over, seconds=120)
        [listed] = stack.api("GET", "/v1/dispatches").json()["dispatches"]
        shown = stack.simulator("GET", f"/phones/sms/{number}")["messages"]
        until(lambda: ARRIVED in stack.logs().get("StatusFunction", ""))
        logged = stack.logs()["StatusFunction"]

    assert (found["outcome"], listed["canary"]) == ("succeeded", True)
    assert [message["text"] for message in shown] == ["Getthrough works."]
    assert logged.count(ARRIVED) == 1
