"""moto's table without the HTTP that boto3 and moto put between a call and the table: ten times as many calls a second.

What boto3 itself refuses is refused here too, by its own rules; conditions and transactions are moto's.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler

Item = dict[str, Any]


class DirectTable:
    """A DynamoDB client. `writes` are the keys that were written, with the name of the call, since it was emptied."""

    def __init__(self, client: Any, account: str, region: str) -> None:
        self._place = account, region
        model = client.meta.service_model
        self._shapes = {
            camelcase_to_underscores(name): model.operation_model(name).input_shape for name in model.operation_names
        }
        self._validator = ParamValidator()
        self.writes: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Callable[..., Item]:
        if name not in self._shapes:
            raise AttributeError(name)
        return partial(self._call, name)

    def _call(self, name: str, **parameters: Any) -> Item:
        report = self._validator.validate(parameters, self._shapes[name])
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        try:
            json.dumps(parameters, ensure_ascii=False, default=repr).encode()
        except UnicodeEncodeError:
            # boto3 sends half a character as it is; DynamoDB does not take it.
            raise ClientError({"Error": {"Code": "SerializationException"}}, name) from None
        handler = DynamoHandler()
        handler.current_account, handler.region = self._place
        handler.body = handler.params = deepcopy(parameters)
        if name == "query":
            self._let_a_query_see(parameters)
        try:
            answer = getattr(handler, name)()
        except JsonRESTError as error:
            reported = json.loads(error.description or "{}", object_hook=_with_bytes)
            code = str(error.error_type).rpartition("#")[2]
            described: Any = {**reported, "Error": {"Code": code, "Message": str(error.message)}}
            raise ClientError(described, name) from None
        self.writes += _written(name, parameters)
        result: Any = answer.result if isinstance(answer, ActionResult) else {}
        return dict(deepcopy(result))

    def _let_a_query_see(self, parameters: Item) -> None:
        """moto sorts the whole table for each query; what is not in the partition that is asked for can be left out."""
        table = dynamodb_backends[self._place[0]][self._place[1]].get_table(parameters["TableName"])
        vars(table).pop("all_items", None)
        if "IndexName" not in parameters:
            values = parameters["ExpressionAttributeValues"].values()
            partitions = [table.items.get(DynamoType(value), {}) for value in values]
            vars(table)["all_items"] = lambda: [item for partition in partitions for item in partition.values()]


def _with_bytes(value: Item) -> Item:
    """A binary value as boto3 gives it; moto's errors have it in base64."""
    return {"B": b64decode(value["B"])} if value.keys() == {"B"} else value


def _written(name: str, parameters: Item) -> list[tuple[str, str]]:
    """(pk, sk) of what a call that went well has written."""
    match name:
        case "put_item":
            return [_key(parameters["Item"])]
        case "update_item" | "delete_item":
            return [_key(parameters["Key"])]
        case "transact_write_items":
            done = [call for item in parameters["TransactItems"] for call in item.items()]
            return [_key(call.get("Item") or call["Key"]) for kind, call in done if kind != "ConditionCheck"]
    return []


def _key(attributes: Item) -> tuple[str, str]:
    return attributes["pk"]["S"], attributes["sk"]["S"]
