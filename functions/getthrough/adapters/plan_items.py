"""The attributes that dispatches and schedules share: what to send, and when."""

import json
from datetime import datetime, time
from typing import Any

from getthrough.domain.dispatch.dispatch import Step
from getthrough.domain.message.channels import OptOutScope
from getthrough.domain.message.outages import WhenDown
from getthrough.domain.message.status import Condition
from getthrough.domain.values.quiet_hours import DAYS, QuietHours, Then
from getthrough.domain.values.rfc3339 import from_text

Attributes = dict[str, Any]


def from_steps(steps: tuple[Step, ...]) -> str:
    """The steps as text, because the plan never changes and may hold any JSON."""
    return json_text([_plan(step) for step in steps])


def to_steps(plan: str) -> tuple[Step, ...]:
    return tuple(_to_step(step) for step in json.loads(plan))


def to_quiet_hours(attributes: Attributes) -> QuietHours:
    return QuietHours(
        time_zone=attributes["time_zone"],
        starts=time.fromisoformat(attributes["from"]),
        ends=time.fromisoformat(attributes["to"]),
        days=frozenset(DAYS.index(day) for day in attributes["days"]),
        then=Then(attributes["then"]),
    )


def json_text(value: object) -> str:
    """Compact JSON, because every write of the item pays for its size."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None


def _plan(step: Step) -> Attributes:
    plan: Attributes = {"message": dict(step.message), "expiry_time": step.expiry_time}
    if step.condition_status is not Condition.DELIVERED:
        plan["condition_status"] = step.condition_status
    if step.given:
        plan["given"] = dict(step.given)
    if step.urgent:
        plan["urgent"] = True
    if step.opt_out_scope is not OptOutScope.CUSTOMER:
        plan["opt_out_scope"] = str(step.opt_out_scope)
    if step.when_down is not WhenDown.WAIT:
        plan["when_down"] = str(step.when_down)
    if step.tolerance is not None:
        plan["tolerance"] = step.tolerance
    return plan


def _to_step(plan: Attributes) -> Step:
    return Step(
        message=plan["message"],
        expiry_time=plan["expiry_time"],
        condition_status=Condition(plan.get("condition_status", Condition.DELIVERED)),
        given=plan.get("given", {}),
        urgent=plan.get("urgent", False),
        opt_out_scope=OptOutScope(plan.get("opt_out_scope", OptOutScope.CUSTOMER)),
        when_down=WhenDown(plan.get("when_down", WhenDown.WAIT)),
        tolerance=plan.get("tolerance"),
    )
