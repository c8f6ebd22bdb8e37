"""`getthrough up` on a stack with a domain of its own: webhooks go to it only once it leads to the stack."""

import socket
from dataclasses import replace

import pytest

from cli.api import Answer, NoAnswerError
from cli.errors import OperatorError
from cli.stack import Stack
from cli.up.command import leads_here, parameters_of, resolved

TARGET = "d-abc.execute-api.eu-west-1.amazonaws.com"


def of_its_own(stack: Stack) -> Stack:
    outputs = {**stack.outputs, "DomainTarget": TARGET}
    return replace(stack, api_url="https://messages.example.org", outputs=outputs)


def nowhere(*_: object) -> None:
    raise socket.gaierror("no such name")


def test_a_domain_that_leads_nowhere_is_named_with_the_record_that_it_needs(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", nowhere)

    with pytest.raises(OperatorError, match=f"messages.example.org leads nowhere yet: .* CNAME .* {TARGET}"):
        resolved(of_its_own(stack))
    resolved(stack)


def test_a_domain_that_leads_somewhere_is_used(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])

    resolved(of_its_own(stack))


class AnsweredBy:
    """An API that answers each call with this status, or not at all."""

    def __init__(self, status: int | None) -> None:
        self._status = status

    def call(self, method: str, path: str) -> Answer:
        if self._status is None:
            raise NoAnswerError(f"{method} {path} was not answered (SSLError)")
        return Answer(self._status, "application/json", "{}", {})


def test_a_domain_must_lead_to_this_stack(stack: Stack) -> None:
    leads_here(of_its_own(stack), AnsweredBy(200))  # type: ignore[arg-type]
    leads_here(stack, AnsweredBy(404))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "GET /v1/me was answered with 401"),
        (404, "GET /v1/me was answered with 404"),
        (None, r"GET /v1/me was not answered \(SSLError\)"),
    ],
)
def test_a_domain_that_leads_elsewhere_is_named_before_vonage_hears_of_it(
    stack: Stack, status: int | None, reason: str
) -> None:
    sentence = (
        rf"messages.example.org does not lead to this stack \({reason}\): make its CNAME record point to {TARGET}"
    )

    with pytest.raises(OperatorError, match=sentence):
        leads_here(of_its_own(stack), AnsweredBy(status))  # type: ignore[arg-type]


def test_parameters_are_names_and_values_without_anything_for_a_shell() -> None:
    arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1-2"

    assert parameters_of(["RetentionDays=30", f"CertificateArn={arn}"]) == {
        "RetentionDays": "30",
        "CertificateArn": arn,
    }
    for wrong in ("RetentionDays", "=30", "A=b c", "A=$(rm x)", "A='b'", "A=b;c", "A=`b`", "A=b\n"):
        with pytest.raises(OperatorError, match="is not like RetentionDays=30"):
            parameters_of([wrong])
