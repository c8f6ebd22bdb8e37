"""Are these an application's credentials? Only a JWT can be, since applications need one.

The id in the token says whose key has to verify it.
"""

import time

import jwt

from local.vonage_simulator import answers
from local.vonage_simulator.account import Account
from local.vonage_simulator.answers import Answer

SHORTEST_LIFE, LONGEST_LIFE, USUAL_LIFE = 30, 24 * 3600, 15 * 60  # seconds from iat to exp


def refusal(account: Account, authorization: str | None, now: float | None = None) -> Answer | str:
    """The id of the application that may send, or the 401 that Vonage would answer."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return answers.standard(401)
    try:
        named = jwt.decode(token.strip(), options={"verify_signature": False}).get("application_id")
        application = account.applications.get(named) if isinstance(named, str) else None
        if isinstance(named, str) and application is None:
            return answers.wrong_application()
        claims = jwt.decode(
            token.strip(),
            (application or {}).get("keys", {}).get("public_key") or "",
            algorithms=["RS256"],
            # the times are checked below: PyJWT knows neither the usual nor the longest life
            options={"require": ["iat", "jti", "application_id"], "verify_exp": False, "verify_aud": False},
            leeway=5,
        )
        born = float(claims["iat"])
        ends = float(claims["exp"]) if "exp" in claims else born + USUAL_LIFE
    except (jwt.PyJWTError, TypeError, ValueError):
        return answers.standard(401)
    if not SHORTEST_LIFE <= ends - born <= LONGEST_LIFE or ends <= (time.time() if now is None else now):
        return answers.standard(401)
    if account.switches.other_region or "messages" not in (application or {}).get("capabilities", {}):
        return answers.wrong_application()
    return str(named)
