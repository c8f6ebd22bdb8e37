"""The GETs that answer JSON."""

from getthrough.openapi.parts import Json, content, header, operation, parameter, schema
from getthrough.openapi.problems import problems

UNCHANGED: Json = {"description": "It is as you know it.", "headers": {"ETag": header("ETag")}}


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
    """A GET of a client's that answers `body`, or with one of these problems."""
    found: Json = {"description": "Here it is.", "content": content(schema(body))}
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
