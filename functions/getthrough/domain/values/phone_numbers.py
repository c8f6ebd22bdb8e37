"""Phone numbers: from the forms that people write to E.164 without the plus, which Vonage requires.

`phonenumbers` (Google's rules for every country) is loaded only for a number that is not in that form already or has a
0 after its country code, because most are as they should be and loading it takes 20 ms; and for the calling code of a
default country.
"""

import re
import unicodedata

LONGEST_NUMBER = 50
"""Characters. A longer text is not a phone number in any form."""

_E164 = re.compile(r"[1-9][0-9]{6,14}")
_CALLING_CODE = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3}")
_INTERNATIONAL = re.compile(r"(?:(?i:tel|sms|callto):)?(?:\+|00|\(\+(?=[1-9][0-9]{0,2}\)))(?=[\s(]*[1-9])")
_WRITTEN = re.compile(r"[0-9\s().\-/]+")
_TRUNK = re.compile(r"\([\s.-]*0[\s.-]*\)")
_FILLING = re.compile(r"[\s().\-/]")
_SEPARATORS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-") | dict.fromkeys(
    map(ord, "\u00b7\u2022\u2219\u22c5"), "."
)
_QUOTES = "'\"\u2018\u2019\u201c\u201d"
"""What a spreadsheet puts before a number that is a text, and around a text."""


class UnknownCountryError(ValueError):
    """No such country has phone numbers."""


def tidy(text: str) -> str:
    """The text without invisible characters (marks of direction, zero-width spaces), and with ASCII digits, dashes,
    dots and spaces: a number that is copied from a chat, a web page or a spreadsheet brings others along."""
    seen = (letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    ours = (str(unicodedata.decimal(letter, letter)) for letter in seen)
    return " ".join("".join(ours).translate(_SEPARATORS).strip(_QUOTES).split())


def normalise(text: str, country: str | None = None) -> str:
    """The number in E.164 without + (`+44 (0)7700 900-001` and `0044 7700.900001` are 447700900001).

    Digits alone, with no zero first, include the country code, and perhaps the 0 of national numbers after it
    (`4407700900001`). A national number needs `country`, its ISO code
    (`07700 900001` in GB). Any other text is returned unchanged: the name of a sender, a user id, a short code. So is a
    national number without a country: the digits of (415) 555-0100 are also a number in Switzerland.
    UnknownCountryError if the country is needed and does not exist.
    """
    if len(text) > LONGEST_NUMBER:
        return text
    number = text if _E164.fullmatch(text) else tidy(text)
    if _E164.fullmatch(number):
        return _without_national_prefix(number)
    prefix = _INTERNATIONAL.match(number)
    written = number[prefix.end() :] if prefix else number
    national = country is not None and (written.startswith("0") or _FILLING.search(written))
    if not (prefix or national) or not _WRITTEN.fullmatch(written) or len(_TRUNK.findall(written)) > 1:
        return text
    parsed = _parsed(f"+{written}") if prefix else _parsed(written, country)
    found = parsed or _digits(written if prefix else "")
    return _without_national_prefix(found) if found else text


def calling_code_of(country: str) -> str:
    """The digits with which a country's numbers begin: 44 for GB. An empty text if no such country has numbers."""
    import phonenumbers  # noqa: PLC0415 - see above

    return str(phonenumbers.country_code_for_region(country) or "")


def national_prefix_of(country: str) -> str:
    """What its people write before a number within the country: 0 in GB. An empty text if they write nothing."""
    import phonenumbers  # noqa: PLC0415 - see above

    return str(phonenumbers.ndd_prefix_for_region(country, True) or "")


def calling_code(number: str) -> str:
    """The calling code of a number in E.164: ITU-T E.164 has codes of one, two and three digits, and none of them
    begins with another."""
    found = _CALLING_CODE.match(number)
    return found[0] if found else ""


def _without_national_prefix(number: str) -> str:
    """The digits of a number without a 0 after its country code, unless that belongs to it, as in Italy."""
    while number[len(calling_code(number)) :].startswith("0"):
        shorter = _parsed(f"+{number}")
        if shorter is None or shorter == number or not _E164.fullmatch(shorter):
            break
        number = shorter
    return number


def _parsed(number: str, country: str | None = None) -> str | None:
    import phonenumbers  # noqa: PLC0415 - see above

    if country is not None and country not in phonenumbers.SUPPORTED_REGIONS:
        raise UnknownCountryError(country)
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:]


def _digits(written: str) -> str | None:
    """The digits of an international number that is in no country's plan: new ranges come up before the rules do."""
    digits = _FILLING.sub("", written)
    return digits if _E164.fullmatch(digits) else None
