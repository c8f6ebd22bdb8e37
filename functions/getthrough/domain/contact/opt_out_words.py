"""What a customer's message says about wanting messages: the whole message has to be one of these words.

Case, accents, punctuation, emoji and the width of letters do not count. The words of all languages count for
everybody, since nobody knows which one a customer writes; so what is a usual answer to something else is left out,
such as YES, which some carriers take for START, or the words for "no" and "the end".

Sources: en is what the CTIA's guidelines and US carriers name, ARRET what Canadian ones do; the others are what
senders in those countries usually offer beside STOP, which is understood everywhere.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType


def opts_out(text: str | None) -> bool | None:
    """True for "no more messages", False for "messages again", None for every other message."""
    if text is None:
        return None
    words = _plain(text)
    return True if words in STOP else False if words in START else None


def _plain(text: str) -> str:
    """Small letters without accents, in words with one space between them."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    letters = (letter for letter in apart.translate(_PLAIN) if unicodedata.category(letter) not in _INVISIBLE)
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


_INVISIBLE = frozenset({"Mn", "Me", "Cf"})
"""Accents, once they are taken apart from their letters, and what has no width, such as U+200B."""

_PLAIN = str.maketrans({"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
"""Letters that do not come apart; the first is Turkish i without a dot."""

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
