"""The promises hold in every state that the protocol can come to, within stated bounds.

Each row explores all interleavings of all the ways in which its budget can be spent: who works when, which answer the
provider gives, which webhooks come, where a crash or a fault strikes. `make test` prints what was visited.
"""

from typing import NamedTuple

import pytest

from getthrough.domain.dispatch import OnUnknown, Step
from getthrough.domain.status import Condition, Status
from tests.simulation.explore import explore
from tests.simulation.world import Budget, Message, Model

SOME = ("accepted", "refused", "unknown, taken")
TAKEN = ("accepted",)
ARRIVES = (Status.DELIVERED,)
ENDS = (Status.REJECTED, Status.DELIVERED)
RESEND = OnUnknown.RESEND


def step(to: str, expiry_time: int) -> Step:
    message = Message(to=to, channel="sms", message_type="text", text="Cupcakes!", **{"from": "bakery"})
    return Step(message=message, expiry_time=expiry_time, condition_status=Condition.DELIVERED)


ONE = (step("1", 100),)
TWO = (step("1", 3), step("2", 3))
THREE = (step("1", 2), step("2", 2), step("3", 2))
LONG = (step("1", 1800), step("2", 3600))


class Row(NamedTuple):
    model: Model
    budget: Budget


ROWS = {
    "two steps, every answer": Row(Model(*TWO), Budget(slow=0)),
    "two steps, one webhook": Row(Model(*TWO, answers=SOME), Budget(webhooks=1, slow=0)),
    "two steps, two webhooks": Row(Model(*TWO, answers=TAKEN, statuses=ENDS), Budget(webhooks=2, slow=0)),
    "two steps, a webhook while an invocation hangs": Row(
        Model(*TWO, answers=TAKEN, statuses=ARRIVES), Budget(webhooks=1)
    ),
    "two steps, a crash and a webhook": Row(
        Model(*TWO, answers=TAKEN, statuses=ARRIVES), Budget(crashes=1, webhooks=1, slow=0)
    ),
    "two steps, a crash at any answer": Row(Model(*TWO, answers=SOME), Budget(crashes=1, slow=0)),
    "two steps, a fault at any answer": Row(Model(*TWO, answers=SOME), Budget(faults=1, slow=0)),
    "two steps, a fault and a webhook": Row(
        Model(*TWO, answers=TAKEN, statuses=ARRIVES), Budget(faults=1, webhooks=1, slow=0)
    ),
    "two steps, an invocation of whose end nobody hears": Row(
        Model(*TWO, answers=TAKEN, statuses=ARRIVES), Budget(webhooks=1, lost_acks=1, slow=0)
    ),
    "three steps": Row(Model(*THREE, answers=("accepted", "unknown, not taken")), Budget(slow=0)),
    "one step that may be sent again": Row(
        Model(*ONE, answers=("accepted", "unknown, taken", "unknown, not taken"), on_unknown=RESEND), Budget(slow=0)
    ),
    "one step that may be sent again, with a webhook": Row(
        Model(*ONE, answers=("unknown, taken", "unknown, not taken"), statuses=ARRIVES, on_unknown=RESEND),
        Budget(webhooks=1, slow=0),
    ),
    "one step that may be sent again, with a crash": Row(
        Model(*ONE, answers=("unknown, taken",), on_unknown=RESEND), Budget(crashes=1, slow=0)
    ),
    "windows that only the tick ends": Row(Model(*LONG, answers=SOME), Budget(ticks=True, slow=0)),
    "windows that only the tick ends, with a crash": Row(
        Model(*LONG, answers=TAKEN), Budget(ticks=True, crashes=1, slow=0)
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_promises_hold_in_every_state(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = explore(*ROWS[name])

    with capsys.disabled():
        histories = f"{found.histories:.1e} histories" if found.histories else "histories without end"
        print(f"\n  {name}: {found.states:,} states, {found.steps:,} steps, {histories}", end="")
    assert found.states > 1000
