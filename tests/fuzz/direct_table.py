"""moto's table without the HTTP between a call and the table: many times as many calls a second.

What boto3 itself refuses is refused here too, by its own rules; conditions and transactions are moto's.
"""

import json
from base64 import b64encode
from copy import deepcopy
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
    """Answers our client's calls of DynamoDB. `writes` are the keys that were written, since it was emptied."""

    def __init__(self, client: Any, account: str, region: str) -> None:
        self._place = account, region
        model = client.meta.service_model
        self._shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
        self._validator = ParamValidator()
        self.writes: list[tuple[str, str]] = []

    def call(self, operation: str, /, **parameters: Any) -> Item:
        report = self._validator.validate(parameters, self._shapes[operation])
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        try:
            body = json.dumps(parameters, ensure_ascii=False, default=_base64).encode()
        except UnicodeEncodeError:
            # Half a character is sent as it is; DynamoDB does not take it.
            raise ClientError({"Error": {"Code": "SerializationException"}}, operation) from None
        handler = DynamoHandler()
        handler.current_account, handler.region = self._place
        handler.body = handler.params = json.loads(body)
        if operation == "Query":
            self._let_a_query_see(parameters)
        try:
            answer = getattr(handler, camelcase_to_underscores(operation))()
        except JsonRESTError as error:
            reported = json.loads(error.description or "{}")
            code = str(error.error_type).rpartition("#")[2]
            described: Any = {**reported, "Error": {"Code": code, "Message": str(error.message)}}
            raise ClientError(described, operation) from None
        self.writes += _written(operation, parameters)
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


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


def _written(operation: str, parameters: Item) -> list[tuple[str, str]]:
    """(pk, sk) of what a call that went well has written."""
    match operation:
        case "PutItem":
            return [_key(parameters["Item"])]
        case "UpdateItem" | "DeleteItem":
            return [_key(parameters["Key"])]
        case "TransactWriteItems":
            done = [call for item in parameters["TransactItems"] for call in item.items()]
            return [_key(call.get("Item") or call["Key"]) for kind, call in done if kind != "ConditionCheck"]
    return []


def _key(attributes: Item) -> tuple[str, str]:
    return attributes["pk"]["S"], attributes["sk"]["S"]
