"""Read which contacts have opted out."""

from getthrough.domain.contact.consent import OptOutPageView, OptOutView, describe_opt_out
from getthrough.domain.contact.contact import Contact
from getthrough.domain.ports import OptOuts, PageRequest
from getthrough.domain.values.errors import NotFoundError


def list_opt_outs(page: PageRequest, *, opt_outs: OptOuts) -> OptOutPageView:
    """One page of the contacts that have opted out, those that did last first."""
    found = opt_outs.newest(*page)
    return {"opt_outs": [describe_opt_out(opt_out) for opt_out in found.opt_outs], "cursor": found.cursor}


def read_opt_out(contact: Contact, *, opt_outs: OptOuts) -> OptOutView:
    """The newest consent of a contact. NotFoundError if there is none."""
    found = opt_outs.get(contact)
    if found is None:
        raise NotFoundError
    return describe_opt_out(found)
