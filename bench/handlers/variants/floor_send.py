"""A send with nothing around it: the calls to AWS that ours makes, a signature, and the POST."""

import http.client
import json
import os
import ssl
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.handlers.variants.floor import b64, repeat

_key: Any = load_pem_private_key(Path(os.environ["KEY_FILE"]).read_bytes(), None, unsafe_skip_rsa_key_validation=True)
_context = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
_vonage = http.client.HTTPSConnection(urlsplit(os.environ["VONAGE_API_URL"]).netloc, context=_context)
_header = b64(json.dumps({"alg": "RS256", "typ": "JWT"}).encode())


def invoke(work: dict[str, Any]) -> None:
    claim, *rest = work["calls"]
    repeat([claim])
    now = int(time.time())
    claims = {"application_id": "application", "iat": now, "exp": now + 60, "jti": str(uuid4())}
    signed = f"{_header}.{b64(json.dumps(claims).encode())}"
    token = f"{signed}.{b64(_key.sign(signed.encode(), PKCS1v15(), SHA256()))}"
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    _vonage.request("POST", "/v1/messages", work["body"].encode(), headers)
    answer = _vonage.getresponse()
    assert answer.status == 202
    json.loads(answer.read())
    repeat(rest)
