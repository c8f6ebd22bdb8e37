"""Prints the AWS region that the caller's own settings name: `python -m tools.region`.

boto3 reads AWS_DEFAULT_REGION and the profile. Other AWS tools read AWS_REGION first, and so does this.
"""

from __future__ import annotations

import os
import sys

from boto3.session import Session
from botocore.exceptions import BotoCoreError

UNKNOWN = "No AWS region is set. Export AWS_REGION=eu-west-1, or set a region in your AWS profile."


def region() -> str:
    """AWS_REGION, else AWS_DEFAULT_REGION, else the profile's region; SystemExit with a sentence if there is none."""
    try:
        found = os.environ.get("AWS_REGION") or Session().region_name
    except BotoCoreError as error:
        raise SystemExit(str(error)) from error
    if not found:
        raise SystemExit(UNKNOWN)
    return str(found)


if __name__ == "__main__":
    sys.stdout.write(region() + "\n")
