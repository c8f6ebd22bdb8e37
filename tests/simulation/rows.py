"""What is explored: plans, and how much may happen in a history of each.

`make test` leaves the rows that take long to `make verify`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from getthrough.domain.dispatch.automatic import HELP, STARTED, STOPPED
from getthrough.domain.dispatch.dispatch import OnUnknown, Step
from getthrough.domain.limit.limits import Limit, Limits, Per, Period, WhenReached
from getthrough.domain.message.arrivals import TOLERANCE, Arrivals, bucket
from getthrough.domain.message.channels import OptOutScope
from getthrough.domain.message.outages import WhenDown
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.values.quiet_hours import QuietHours, Then
from tests.builders import FROM, NOON
from tests.simulation.explore import Explored, explore, no_collector
from tests.simulation.process import Message
from tests.simulation.state import Budget, Said
from tests.simulation.world import Model

SOME = ("accepted", "refused", "unknown, accepted")
UNKNOWN = ("unknown, accepted", "unknown, not accepted")
ACCEPTS = ("accepted",)
ARRIVES = (Status.DELIVERED,)
ENDS = (Status.REJECTED, Status.DELIVERED)
RESEND = OnUnknown.RESEND


DAY = 86_400
PHONE, USER_ID = "447700900001", "GB.13491208655302741918"
ACCOUNT = "Ann's Messenger"
"""It is no number, which would stand for a telephone."""


def step(to: str, expiry_time: int, condition_status: Condition = Condition.DELIVERED, channel: str = "sms") -> Step:
    number = f"44770090000{to}" if to.isdigit() else to
    sender = FROM if channel == "whatsapp" else "bakery"
    message = Message(to=number, channel=channel, message_type="text", text="Cupcakes!", **{"from": sender})
    return Step(message=message, expiry_time=expiry_time, condition_status=condition_status, given=Message())


def arrived_within(seconds: float) -> tuple[Arrivals]:
    """What is known of many messages that all took so long."""
    counts: Any = Message()
    counts[bucket(seconds)] = 3_000
    return (Arrivals(counts, cut=Message()),)  # type: ignore[arg-type]


ONE = (step("1", 100),)
TWO = (step("1", 3), step("2", 3))
SHORT = (step("1", 2), step("2", 1))
THREE = (step("1", 2), step("2", 2), step("3", 2))
ASKING = (step("1", 3, Condition.REPLIED), step("2", 3))
ONE_PHONE = (step("1", 3), step("1", 3, channel="whatsapp"), step("2", 3))
LINKED = (step(ACCOUNT, 3, channel="messenger"), step(ACCOUNT, 3, channel="messenger"))
HIDDEN = (step(USER_ID, 3, channel="whatsapp"), step("1", 3))
APART = tuple(replace(one, opt_out_scope=OptOutScope.CHANNEL) for one in ONE_PHONE)
HIDDEN_APART = tuple(replace(one, opt_out_scope=OptOutScope.CHANNEL) for one in HIDDEN)
ANSWER, STOP = Said("whatsapp", USER_ID, "Yes", quotes=0), Said("whatsapp", USER_ID, "STOP", quotes=0)
LATE, LATE_STOP = Said("sms", PHONE, "Thanks!", late=True), Said("sms", PHONE, "STOP", late=True)
SAYS_STOP, STOPS_AGAIN = (Said(channel, PHONE, "STOP", at=0) for channel in ("sms", "rcs"))
SAYS_START, STARTS_AGAIN = (Said(channel, PHONE, "START", at=1) for channel in ("sms", "rcs"))
STOPS_LATER = Said("sms", PHONE, "STOP", at=2)
ASKS_FOR_HELP, ASKS_AGAIN = (Said(channel, PHONE, "HELP", at=0) for channel in ("sms", "rcs"))
"""A copy of a message comes on another channel: on one, it could be the same webhook that comes again."""
FREE = (step("1", 3, channel="whatsapp"), step("1", 3, channel="whatsapp"), step("1", 3))
WROTE = Said("whatsapp", PHONE, "Hello", at=2 - DAY)
"""Its window closes two seconds after noon, before the second step is due."""
WROTE_BEFORE = Said("whatsapp", PHONE, "Hello", at=-1 - DAY)
WROTE_UNDER_A_NAME = Said("whatsapp", PHONE, "Hello", user_id=USER_ID, at=-1)
AUTOMATIC = (replace(step("1", 30), tolerance=TOLERANCE), step("2", 3))
FAST, SLOW = (arrived_within(seconds) for seconds in (1, 100))
"""The first makes the shortest window that there is, the second one of two minutes."""
URGENT = (step("1", 2), replace(step("2", 3), urgent=True))
A_MINUTE = Limits((Limit("messages_per_minute", Per.STACK, Period.MINUTE, 1),))
PENCE = Limits(
    (Limit("spending_per_day", Per.STACK, Period.DAY, Decimal("0.09"), "EUR"),),
    when_reached=WhenReached.SKIP,
    price_ceiling=Decimal("0.05"),
)
"""Room for two messages only once the price of the first one is known, which is less than the ceiling."""
A_MINUTE_LATER, TWO_MINUTES = 65, 125
SKIPPING = A_MINUTE._replace(when_reached=WhenReached.SKIP)
SKIPS = (replace(step("1", 2, channel="whatsapp"), when_down=WhenDown.SKIP), step("1", 2))
DOWN = ("whatsapp 44", "sms 44")
LONG = (step("1", 1800), step("2", 3600))


def quiet(starts: int, ends: int, then: Then = Then.WAIT) -> QuietHours:
    """From some seconds after noon to others, on the one day that there is."""
    today = frozenset({NOON.weekday()})
    return QuietHours(time_zone="UTC", starts=time(12, 0, starts), ends=time(12, 0, ends), days=today, then=then)


def model(*steps: Step, **world: Any) -> Callable[[], Model]:
    """Makes a model. It has all that was seen in a search, so no search leaves its own behind."""
    return partial(Model, *steps, **world)


class Row(NamedTuple):
    """`states` is how many there are. A change of the protocol may change it; what makes the search faster must not."""

    model: Callable[[], Model]
    budget: Budget
    states: int


ROWS = {
    "a channel that is down, which the message may skip, and a crash": Row(
        model(*SKIPS, answers=ACCEPTS, down=DOWN[:1]), Budget(crashes=1, slow=0), states=409
    ),
    "two channels that are down": Row(
        model(*SKIPS, answers=ACCEPTS, down=DOWN), Budget(crashes=1, slow=0), states=4_202
    ),
    "a channel that is down, and STOP": Row(
        model(*SKIPS, answers=ACCEPTS, statuses=ARRIVES, down=DOWN[:1]), Budget(stops=1, slow=0), states=687
    ),
    "two steps, every answer": Row(model(*SHORT), Budget(slow=0), states=27_647),
    "two steps, one webhook": Row(model(*TWO, answers=SOME), Budget(webhooks=1, slow=0), states=54_728),
    "two steps, two webhooks": Row(
        model(*TWO, answers=ACCEPTS, statuses=ENDS), Budget(webhooks=2, slow=0), states=71_585
    ),
    "two steps, a webhook while an invocation hangs": Row(
        model(*TWO, answers=ACCEPTS, statuses=ARRIVES), Budget(webhooks=1), states=29_902
    ),
    "two steps, a crash and a webhook": Row(
        model(*TWO, answers=ACCEPTS, statuses=ARRIVES), Budget(crashes=1, webhooks=1, slow=0), states=28_597
    ),
    "two steps, a crash at any answer": Row(model(*TWO, answers=SOME), Budget(crashes=1, slow=0), states=19_269),
    "two steps, a fault at any answer": Row(model(*TWO, answers=SOME), Budget(faults=1, slow=0), states=33_798),
    "two steps, a fault and a webhook": Row(
        model(*TWO, answers=ACCEPTS, statuses=ARRIVES), Budget(faults=1, webhooks=1, slow=0), states=41_296
    ),
    "two steps, an invocation whose acknowledgement is lost": Row(
        model(*TWO, answers=ACCEPTS, statuses=ARRIVES), Budget(webhooks=1, lost_acks=1, slow=0), states=10_799
    ),
    "three steps": Row(model(*THREE, answers=("accepted", "unknown, not accepted")), Budget(slow=0), states=34_706),
    "one step that may be sent again": Row(
        model(*ONE, answers=("accepted", "unknown, accepted", "unknown, not accepted"), on_unknown=RESEND),
        Budget(slow=0),
        states=4_233,
    ),
    "one step that may be sent again, with a webhook": Row(
        model(*ONE, answers=UNKNOWN, statuses=ARRIVES, on_unknown=RESEND), Budget(webhooks=1, slow=0), states=8_870
    ),
    "one step that may be sent again, with a crash": Row(
        model(*ONE, answers=("unknown, accepted",), on_unknown=RESEND), Budget(crashes=1, slow=0), states=4_897
    ),
    "two steps, and a customer who says stop": Row(
        model(*TWO, answers=("accepted", "refused")), Budget(stops=1, slow=0), states=19_341
    ),
    "two steps, a customer who says stop, and a crash": Row(
        model(*TWO, answers=ACCEPTS), Budget(stops=1, crashes=1, slow=0), states=122_431
    ),
    "two steps, a customer who says stop, and a fault": Row(
        model(*TWO, answers=ACCEPTS), Budget(stops=1, faults=1, slow=0), states=199_591
    ),
    "two steps, a customer who says stop, and an invocation that hangs": Row(
        model(*TWO, answers=ACCEPTS), Budget(stops=1), states=142_512
    ),
    "two steps, a customer who is asked, and answers": Row(
        model(*ASKING, answers=("accepted", "refused"), statuses=ARRIVES),
        Budget(replies=1, webhooks=1, slow=0),
        states=58_441,
    ),
    "two steps, a customer who is asked, answers, and a crash": Row(
        model(*ASKING, answers=ACCEPTS), Budget(replies=1, crashes=1, slow=0), states=40_438
    ),
    "two steps, a customer who answers one of them from another address": Row(
        model(*TWO, answers=ACCEPTS, statuses=ENDS, says=(ANSWER,)), Budget(says=1, webhooks=1, slow=0), states=96_615
    ),
    "two steps, a customer who answers one of them, and a crash": Row(
        model(*TWO, answers=ACCEPTS, says=(ANSWER,)), Budget(says=1, crashes=1, slow=0), states=50_254
    ),
    "two steps, a customer who answers STOP to one of them, and a crash": Row(
        model(*TWO, answers=ACCEPTS, says=(STOP,)), Budget(says=1, crashes=1, slow=0), states=100_416
    ),
    "two steps, a customer who answers STOP to one of them, and a webhook": Row(
        model(*TWO, answers=ACCEPTS, statuses=ENDS, says=(STOP,)), Budget(says=1, webhooks=1, slow=0), states=197_231
    ),
    "steps on two channels of one telephone, and STOP on a third": Row(
        model(*ONE_PHONE, answers=ACCEPTS, says=(Said("mms", PHONE, "STOP"),)), Budget(says=1, slow=0), states=204_438
    ),
    "steps that are kept to their channels, and STOP on one of these or another": Row(
        model(*APART, answers=ACCEPTS, says=(Said("mms", PHONE, "STOP"), Said("rcs", PHONE, "STOP"))),
        Budget(says=1, slow=0),
        states=159_434,
    ),
    "a user id whose telephone becomes known, and steps that are kept to their channels": Row(
        model(
            *HIDDEN_APART,
            answers=ACCEPTS,
            says=(
                Said("whatsapp", PHONE, "Hello", user_id=USER_ID),
                Said("whatsapp", PHONE, "STOP"),
                Said("sms", PHONE, "STOP"),
            ),
        ),
        Budget(says=2, slow=0),
        states=213_789,
    ),
    "a user id whose telephone becomes known, and STOP from either": Row(
        model(
            *HIDDEN,
            answers=ACCEPTS,
            says=(
                Said("whatsapp", PHONE, "Hello", user_id=USER_ID),
                Said("whatsapp", USER_ID, "STOP"),
                Said("sms", PHONE, "STOP"),
            ),
        ),
        Budget(says=2, slow=0),
        states=452_141,
    ),
    "a link that is removed, and STOP of the account or of its telephone": Row(
        model(*LINKED, answers=ACCEPTS, says=(Said("messenger", ACCOUNT, "STOP"), Said("sms", PHONE, "STOP"))),
        Budget(says=1, unlinks=1, slow=0),
        states=88_078,
    ),
    "a stop that is confirmed, and said twice": Row(
        model(*ONE, gives=STOPPED, answers=ACCEPTS, says=(SAYS_STOP, STOPS_AGAIN)),
        Budget(calls=0, says=2, ticks=True, slow=0),
        states=18_626,
    ),
    "a stop that is confirmed, said twice, and a crash": Row(
        model(*ONE, gives=STOPPED, answers=ACCEPTS, says=(SAYS_STOP, STOPS_AGAIN)),
        Budget(calls=0, says=2, crashes=1, ticks=True, slow=0),
        states=110_911,
    ),
    "a stop that is confirmed, any answer, and a fault": Row(
        model(*ONE, gives=STOPPED, answers=SOME, says=(SAYS_STOP,)),
        Budget(calls=0, says=2, faults=1, ticks=True, slow=0),
        states=53_418,
    ),
    "a stop that is confirmed, and taken back": Row(
        model(*ONE, gives=STOPPED, answers=ACCEPTS, says=(SAYS_STOP, SAYS_START)),
        Budget(calls=0, says=2, crashes=1, ticks=True, slow=0),
        states=41_026,
    ),
    "a start that is confirmed, said twice, and STOP": Row(
        model(*ONE, gives=STARTED, answers=ACCEPTS, says=(SAYS_START, STARTS_AGAIN, STOPS_LATER)),
        Budget(calls=0, says=3, ticks=True, slow=0),
        states=20_569,
    ),
    "help that is asked for twice, and a crash": Row(
        model(*ONE, gives=HELP, answers=ACCEPTS, says=(ASKS_FOR_HELP, ASKS_AGAIN)),
        Budget(calls=0, says=2, crashes=1, ticks=True, slow=0),
        states=65_279,
    ),
    "help that is asked for, STOP, and a crash": Row(
        model(*ONE, gives=HELP, answers=ACCEPTS, says=(ASKS_FOR_HELP, STOPS_LATER)),
        Budget(calls=0, says=2, crashes=1, ticks=True, slow=0),
        states=50_810,
    ),
    "free messages, and a customer who writes": Row(
        model(*FREE, answers=ACCEPTS, says=(WROTE,), enforces=True), Budget(says=1, crashes=1, slow=0), states=39_843
    ),
    "free messages, a customer who wrote too long ago, and a crash": Row(
        model(*FREE, answers=ACCEPTS, says=(WROTE_BEFORE,), enforces=True),
        Budget(says=1, crashes=1, slow=0),
        states=7_668,
    ),
    "free messages to a user id whose telephone writes": Row(
        model(*HIDDEN, answers=ACCEPTS, says=(WROTE_UNDER_A_NAME,), enforces=True),
        Budget(says=1, faults=1, slow=0),
        states=11_863,
    ),
    "an automatic window, counts that change, and a crash": Row(
        model(*AUTOMATIC, answers=ACCEPTS, arrivals=(FAST, SLOW)), Budget(crashes=1, slow=0), states=8_403
    ),
    "an automatic window, counts that change, and a fault": Row(
        model(*AUTOMATIC, answers=ACCEPTS, arrivals=(FAST, SLOW)), Budget(faults=1, slow=0), states=12_446
    ),
    "an automatic window of a step that is tried again": Row(
        model(*AUTOMATIC, answers=("accepted", "unavailable"), arrivals=(FAST, SLOW)),
        Budget(slow=0, until=7),
        states=10_330,
    ),
    "an automatic window, counts that change, and a webhook": Row(
        model(*AUTOMATIC, answers=ACCEPTS, statuses=ENDS, arrivals=(FAST, SLOW)),
        Budget(webhooks=1, slow=0),
        states=16_418,
    ),
    "a client that cancels, a fault and a crash": Row(
        model(*ONE, answers=ACCEPTS), Budget(cancels=1, faults=1, crashes=1, slow=0), states=5_848
    ),
    "two steps, and a customer who is erased": Row(
        model(*SHORT, answers=ACCEPTS), Budget(erasures=1, slow=0), states=106_264
    ),
    "one step, a customer who is erased, and a crash": Row(
        model(*ONE, answers=ACCEPTS), Budget(erasures=1, crashes=1, slow=0), states=15_135
    ),
    "one step, a customer who is erased, and what they wrote before comes later": Row(
        model(*ONE, answers=ACCEPTS, says=(LATE, LATE_STOP)), Budget(erasures=1, says=1, slow=0), states=50_291
    ),
    "one step, a customer who is erased, a webhook and a crash": Row(
        model(*ONE, answers=ACCEPTS, statuses=ARRIVES),
        Budget(erasures=1, webhooks=1, crashes=1, slow=0),
        states=131_760,
    ),
    "one step to a customer who is being erased, and a webhook": Row(
        model(*ONE, answers=ACCEPTS, statuses=ARRIVES),
        Budget(erasures=1, again=True, webhooks=1, slow=0),
        states=57_271,
    ),
    "one step to a customer who is being erased, and STOP": Row(
        model(*ONE, answers=ACCEPTS), Budget(erasures=1, again=True, stops=1, slow=0), states=65_307
    ),
    "two steps, a client that asks twice with one key": Row(
        model(*TWO, answers=("accepted", "refused")), Budget(calls=2, slow=0), states=2_190
    ),
    "two steps, a client that asks twice with one key, a fault and a crash": Row(
        model(*TWO[:1], answers=ACCEPTS), Budget(calls=2, faults=1, crashes=1, slow=0), states=4_169
    ),
    "two steps, a client that cancels": Row(
        model(*TWO, answers=SOME, statuses=ARRIVES), Budget(cancels=1, webhooks=1, slow=0), states=65_287
    ),
    "two steps at a later time, with a crash": Row(
        model(*TWO, answers=ACCEPTS, send_at=5), Budget(crashes=1, slow=0), states=9_254
    ),
    "two steps at a later time, a client that asks twice with one key, and cancels": Row(
        model(*TWO, answers=ACCEPTS, send_at=5), Budget(calls=2, cancels=1, slow=0), states=9_948
    ),
    "two steps at a later time, and a customer who says stop": Row(
        model(*TWO, answers=("accepted", "refused"), send_at=5), Budget(stops=1, slow=0), states=19_443
    ),
    "two steps in quiet hours, with a crash": Row(
        model(*TWO, answers=ACCEPTS, quiet_hours=quiet(0, 5)), Budget(crashes=1, slow=0), states=9_254
    ),
    "two steps, the second in quiet hours, with a crash": Row(
        model(*TWO, answers=ACCEPTS, quiet_hours=quiet(2, 7)), Budget(crashes=1, slow=0), states=14_845
    ),
    "two steps, the second in quiet hours, and a webhook": Row(
        model(*TWO, answers=ACCEPTS, statuses=ENDS, quiet_hours=quiet(2, 7)), Budget(webhooks=1, slow=0), states=20_208
    ),
    "two steps, the second in quiet hours, and a customer who says stop": Row(
        model(*TWO, answers=ACCEPTS, quiet_hours=quiet(2, 7)), Budget(stops=1, slow=0), states=28_225
    ),
    "a step that is tried again in quiet hours": Row(
        model(*SHORT[:1], answers=("accepted", "unavailable"), quiet_hours=quiet(1, 4)),
        Budget(crashes=1, slow=0),
        states=5_089,
    ),
    "two steps that quiet hours pass over, with a crash": Row(
        model(*TWO, answers=SOME, statuses=ARRIVES, quiet_hours=quiet(2, 7, Then.SKIP)),
        Budget(webhooks=1, crashes=1, slow=0),
        states=1_895,
    ),
    "two steps, an urgent one after one that waits": Row(
        model(*URGENT, answers=ACCEPTS, statuses=ENDS, quiet_hours=quiet(1, 9)),
        Budget(webhooks=1, slow=0),
        states=16_903,
    ),
    "a time that only the tick brings": Row(
        model(*TWO, answers=ACCEPTS, send_at=1200), Budget(ticks=True, slow=0), states=16_654
    ),
    "two steps, a limit of one message a minute": Row(
        model(*TWO, answers=("accepted", "refused"), limits=A_MINUTE), Budget(slow=0, until=TWO_MINUTES), states=5_120
    ),
    "one step that is tried again, and a limit of one message a minute": Row(
        model(*SHORT[:1], answers=("accepted", "unavailable"), limits=A_MINUTE),
        Budget(crashes=1, slow=0, until=TWO_MINUTES),
        states=833,
    ),
    "two steps, a limit of one message a minute, and a crash": Row(
        model(*TWO, answers=ACCEPTS, limits=A_MINUTE), Budget(crashes=1, slow=0, until=A_MINUTE_LATER), states=7_325
    ),
    "two steps, a limit of one message a minute, and a fault": Row(
        model(*TWO, answers=ACCEPTS, limits=A_MINUTE), Budget(faults=1, slow=0, until=A_MINUTE_LATER), states=15_789
    ),
    "two steps, a limit of one message a minute, and a client that asks twice with one key": Row(
        model(*TWO, answers=ACCEPTS, limits=A_MINUTE), Budget(calls=2, slow=0, until=TWO_MINUTES), states=4_434
    ),
    "two steps, a limit of one message a minute that passes over, with a crash": Row(
        model(*TWO, answers=SOME, limits=SKIPPING), Budget(crashes=1, slow=0, until=TWO_MINUTES), states=326
    ),
    "two steps, a limit of one message a minute, and a customer who says stop": Row(
        model(*TWO, answers=ACCEPTS, limits=A_MINUTE), Budget(stops=1, slow=0, until=A_MINUTE_LATER), states=34_858
    ),
    "one step that may be sent again, and a limit of one message a minute": Row(
        model(*ONE, answers=UNKNOWN, statuses=ARRIVES, on_unknown=RESEND, limits=A_MINUTE),
        Budget(webhooks=1, slow=0, until=TWO_MINUTES),
        states=1_686,
    ),
    "two steps, a limit on spending, and a webhook with a price": Row(
        model(*TWO, answers=ACCEPTS, statuses=ARRIVES, limits=PENCE),
        Budget(webhooks=1, slow=0, until=30),
        states=425,
    ),
    "one step, a limit on spending, a crash, and a webhook with a price": Row(
        model(*SHORT[:1], answers=SOME, statuses=ENDS, limits=PENCE),
        Budget(crashes=1, webhooks=1, slow=0, until=30),
        states=1_833,
    ),
    "one step that is tried again, and a limit on spending": Row(
        model(*SHORT[:1], answers=("accepted", "unavailable"), limits=PENCE),
        Budget(crashes=1, slow=0, until=30),
        states=915,
    ),
    "windows that only the tick ends": Row(model(*LONG, answers=SOME), Budget(ticks=True, slow=0), states=820),
    "two steps, a tick at any time, and an invocation that hangs": Row(
        model(*SHORT, answers=ACCEPTS), Budget(ticks=True), states=51_198
    ),
    "windows that only the tick ends, with a crash": Row(
        model(*LONG, answers=ACCEPTS), Budget(ticks=True, crashes=1, slow=0), states=1_176
    ),
}

MANY_STATES = 16_000
"""More than these take more than a second or two."""


def takes_long(name: str) -> bool:
    """Long rows show more than the others how the kinds of trouble meet each other."""
    return ROWS[name].states > MANY_STATES


def explore_row(name: str) -> Explored:
    """Visit every state of a row. BrokenPromiseError for the shortest history that breaks a promise."""
    row = ROWS[name]
    with no_collector():
        return explore(row.model(), row.budget)
