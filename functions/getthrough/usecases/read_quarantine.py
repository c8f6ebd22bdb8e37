"""Look at the webhooks that nobody acted on."""

from getthrough.domain.ports import PageRequest, Quarantine
from getthrough.domain.recovery import quarantine as quarantined
from getthrough.domain.values.errors import NotFoundError


def list_quarantine(page: PageRequest, *, quarantine: Quarantine) -> quarantined.QuarantinePageView:
    """One page of them without their bodies, those that came last first."""
    found = quarantine.newest(*page)
    return {"webhooks": [quarantined.describe(webhook) for webhook in found.webhooks], "cursor": found.cursor}


def read_quarantined(digest: str, *, quarantine: Quarantine) -> quarantined.QuarantinedBodyView:
    """One of them with its body. NotFoundError if it is not there, or not any more."""
    webhook = quarantine.get(digest)
    if webhook is None:
        raise NotFoundError
    return quarantined.describe_with_body(webhook)
