"""`getthrough up` on a stack with a domain of its own: webhooks go to it only once it leads to the stack."""

import socket
from dataclasses import replace

import pytest

from cli.errors import OperatorError
from cli.stack import Stack
from cli.up.command import parameters_of, resolved

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


def test_parameters_are_names_and_values_without_anything_for_a_shell() -> None:
    arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1-2"

    assert parameters_of(["RetentionDays=30", f"CertificateArn={arn}"]) == {
        "RetentionDays": "30",
        "CertificateArn": arn,
    }
    for wrong in ("RetentionDays", "=30", "A=b c", "A=$(rm x)", "A='b'", "A=b;c", "A=`b`", "A=b\n"):
        with pytest.raises(OperatorError, match="is not like RetentionDays=30"):
            parameters_of([wrong])
