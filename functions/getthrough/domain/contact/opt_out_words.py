"""The words with which customers opt out and in. The whole message must be one of these words.

Case, accents, punctuation, emoji and the width of letters are ignored. The words of all languages apply to every
customer, because the language of a message is unknown. So words that also answer other questions are left out: YES,
which some carriers treat as START, and the words for "no" and "the end".

Sources: the English words are those of the CTIA's guidelines and US carriers; ARRET is used by Canadian carriers. The
others are what senders in those countries usually offer beside STOP, which works everywhere.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType


def opts_out(text: str | None) -> bool | None:
    """True if the message opts out, False if it opts in, None for every other message."""
    if text is None:
        return None
    words = _plain(text)
    return True if words in STOP else False if words in START else None


def _plain(text: str) -> str:
    """Lower-case letters without accents, in words with one space between them."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    letters = (letter for letter in apart.translate(_PLAIN) if unicodedata.category(letter) not in _INVISIBLE)
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


_INVISIBLE = frozenset({"Mn", "Me", "Cf"})
"""Accents that are separated from their letters, and characters without width such as U+200B."""

_PLAIN = str.maketrans({"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not decompose. The first is the Turkish dotless i."""

STOP_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": (
            *("stop", "stop all", "stopall", "unsubscribe", "cancel", "end", "quit"),
            *("opt out", "optout", "remove", "remove me", "revoke"),
        ),
        "fr": ("arrêt", "arrêter", "arrêtez", "désabonner", "désinscrire"),
        "de": ("stopp", "abmelden", "abbestellen"),
        "es": ("alto", "baja", "darme de baja", "parar", "cancelar"),
        "pt": ("pare", "parar", "sair", "cancelar"),
        "it": ("basta", "cancellami", "disiscrivi"),
        "nl": ("afmelden", "stoppen", "uitschrijven"),
        "sv": ("stopp", "stoppa", "sluta", "avsluta", "avregistrera"),
        "da": ("afmeld", "frameld"),
        "no": ("stopp", "avslutt", "avmeld"),
        "fi": ("lopeta",),
        "pl": ("rezygnuję", "wypisz"),
        "cs": ("odhlásit",),
        "tr": ("iptal", "ret", "durdur"),
    }
)

START_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("start", "unstop", "opt in", "optin", "subscribe", "resubscribe"),
        "fr": ("début", "abonner", "réabonner"),
        "de": ("anmelden",),
        "es": ("alta", "iniciar"),
        "pt": ("iniciar", "começar"),
        "it": ("inizia", "iscrivi"),
        "nl": ("aanmelden", "starten"),
        "sv": ("starta",),
        "da": ("tilmeld",),
        "no": ("påmeld",),
        "fi": ("aloita",),
        "pl": ("zapisz",),
        "cs": ("přihlásit",),
        "tr": ("başlat",),
    }
)

STOP = frozenset(_plain(word) for words in STOP_WORDS.values() for word in words)
START = frozenset(_plain(word) for words in START_WORDS.values() for word in words)
