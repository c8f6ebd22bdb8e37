"""The account of a healthy stack, for tests that break one thing in it."""

import boto3
import pytest

from cli.stack import Stack, deployed
from tests.unit.cli.aws import Session


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    session = Session()
    monkeypatch.setattr(boto3, "Session", lambda **_: session)
    return session


@pytest.fixture
def stack(session: Session) -> Stack:
    return deployed("shop", region=None, profile=None)
