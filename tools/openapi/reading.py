"""GET operations that respond with JSON."""

from tools.openapi.parts import Json, content, header, operation, parameter, schema
from tools.openapi.problems import problems

UNCHANGED: Json = {"description": "Your copy is up to date.", "headers": {"ETag": header("ETag")}}


def read(
    operation_id: str,
    tag: str,
    summary: str,
    body: str,
    *statuses: int,
    parameters: list[Json],
    etag: bool = True,
    description: str = "",
) -> Json:
    """A GET for clients. It responds with `body`, or with one of these problems."""
    found: Json = {"description": "Found.", "content": content(schema(body))}
    more = {"description": description} if description else {}
    if not etag:
        return operation(
            operation_id, tag, summary, {"200": found, **problems(401, *statuses)}, parameters=parameters, **more
        )
    found["headers"] = {"ETag": header("ETag")}
    return operation(
        operation_id,
        tag,
        summary,
        {"200": found, "304": UNCHANGED, **problems(401, *statuses)},
        parameters=[*parameters, parameter("IfNoneMatch")],
        **more,
    )
