"""docs/channels.md says what the code does."""

from tools.describe_channels import PAGE, page


def test_the_page_is_what_make_channels_writes() -> None:
    assert PAGE.read_text() == page(), "make channels"
