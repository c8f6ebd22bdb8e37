"""A send as a tutorial would have it: stored, sent, and stored again. Nothing fails over."""

import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import jwt
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_key: Any = load_pem_private_key(Path(os.environ["KEY_FILE"]).read_bytes(), None)
_dynamodb = boto3.client("dynamodb")
_session = requests.Session()


def invoke(work: dict[str, Any]) -> None:
    message = json.loads(work["body"])
    item: dict[str, Any] = {"pk": {"S": f"MESSAGE#{uuid4()}"}, "sk": {"S": "MESSAGE"}, "body": {"S": work["body"]}}
    _dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=item)
    now = int(time.time())
    claims = {"application_id": "application", "iat": now, "exp": now + 60, "jti": str(uuid4())}
    token = jwt.encode(claims, _key, algorithm="RS256")
    url = os.environ["VONAGE_API_URL"] + "/v1/messages"
    answer = _session.post(url, json=message, headers={"authorization": f"Bearer {token}"}, timeout=5)
    answer.raise_for_status()
    item["message_uuid"] = {"S": answer.json()["message_uuid"]}
    _dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=item)
