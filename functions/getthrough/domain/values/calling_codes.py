"""The countries of phone numbers, as calling codes. No code is the beginning of another one.

The list is ITU-T E.164's: two codes have one digit, these have two, and all others have three.
"""

_ONE = frozenset("17")
_TWO = frozenset(
    [
        "20",
        "27",
        "30",
        "31",
        "32",
        "33",
        "34",
        "36",
        "39",
        "40",
        "41",
        "43",
        "44",
        "45",
        "46",
        "47",
        "48",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "56",
        "57",
        "58",
        "60",
        "61",
        "62",
        "63",
        "64",
        "65",
        "66",
        "81",
        "82",
        "84",
        "86",
        "90",
        "91",
        "92",
        "93",
        "94",
        "95",
        "98",
    ]
)


def calling_code(number: str) -> str:
    """The calling code of a number in E.164 without plus: 44 of 447700900001."""
    if number[:1] in _ONE:
        return number[:1]
    return number[:2] if number[:2] in _TWO else number[:3]
