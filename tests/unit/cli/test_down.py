"""`getthrough down`: what it deletes, in which order, and that it asks before data goes."""

from typing import Any

import boto3
import pytest

from cli import down as command
from cli.__main__ import main
from tests.unit.cli.aws import ACCOUNT, NOW, OUTPUTS, QUEUES, REGION, RefusedError, Session, summaries

STORAGE = "shop-Storage-1ABC"
THINGS = [
    ("AWS::DynamoDB::Table", "Table", "shop-Table"),
    ("AWS::SQS::Queue", "Queue", f"{QUEUES}shop-Queue"),
    ("AWS::Events::EventBus", "EventBus", STORAGE),
    ("AWS::SecretsManager::Secret", "Secret", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop"),
]


class Account:
    """A stack with its storage; `calls` are those that delete."""

    def __init__(self, session: Session) -> None:
        self.stacks = {"shop": "CREATE_COMPLETE", STORAGE: "CREATE_COMPLETE"}
        self.calls: list[str] = []
        self.killed_at: int | None = None
        answers = session.answers
        answers["cloudformation", "DescribeStacks"] = self._describe
        answers["cloudformation", "ListStackResources"] = self._resources
        self.protected = False
        self.uses: dict[str, str] = {}
        answers["dynamodb", "DescribeTable"] = lambda _: {
            "Table": {"ItemCount": 3, "TableSizeBytes": 900, "DeletionProtectionEnabled": self.protected}
        }
        answers["sqs", "GetQueueAttributes"] = {"Attributes": {"ApproximateNumberOfMessages": "2"}}
        answers["secretsmanager", "GetSecretValue"] = {"SecretString": "{}"}
        for service, operation, key in (
            ("cloudformation", "DeleteStack", "StackName"),
            ("dynamodb", "DeleteTable", "TableName"),
            ("sqs", "DeleteQueue", "QueueUrl"),
            ("events", "DeleteEventBus", "Name"),
            ("secretsmanager", "DeleteSecret", "SecretId"),
        ):
            answers[service, operation] = self._deletes(operation, key)

    def _deletes(self, operation: str, key: str) -> Any:
        def delete(asked: Any) -> dict[str, Any]:
            if self.killed_at == len(self.calls):
                raise KeyboardInterrupt
            self.calls.append(f"{operation} {asked[key].rpartition('/')[2]}")
            if operation == "DeleteStack":
                del self.stacks[asked[key]]
            return {}

        return delete

    def _describe(self, asked: Any) -> dict[str, Any]:
        wanted = [asked["StackName"]] if "StackName" in asked else list(self.stacks)
        if any(name not in self.stacks for name in wanted):
            raise RefusedError("ValidationError")
        found = [
            {
                "StackName": name,
                "StackStatus": self.stacks[name],
                "CreationTime": NOW,
                "Outputs": self._outputs(name),
                "Parameters": [{"ParameterKey": "KeptStorage", "ParameterValue": self.uses.get(name, "")}],
            }
            for name in wanted
        ]
        return {"Stacks": found}

    def _outputs(self, name: str) -> list[dict[str, str]]:
        return [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()] if name == "shop" else []

    def _resources(self, asked: Any) -> dict[str, Any]:
        arn = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STORAGE}/2"
        in_shop = [("AWS::CloudFormation::Stack", "Storage", arn)]
        return summaries(in_shop if asked["StackName"] == "shop" else THINGS)


@pytest.fixture
def account(session: Session, monkeypatch: pytest.MonkeyPatch) -> Account:
    session.region_name = REGION
    monkeypatch.setattr(command, "POLL_SECONDS", 0)
    assert boto3.Session() is session  # type: ignore[comparison-overlap]
    return Account(session)


EVERYTHING = [
    "DeleteStack shop",
    "DeleteTable shop-Table",
    "DeleteQueue shop-Queue",
    f"DeleteEventBus {STORAGE}",
    f"DeleteSecret arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop",
    f"DeleteStack {STORAGE}",
]


def test_the_storage_stays_and_its_name_is_said(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "--stack", "shop"]) == 0

    assert account.calls == ["DeleteStack shop"]
    assert f"the storage {STORAGE} stays" in capsys.readouterr().out


def test_data_is_shown_before_it_is_deleted(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 0

    printed = capsys.readouterr().out
    assert account.calls == EVERYTHING
    assert "table shop-Table: about 3 items, 900 bytes" in printed
    assert "queue shop-Queue: 2 messages" in printed


def test_without_a_yes_nothing_is_deleted(account: Account) -> None:
    assert main(["down", "--stack", "shop", "--delete-data"]) == 2
    assert account.calls == []


def test_a_dry_run_deletes_nothing(account: Account) -> None:
    assert main(["down", "--stack", "shop", "--delete-data", "--dry-run"]) == 0
    assert account.calls == []


def test_storage_that_was_used_again_is_the_one_and_what_passes_it_on_goes(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.stacks["shop-Storage-2DEF"] = "CREATE_COMPLETE"
    account.uses["shop-Storage-2DEF"] = STORAGE

    assert main(["down", "--stack", "shop"]) == 0
    assert account.calls == ["DeleteStack shop", "DeleteStack shop-Storage-2DEF"]
    assert f"the storage {STORAGE} stays" in capsys.readouterr().out

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 0
    assert account.calls[2:] == EVERYTHING[1:]


def test_two_storages_are_for_the_operator_to_choose_from(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.stacks["shop-Storage-2DEF"] = "CREATE_COMPLETE"

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 2
    assert (account.calls, "shop-Storage-1ABC, shop-Storage-2DEF" in capsys.readouterr().err) == ([], True)


def test_a_table_that_is_protected_keeps_everything_where_it_is(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.protected = True

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 2
    assert (account.calls, "--no-deletion-protection-enabled" in capsys.readouterr().err) == ([], True)


@pytest.mark.parametrize("moment", range(6))
def test_one_that_was_killed_is_completed_by_the_next(account: Account, moment: int) -> None:
    account.killed_at = moment
    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 130
    account.killed_at = None

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 0

    assert list(dict.fromkeys(account.calls)) == EVERYTHING
    assert account.stacks == {}


def test_what_is_not_there_needs_no_taking_away(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.stacks.clear()

    assert main(["down", "--stack", "shop", "--delete-data"]) == 0
    assert capsys.readouterr().out == "there is no stack shop in eu-west-1, and none of its storage.\n"
