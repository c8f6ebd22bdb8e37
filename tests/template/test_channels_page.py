"""docs/channels.md and the console's tables say what the code does."""

from tools import console_channels, describe_channels


def test_the_page_is_what_make_channels_writes() -> None:
    assert describe_channels.PAGE.read_text() == describe_channels.page(), "make channels"


def test_the_tables_of_the_console_are_what_make_channels_writes() -> None:
    assert console_channels.MODULE.read_text() == console_channels.module(), "make channels"
