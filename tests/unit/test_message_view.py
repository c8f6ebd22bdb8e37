import pytest

from getthrough.domain.message.preview import MOST_SHOWN, beginning


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ({"text": "Fresh bread!"}, "Fresh bread!"),
        ({"text": "a" * MOST_SHOWN}, "a" * MOST_SHOWN),
        ({"text": "a" * MOST_SHOWN + "b"}, "a" * (MOST_SHOWN - 1) + "…"),
        ({"image": {"url": "https://bakery.example/bread.jpg"}}, None),
        ({"text": {"body": "Fresh bread!"}}, None),
    ],
)
def test_of_a_long_text_the_beginning_is_shown_of_what_is_no_text_nothing(
    message: dict[str, object], shown: str | None
) -> None:
    assert beginning(message) == shown
