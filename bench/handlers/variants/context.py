"""What Lambda hands to a handler, as far as ours read it."""

from typing import Any


class _Context:
    aws_request_id = "request"
    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function"


CONTEXT: Any = _Context()
