"""Vonage's account side over HTTP: the Application API v2, numbers, balance and settings, all by Basic authentication.

api.nexmo.com and rest.nexmo.com are one host here. Sources: Vonage's description of the Application API 2.1.0, and of
the Numbers and Account APIs.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiohttp import web

from local.vonage_simulator import account, answers
from local.vonage_simulator.account import Account
from local.vonage_simulator.answers import Answer
from local.vonage_simulator.provider import response
from local.vonage_simulator.simulator import SIMULATOR

routes = web.RouteTableDef()

Work = Callable[[web.Request, Account], Awaitable[Any]]
MOST_PER_PAGE, USUAL_PER_PAGE = 100, 10


def _for_the_owner(work: Work) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Refuse everyone else; a route answers with an Answer, or with JSON for 200."""

    @wraps(work)
    async def handler(request: web.Request) -> web.Response:
        owned = request.app[SIMULATOR].account
        if not owned.knows(request.headers.get("Authorization")):
            return response(answers.standard(401))
        found = await work(request, owned)
        return response(found if isinstance(found, Answer) else Answer(200, found))

    return handler


def _no_application() -> Answer:
    detail = "You do not have access to this application, or it does not exist"
    return answers.problem(404, "#not-found", "Not Found", detail)


async def _checked(request: web.Request) -> Any:
    """The application in the body, or the 400 that Vonage answers."""
    try:
        body = await request.json()
    except ValueError:
        return answers.problem(400, "/application#payload-validation", "Bad Request", "The body is not JSON.")
    if wrong := account.faults(body):
        detail = "The request failed due to validation errors"
        return answers.problem(400, "/application#payload-validation", "Bad Request", detail, wrong)
    return body


@routes.get("/v2/applications")
@_for_the_owner
async def list_applications(request: web.Request, owned: Account) -> Any:
    try:
        size, page = int(request.query.get("page_size", USUAL_PER_PAGE)), int(request.query.get("page", 1))
    except ValueError:
        size, page = 0, 0
    if not 1 <= size <= MOST_PER_PAGE or page < 1:
        wrong = [answers.Invalid("page_size", f"must be between 1 and {MOST_PER_PAGE}")]
        return answers.problem(400, "/application#list-validation", "Bad Request", "The request failed.", wrong)
    found = list(owned.applications.values())
    return {
        "page_size": size,
        "page": page,
        "total_items": len(found),
        "total_pages": max(1, -(-len(found) // size)),
        "_embedded": {"applications": found[(page - 1) * size : page * size]},
    }


@routes.post("/v2/applications")
@_for_the_owner
async def create_application(request: web.Request, owned: Account) -> Any:
    body = await _checked(request)
    return body if isinstance(body, Answer) else Answer(201, owned.create(body))


@routes.get("/v2/applications/{id}")
@_for_the_owner
async def get_application(request: web.Request, owned: Account) -> Any:
    return owned.applications.get(request.match_info["id"]) or _no_application()


@routes.put("/v2/applications/{id}")
@_for_the_owner
async def put_application(request: web.Request, owned: Account) -> Any:
    if request.match_info["id"] not in owned.applications:
        return _no_application()
    body = await _checked(request)
    if isinstance(body, Answer):
        return body
    return owned.put(request.match_info["id"], {name: value for name, value in body.items() if name != "id"})


@routes.delete("/v2/applications/{id}")
@_for_the_owner
async def delete_application(request: web.Request, owned: Account) -> Any:
    if owned.applications.pop(request.match_info["id"], None) is None:
        return _no_application()
    return Answer(204, "")


@routes.get("/account/get-balance")
@_for_the_owner
async def balance(_request: web.Request, owned: Account) -> Any:
    return {"value": owned.switches.balance, "autoReload": False}


@routes.post("/account/settings")
@_for_the_owner
async def settings(_request: web.Request, owned: Account) -> Any:
    """Without fields it changes nothing, and answers what is set. No URLs of the account itself are simulated."""
    return {
        "mo-callback-url": "",
        "dr-callback-url": "",
        "max-outbound-request": owned.switches.max_outbound_request,
        "max-inbound-request": 30,
        "max-calls-per-second": 30,
    }


@routes.get("/account/numbers")
@_for_the_owner
async def numbers(request: web.Request, owned: Account) -> Any:
    pattern = request.query.get("pattern", "")
    found = [number for number in owned.numbers.values() if pattern in number["msisdn"]]
    return {"count": len(found), "numbers": found} if found else {}


@routes.post("/number/update")
@_for_the_owner
async def update_number(request: web.Request, owned: Account) -> Any:
    form = await request.post()
    number = owned.numbers.get(str(form.get("msisdn")))
    if number is None or form.get("country") != number["country"]:
        return Answer(420, {"error-code": "420", "error-code-label": "method failed"})
    if "app_id" in form:
        number["app_id"] = str(form["app_id"])
    return {"error-code": "200", "error-code-label": "success"}
