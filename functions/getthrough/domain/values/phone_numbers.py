"""Phone numbers: from the forms that people write to E.164 without the plus, which Vonage requires."""

import re

LONGEST = 50
"""Characters. A longer text is not a phone number in any form."""

_PREFIX = re.compile(r"\+|00")
_TRUNK = re.compile(r"(?<=[0-9])[\s.-]*\(0\)")
_FILLING = re.compile(r"[\s.()-]")
_E164 = re.compile(r"[1-9][0-9]{6,14}")


def normalise(text: str) -> str:
    """The number in E.164 without + (`+44 (0)7700 900-001` and `0044 7700.900001` are 447700900001).

    Any other text is returned unchanged: the name of a sender, a user id, a short code. So is a national number,
    because its country is unknown: with a plus in front, the digits of (415) 555-0100 are a Swiss number.
    """
    if len(text) > LONGEST:
        return text
    number = text.strip()
    prefix = _PREFIX.match(number)
    if prefix:
        number = _TRUNK.sub("", number[prefix.end() :], count=1)
        number = number if "(0)" in number else _FILLING.sub("", number)
    return number if _E164.fullmatch(number) else text
