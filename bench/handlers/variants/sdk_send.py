"""The tutorial's send with Vonage's own SDK."""

import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from vonage import Auth, HttpClientOptions, Vonage  # type: ignore[import-untyped]
from vonage_messages import Sms  # type: ignore[import-untyped]

_dynamodb = boto3.client("dynamodb")
_auth = Auth(application_id=str(uuid4()), private_key=Path(os.environ["KEY_FILE"]).read_text())
_host = os.environ["VONAGE_API_URL"].removeprefix("https://")
_sdk = Vonage(_auth, HttpClientOptions(api_host=_host, timeout=5))


def invoke(work: dict[str, Any]) -> None:
    message = json.loads(work["body"])
    item: dict[str, Any] = {"pk": {"S": f"MESSAGE#{uuid4()}"}, "sk": {"S": "MESSAGE"}, "body": {"S": work["body"]}}
    _dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=item)
    answer = _sdk.messages.send(Sms(to=message["to"], from_=message["from"], text=message["text"]))
    item["message_uuid"] = {"S": answer.message_uuid}
    _dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=item)
