"""The rules of single fields that the channel table is made of: addresses, senders, URLs. In JSON Schema."""

from getthrough.domain.values.json_schema import INVISIBLE, Schema, matching, text

CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
"""Characters that end a line or steer a terminal, for a class of a pattern."""

NUMBER = matching(
    r"^[1-9][0-9]{6,14}$",
    "a phone number with its country code, such as +44 7700 900000 (with spaces, the + is needed)",
)
WRITTEN_NUMBER: Schema = {
    **text(1, 50),
    "description": "a phone number with its country code in any usual form, such as +44 (0)7700 900000",
}
SENDER = matching(rf"^[^{CONTROLS}]+$", "one line of text", 50)
SMS_SENDER = matching(
    r"^(\+?[0-9]{3,15}|(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 &'._+-]{1,11})$",
    "a phone number, a short code, or a name of at most 11 letters, digits, spaces and &'._+-, with a letter in it",
    50,
)
"""Vonage accepts longer and other names, and the carriers then reject or rewrite them (error 1120)."""
UNSEEN = CONTROLS + INVISIBLE
"""Characters that no address has: with them, one address would have two spellings that look the same."""
PROVIDER_ID = matching(
    rf"^[^\s{UNSEEN}]([^{UNSEEN}]*[^\s{UNSEEN}])?$",
    "an id without invisible characters and without spaces at its ends",
    50,
)
RCS_SENDER = matching(r"^[A-Za-z0-9_&-]+$", "an RCS sender id: letters, digits, _ & -", 50)
WHATSAPP_USER = matching(
    r"^([1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9.]{1,128})$",
    "a phone number with its country code, such as +44 7700 900000, or a user id, such as GB.13491208655302741918",
    131,
)
"""A user id is the two letters of a country, a dot, and up to 128 letters, digits and dots."""
ADDR_SPEC = rf'[^\s{UNSEEN}@<>"(),:;\\[\]]+@[^\s{UNSEEN}@<>"(),:;\\[\]]+'
"""Quotes and comments in an email address are other spellings of it (RFC 5322), so there are none."""
EMAIL_ADDRESS = matching(f"^{ADDR_SPEC}$", "an email address without quotes, comments or invisible characters", 320)
MAIL_SENDER = matching(
    rf"^({ADDR_SPEC}|[^<>{CONTROLS}]+<{ADDR_SPEC}>)$",
    "an email address, alone or in angle brackets after a name",
    500,
)
SUBJECT = matching(rf"^[^{CONTROLS}]*$", "one line of text")
URL = matching(r"^[Hh][Tt][Tt][Pp][Ss]?://\S+$", "an http or https URL")
WEBHOOK_URL = matching(
    r"^([Hh][Tt][Tt][Pp][Ss]://([^\s/?#@:\\\[\]]+|\[[0-9A-Fa-f:.]+\])|[Hh][Tt][Tt][Pp]://("
    r"localhost|host\.docker\.internal|(127|10|172|192)(\.[0-9]{1,3}){3}))"
    r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?#][^\s\\]*)?$",
    "an https URL without a user name, with a port up to 65535; http only to an address of a local network",
    2000,
)
"""What CallbackFunction delivers to. Plain http is for a stack on one computer."""
YES_NO: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object"}
NO_RECIPIENT: Schema = {
    "propertyNames": {"not": {"enum": ["to", "recipient"]}},
    "description": "an object without `to` and `recipient`, because the message's own `to` names the recipient",
}
"""Opt-outs, limits and guests know only the recipient of the message, and WhatsApp's own API has it in the content."""
