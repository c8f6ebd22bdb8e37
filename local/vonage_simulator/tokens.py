"""Are these our application's credentials? Only a JWT can be: the simulator holds no API secret for Basic."""

import time

import jwt

from local.vonage_simulator import answers
from local.vonage_simulator.answers import Answer
from local.vonage_simulator.config import SimulatorConfig

SHORTEST_LIFE, LONGEST_LIFE, USUAL_LIFE = 30, 24 * 3600, 15 * 60  # seconds from iat to exp


def refusal(config: SimulatorConfig, authorization: str | None, now: float | None = None) -> Answer | None:
    """None, or the 401 that Vonage would answer."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return answers.standard(401)
    try:
        claims = jwt.decode(
            token.strip(),
            config.public_key,
            algorithms=["RS256"],
            # the times are checked below: PyJWT knows neither the usual nor the longest life
            options={"require": ["iat", "jti", "application_id"], "verify_exp": False, "verify_aud": False},
            leeway=5,
        )
        born = float(claims["iat"])
        ends = float(claims["exp"]) if "exp" in claims else born + USUAL_LIFE
    except (jwt.InvalidTokenError, TypeError, ValueError):
        return answers.standard(401)
    if not SHORTEST_LIFE <= ends - born <= LONGEST_LIFE or ends <= (time.time() if now is None else now):
        return answers.standard(401)
    if claims["application_id"] != config.application_id:
        return answers.wrong_application()
    return None
