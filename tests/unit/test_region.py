"""Which region `make deploy` takes: the caller's own."""

import os
from pathlib import Path

import pytest

from tools.region import UNKNOWN, region


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A shell whose AWS profile has a region, and nothing else about AWS in its environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-north-1\n[profile shop]\nregion = eu-south-1\n[profile none]\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "eu-north-1"),
        ({"AWS_PROFILE": "shop"}, "eu-south-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-3"),
    ],
)
def test_the_environment_outranks_the_profile_and_aws_region_comes_first(
    shell: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name, value in variables.items():
        shell.setenv(name, value)

    assert region() == expected


def test_without_any_region_there_is_a_sentence_and_no_default(shell: pytest.MonkeyPatch) -> None:
    shell.setenv("AWS_PROFILE", "none")

    with pytest.raises(SystemExit, match=UNKNOWN):
        region()


def test_a_profile_that_does_not_exist_is_named(shell: pytest.MonkeyPatch) -> None:
    shell.setenv("AWS_PROFILE", "absent")

    with pytest.raises(SystemExit, match="absent"):
        region()
