"""`getthrough down`: what it deletes, in which order, and that it asks before data goes."""

from typing import Any

import boto3
import pytest

from cli import down as command
from cli.__main__ import main
from cli.storage import Storage, found_in, storage_of
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
        self.parents = {STORAGE: "shop"}
        self.storage_of = {"shop": STORAGE}
        answers["events", "ListRules"] = {"Rules": []}
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
                "StackId": _arn(name),
                **({"ParentId": _arn(self.parents[name])} if name in self.parents else {}),
                "StackStatus": self.stacks[name],
                "CreationTime": NOW,
                "Outputs": self._outputs(name),
                "Parameters": [{"ParameterKey": "KeptStorage", "ParameterValue": self.uses.get(name, "")}],
            }
            for name in wanted
        ]
        return {"Stacks": found}

    def _outputs(self, name: str) -> list[dict[str, str]]:
        if name not in self.storage_of:
            return []
        return [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()]

    def _resources(self, asked: Any) -> dict[str, Any]:
        name = asked["StackName"].split("/")[1 if "/" in asked["StackName"] else 0]
        if self.stacks.get(name) == "REVIEW_IN_PROGRESS" or (self.uses.get(name) and name not in self.storage_of):
            return summaries([])
        if name in self.storage_of:
            return summaries([("AWS::CloudFormation::Stack", "Storage", _arn(self.storage_of[name]))])
        return summaries(THINGS)

    def add(self, stack: str, storage: str, uses: str = "") -> None:
        """Another stack with a nested storage stack, which creates its own or passes on the one that it uses."""
        self.stacks |= {stack: "CREATE_COMPLETE", storage: "CREATE_COMPLETE"}
        self.storage_of[stack], self.parents[storage] = storage, stack
        self.uses |= {stack: uses, storage: uses}


def _arn(stack: str) -> str:
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/{stack}"


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
    account.add("shop", "shop-Storage-2DEF", uses=STORAGE)
    del account.parents[STORAGE]

    assert main(["down", "--stack", "shop"]) == 0
    assert account.calls == ["DeleteStack shop", "DeleteStack shop-Storage-2DEF"]
    assert f"the storage {STORAGE} stays" in capsys.readouterr().out

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 0
    assert account.calls[2:] == EVERYTHING[1:]


@pytest.mark.parametrize("stack_is_there", [False, True])
def test_storage_that_another_stack_uses_is_not_deleted(
    account: Account, stack_is_there: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    account.add("prod", "prod-Storage-9XYZ", uses=STORAGE)
    if not stack_is_there:
        del account.stacks["shop"]

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 2
    assert (account.calls, "is used by prod, prod-Storage-9XYZ too" in capsys.readouterr().err) == ([], True)

    assert main(["down", "--stack", "shop"]) == 0
    assert account.calls == ["DeleteStack shop"] * stack_is_there


def test_storage_whose_own_stack_is_there_yet_is_not_deleted_by_another(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.add("prod", "prod-Storage-9XYZ", uses=STORAGE)

    assert main(["down", "--stack", "prod", "--delete-data", "--yes"]) == 2
    assert (account.calls, "is used by shop too" in capsys.readouterr().err) == ([], True)


def test_storage_with_another_stacks_name_is_found_again_and_can_be_deleted(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    del account.stacks["shop"]
    account.add("prod", "prod-Storage-9XYZ", uses=STORAGE)

    assert main(["down", "--stack", "prod"]) == 0
    assert account.calls == ["DeleteStack prod"], "what passes it on stays, because only that knows its name"
    assert f"the storage {STORAGE} stays; `getthrough up --stack prod` uses it again" in capsys.readouterr().out
    found = storage_of(boto3.Session().client("cloudformation"), "prod")
    assert found == Storage(STORAGE, passing_on=("prod-Storage-9XYZ",), is_own=False)

    assert main(["down", "--stack", "prod", "--delete-data", "--yes"]) == 0
    assert account.calls[1:] == [*EVERYTHING[1:-1], "DeleteStack prod-Storage-9XYZ", EVERYTHING[-1]]


def test_a_stack_whose_name_begins_with_a_storages_is_none() -> None:
    longer = {"StackName": "shop-Storage-Storage-1ABC", "StackStatus": "CREATE_COMPLETE"}
    planned = {"StackName": "shop-Storage-1ABC", "StackStatus": "REVIEW_IN_PROGRESS"}

    assert found_in([longer, planned], "shop") is None


@pytest.mark.parametrize("arguments", [[], ["--delete-data", "--yes"]])
def test_a_stack_that_was_only_planned_goes_without_a_look_into_it(account: Account, arguments: list[str]) -> None:
    account.stacks = {"shop": "REVIEW_IN_PROGRESS"}

    assert main(["down", "--stack", "shop", *arguments]) == 0
    assert (account.calls, account.stacks) == (["DeleteStack shop"], {})


def test_the_storage_in_a_stack_is_its_own_although_another_was_left_behind(account: Account) -> None:
    account.stacks["shop-Storage-2DEF"] = "CREATE_COMPLETE"

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 0
    assert account.calls == EVERYTHING
    assert account.stacks == {"shop-Storage-2DEF": "CREATE_COMPLETE"}


def test_two_storages_without_a_stack_are_for_the_operator_to_choose_from(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    del account.stacks["shop"]
    account.stacks["shop-Storage-2DEF"] = "CREATE_COMPLETE"

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 2
    assert (account.calls, "shop-Storage-1ABC, shop-Storage-2DEF" in capsys.readouterr().err) == ([], True)


def test_a_table_that_is_protected_keeps_everything_where_it_is(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.protected = True

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 2
    assert (account.calls, "--no-deletion-protection-enabled" in capsys.readouterr().err) == ([], True)


def test_a_bus_with_rules_of_the_clients_own_keeps_everything_where_it_is(
    session: Session, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    session.answers["events", "ListRules"] = {"Rules": [{"Name": "to-our-crm"}]}

    assert main(["down", "--stack", "shop", "--delete-data", "--yes"]) == 2
    assert (account.calls, "rules of your own (to-our-crm)" in capsys.readouterr().err) == ([], True)


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
