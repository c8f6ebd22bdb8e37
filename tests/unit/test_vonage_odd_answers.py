"""Whatever comes back after a message was sent is an answer, never an error of ours."""

import pytest

from getthrough.domain.dispatch.dispatch import Answer
from tests.provider import answer, serve
from tests.unit.gateway import submit_to
from tests.unit.stories import UNKNOWN


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize("location", ["http://[::bad", "\\", "http://", "//"])
def test_a_redirect_to_nowhere_leaves_it_unknown(location: str) -> None:
    with serve() as provider:
        provider.answers = [answer(302, b"", Location=location)]
        found = submit_to(provider.url)
    assert found.kind is UNKNOWN
    assert found in (Answer(kind=UNKNOWN), Answer(kind=UNKNOWN, http_status=302))
    assert len(provider.received) == 1
