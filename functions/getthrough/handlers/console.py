"""ConsoleFunction: GET /, /assets/{file+}, /openapi.json and /docs, and 404 for every route that does not exist.

It has no access to any AWS resource.
"""

from getthrough.handlers import _assets
from getthrough.handlers._http import Event, Response, answers_problems, header, problem
from getthrough.observability import Context, count, logger

WEBHOOKS = ("status", "inbound")
"""Vonage's webhooks that came to `/inbound/` or `/Status`: their URL is set wrongly in Vonage's dashboard."""


@answers_problems
def handler(event: Event, context: Context) -> Response:
    match event["routeKey"]:
        case "GET /":
            name = "index.html"
        case "GET /docs":
            name = "docs/docs.html"
        case "GET /openapi.json":
            name = "openapi.json"
        case "GET /assets/{file+}":
            name = (event.get("pathParameters") or {}).get("file", "")
        case _ if _is_webhook(event):
            return _misdirected(context)
        case _:
            name = ""
    asset = _assets.find(name, gzipped="gzip" in (header(event, "accept-encoding") or ""))
    logger.info("console", extra={"route": event["routeKey"], "found": asset is not None})
    if asset is None:
        detail = "There is no such route; GET /openapi.json describes those that exist."
        return problem(404, "Not Found", detail, instance=context.aws_request_id)
    if header(event, "if-none-match") == asset.headers["etag"]:
        return {"statusCode": 304, "headers": asset.headers}
    return {"statusCode": 200, "headers": asset.headers, "body": asset.body, "isBase64Encoded": True}


def _is_webhook(event: Event) -> bool:
    """Vonage sends webhooks with POST or GET. Any other method is a stranger's."""
    method = event["requestContext"]["http"]["method"]
    return method in {"POST", "GET"} and event.get("rawPath", "").strip("/").casefold() in WEBHOOKS


def _misdirected(context: Context) -> Response:
    """503, so that Vonage sends the webhook again for a day, and an alarm: time enough to correct the URL."""
    count("WebhookMisdirected")
    logger.warning("webhook at a wrong path")
    detail = "Webhooks go to /status and /inbound, in small letters and without a slash at the end. Correct the URL."
    return problem(503, "Service Unavailable", detail, instance=context.aws_request_id)
