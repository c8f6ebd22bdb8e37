"""A webhook as a tutorial would have it: its signature is checked, and it is stored."""

import hashlib
import json
import os
from typing import Any

import boto3
import jwt

_dynamodb = boto3.client("dynamodb")


def invoke(work: dict[str, Any]) -> None:
    claims = jwt.decode(work["token"], os.environ["SIGNATURE_SECRET"], algorithms=["HS256"])
    assert hashlib.sha256(work["body"].encode()).hexdigest() == claims["payload_hash"]
    event = json.loads(work["body"])
    key = {"pk": {"S": f"MESSAGE#{event['message_uuid']}"}, "sk": {"S": f"{event['timestamp']}#{event['status']}"}}
    _dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item={**key, "body": {"S": work["body"]}})
