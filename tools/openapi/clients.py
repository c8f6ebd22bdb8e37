"""The route that tells a client about itself, and what each route of the API demands of clients."""

from getthrough.domain.client.client_view import MeView
from getthrough.domain.client.scopes import SCOPE_OF
from tools.openapi import problems, views
from tools.openapi.parts import Json
from tools.openapi.reading import read

SCHEMAS: Json = views.components(MeView)

PATHS: Json = {
    "/v1/me": {
        "get": read(
            "readMe",
            "Clients",
            "Read who you are and what you may do",
            "Me",
            parameters=[],
        )
    }
}


def with_scopes(paths: Json) -> Json:
    """The paths, with the scope that each of the routes for clients needs, and the answer to a client without it."""
    return {
        path: {method: _with_scope(f"{method.upper()} {path}", it) for method, it in operations.items()}
        for path, operations in paths.items()
    }


def _with_scope(route: str, operation: Json) -> Json:
    scope = SCOPE_OF.get(route)
    if scope is None:
        return operation
    responses = {**problems.problems(403), **operation["responses"]}
    needed = [{"client": [scope.value]}, {"application": [scope.value]}]
    return {**operation, "security": needed, "responses": dict(sorted(responses.items()))}
