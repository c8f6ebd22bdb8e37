"""The routes for a day's numbers and the health of channels."""

from getthrough.domain.dispatch.day import DayView
from getthrough.domain.message.arrivals_view import ArrivalsPageView
from getthrough.domain.message.health_view import HealthView
from tools.openapi import views
from tools.openapi.answers import NAMED
from tools.openapi.parameters import PAGE, in_query
from tools.openapi.parts import Json, parameter
from tools.openapi.reading import read

SCHEMAS: Json = views.components(DayView, HealthView, ArrivalsPageView, named=NAMED)

PATHS: Json = {
    "/v1/days/{date}": {
        "get": read(
            "readDay",
            "Dispatches",
            "Read a day's statistics: outcomes, cost, and how long each channel took",
            "Day",
            422,
            parameters=[
                parameter("Date"),
                in_query(
                    "time_zone",
                    "The time zone in which the day starts and ends: a name of the tz database.",
                    type="string",
                    minLength=1,
                    maxLength=64,
                    default="UTC",
                ),
            ],
        )
    },
    "/v1/health": {
        "get": read(
            "readHealth",
            "Dispatches",
            "Read which channels are down",
            "Health",
            parameters=[],
            description="The health of each channel in each country, inferred from Vonage's webhooks. While a channel "
            "is down, messages with `when_down: skip` start with their fallback.",
        )
    },
    "/v1/arrivals": {
        "get": read(
            "listArrivals",
            "Dispatches",
            "List how long messages took to arrive, by channel, country, sender and week, newest first",
            "ArrivalsPage",
            422,
            parameters=[*PAGE],
            description="Each bucket counts the messages that took about the same time. Only dispatches that have "
            "ended count. Automatic windows (`expiry_time: auto`) are learned from these counts.",
        )
    },
}
