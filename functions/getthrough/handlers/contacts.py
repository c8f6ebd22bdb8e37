"""ContactsFunction: show contacts, link their accounts; list and show opt-outs, opt a contact out or in."""

from collections.abc import Mapping
from functools import cache

from getthrough.adapters.system import utc_now
from getthrough.config import ContactConfig
from getthrough.domain.contact.consent import OptOut, describe_opt_out
from getthrough.domain.contact.contact import Address, Contact
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation, found
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import Response, respond
from getthrough.handlers._parameters import address, addressee, listed, page
from getthrough.handlers._recording import recording
from getthrough.observability import count, logger
from getthrough.usecases.change_opt_out import set_opt_out
from getthrough.usecases.know_customer import customer_of, link_accounts
from getthrough.usecases.ports import Listening
from getthrough.usecases.show_contact import show_contact

LONGEST_WHY = 200
"""The longest reason, in characters."""

NO_REASON = "no reason given"

MOST_LINKS = 10


@cache
def _composed() -> Listening:
    return recording(ContactConfig.from_env())


@for_clients(ContactConfig)
def handler(request: ClientRequest) -> Response:
    """Read or change a contact. 200 once a change is in effect."""
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
        case "GET /v1/contacts/{channel}/{address}":
            return respond(200, show_contact(_composed(), address(path)))
        case "PUT /v1/contacts/{channel}/{address}/links":
            return _link(addressee(path), request)
        case _:
            raise NotFoundError


def _link(named: Address, request: ClientRequest) -> Response:
    if not named.contact.is_phone:
        raise InvalidRequestError(Violation("address", "must be a phone number: accounts are linked to one."))
    accounts = _accounts(request)
    link_accounts(_composed(), named.contact, accounts)
    logger.info("contact linked", extra={"client": request.client_name, "links": len(accounts)})
    return respond(200, show_contact(_composed(), named))


def _accounts(request: ClientRequest) -> list[Contact]:
    """The accounts in the body: `{"links": [{"channel": "messenger", "address": "1234567890"}]}`."""
    fields, violations = request.fields("links")
    links, accounts = fields.get("links"), list[Contact]()
    if not isinstance(links, list) or len(links) > MOST_LINKS:
        raise InvalidRequestError(*violations, Violation("links", f"must be a list of at most {MOST_LINKS} accounts."))
    for number, link in enumerate(links):
        if not isinstance(link, Mapping) or _types(link) != {"channel": str, "address": str}:
            violations.append(Violation(f"links[{number}]", "must have a channel and an address, both texts."))
            continue
        try:
            account = addressee(link).contact
        except InvalidRequestError as error:
            violations += [Violation(f"links[{number}].{name}", reason) for name, reason in error.violations]
            continue
        if not account.may_be_linked:
            reason = "has phone numbers: whose an address there is, Getthrough finds out by itself."
            violations.append(Violation(f"links[{number}].channel", reason))
        accounts.append(account)
    if violations:
        raise InvalidRequestError(*violations)
    return list(dict.fromkeys(accounts))


def _types(link: Mapping[str, object]) -> dict[str, type]:
    return {name: type(value) for name, value in link.items()}


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
