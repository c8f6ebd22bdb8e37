"""OptOutsFunction: list and show opt-outs, opt a contact out or in."""

from functools import cache

from getthrough.adapters.system import utc_now
from getthrough.config import RecordConfig
from getthrough.domain.contact.consent import OptOut, describe_opt_out
from getthrough.domain.contact.contact import Address
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation, found
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import Response, respond
from getthrough.handlers._parameters import address, addressee, listed, page
from getthrough.handlers._recording import recording
from getthrough.observability import count, logger
from getthrough.usecases.change_opt_out import set_opt_out
from getthrough.usecases.know_customer import customer_of
from getthrough.usecases.ports import Listening

LONGEST_WHY = 200
"""The longest reason, in characters."""

NO_REASON = "no reason given"


@cache
def _composed() -> Listening:
    return recording(RecordConfig.from_env())


@for_clients(RecordConfig)
def handler(request: ClientRequest) -> Response:
    """Read or change opt-outs. 200 once a change is in effect."""
    opt_outs, path = _composed().opt_outs, request.path
    match request.route:
        case "GET /v1/opt-outs":
            return respond(200, listed("opt_outs", opt_outs.newest(*page(request.query)), describe_opt_out))
        case "GET /v1/opt-outs/{channel}/{address}":
            return respond(200, describe_opt_out(found(opt_outs.get(customer_of(_composed(), address(path).contact)))))
        case "PUT /v1/opt-outs/{channel}/{address}":
            return _set(addressee(path), True, _why(request), request.client_name)
        case "DELETE /v1/opt-outs/{channel}/{address}":
            return _set(addressee(path), False, NO_REASON, request.client_name)
        case _:
            raise NotFoundError


def _why(request: ClientRequest) -> str:
    """The reason from the body, which may be empty."""
    fields, violations = request.fields("why")
    why = fields.get("why", NO_REASON)
    if not isinstance(why, str) or not 1 <= len(why) <= LONGEST_WHY or not why.isprintable():
        violations.append(Violation("why", f"must have 1 to {LONGEST_WHY} printable characters."))
    if violations:
        raise InvalidRequestError(*violations)
    return str(why)


def _set(named: Address, opted_out: bool, why: str, client_name: str) -> Response:
    customer = customer_of(_composed(), named.contact)
    asked = OptOut(contact=customer, address=named, opted_out=opted_out, changed_at=utc_now(), why=why, by=client_name)
    opt_out, changed = set_opt_out(_composed(), asked)
    if changed:
        count("OptedOut" if opt_out.opted_out else "OptedIn")
    logger.info(
        "opt-out set",
        extra={
            "client": client_name,
            "channel": opt_out.address.channel,
            "opted_out": opt_out.opted_out,
            "changed": changed,
        },
    )
    return respond(200, describe_opt_out(opt_out))
