"""What a customer's message says about wanting messages: the whole message has to be one of these words.

The English words are those that US carriers and the CTIA's guidelines name; the others are their usual translations.
"""

STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "revoke"}
    | {"arret", "arrêt", "stopp", "abmelden", "alto", "baja", "parar", "pare", "basta", "afmelden", "sluta"}
)
START = frozenset(
    {"start", "unstop", "optin", "opt in", "subscribe"}
    | {"début", "anmelden", "alta", "iniciar", "inizia", "aanmelden", "starta"}
)


def wish(text: str | None) -> bool | None:
    """True for "no more messages", False for "messages again", None for every other message."""
    if text is None:
        return None
    letters = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    words = " ".join(letters.split())
    return True if words in STOP else False if words in START else None
