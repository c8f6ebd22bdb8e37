"""Clients for the emulated AWS, untouched by the developer's own AWS settings."""

import os
from collections.abc import MutableMapping
from typing import Any

import boto3
from botocore.config import Config

from local.stack.settings import REGION


def forget_own_settings(environ: MutableMapping[str, str]) -> None:
    """Drop the developer's profile, keys, region and files: nothing here may reach a real account."""
    for name in [name for name in environ if name.startswith("AWS_") and name != "AWS_PORT"]:
        del environ[name]
    environ["AWS_CONFIG_FILE"] = environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    environ["AWS_EC2_METADATA_DISABLED"] = "true"


def client(service: str, endpoint: str) -> Any:
    """A client of one service of the emulator, as the account's owner, who may do everything."""
    forget_own_settings(os.environ)
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            connect_timeout=5, read_timeout=70, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
        ),
    )
