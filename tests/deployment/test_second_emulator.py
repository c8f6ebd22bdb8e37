"""A second emulator, which shares no code with the first, creates what AWS will see of the templates: all of it.

The first one creates the stack that the functions run in, and has gaps that only another view shows.
This one validates resources by AWS's own schemas. It does not prove that AWS takes them: API Gateway and the dashboard
are stored by it unseen, and no function runs.
"""

import io
import json
import os
import signal
import socket
import subprocess
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.template.stack import OBSERVABILITY, STORAGE
from tools.translate import main as translate

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-localemu" / "bin" / "python"
REGION = "eu-west-1"
BUCKET = "artifacts"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
CREATE_SECONDS = 600

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="LocalEmu needs Python 3.13: `make second-opinion` installs it where that is found"
)


class Account:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def client(self, service: str) -> Any:
        config = Config(s3={"addressing_style": "path"}, read_timeout=120, retries={"total_max_attempts": 1})
        session: Any = boto3.Session("test", "test", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint, config=config)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("localemu")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LOCALSTACK_VOLUME_DIR": str(folder),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "GATEWAY_SERVER": "hypercorn",  # the other one listens on every address
    }
    launcher = Path(__file__).with_name("localemu_without_docker.py")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [PYTHON, launcher], env=environ, cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            deadline = time.monotonic() + 120
            while not accepts(port):
                assert process.poll() is None, (folder / "log").read_text()[-2000:]
                assert time.monotonic() < deadline, "LocalEmu does not answer"
                time.sleep(0.2)
            yield Account(f"http://127.0.0.1:{port}")
        finally:
            # There is nothing to save, and an orderly end was seen to hang. The group holds what it started, too.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def upload(account: Account, folder: Path) -> str:
    """Put code and templates where a deployment puts them; returns the address of the main template."""
    s3 = account.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("getthrough/__init__.py", "")
    s3.put_object(Bucket=BUCKET, Key="code.zip", Body=archive.getvalue())
    translate(folder)
    for nested in ("storage", "observability"):
        s3.put_object(Bucket=BUCKET, Key=f"{nested}.json", Body=(folder / "infra" / f"{nested}.json").read_bytes())
    body = json.loads((folder / "template.json").read_text())
    for name, resource in body["Resources"].items():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            resource["Properties"]["TemplateURL"] = f"{account.endpoint}/{BUCKET}/{name.lower()}.json"
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"] = {"S3Bucket": BUCKET, "S3Key": "code.zip"}
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(body).encode())
    return f"{account.endpoint}/{BUCKET}/template.json"


@pytest.mark.timeout(CREATE_SECONDS + 180)
def test_every_resource_of_the_translated_templates_is_created(account: Account, tmp_path: Path) -> None:
    cloudformation = account.client("cloudformation")
    # With these every resource has its condition.
    parameters = {
        "AlarmEmail": "ops@example.org",
        "CanaryTo": "447700900001",
        "AccountConcurrency": "1000",
        "WebhookReserve": "50",
        "DomainName": "messages.example.org",
        "CertificateArn": f"arn:aws:acm:{REGION}:000000000000:certificate/5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500",
    }
    cloudformation.create_stack(
        StackName="second",
        TemplateURL=upload(account, tmp_path),
        Capabilities=CAPABILITIES,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    deadline = time.monotonic() + CREATE_SECONDS
    while cloudformation.describe_stacks(StackName="second")["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS":
        assert time.monotonic() < deadline, "the stack is still being created"
        time.sleep(1)

    resources = {
        stack["StackName"]: cloudformation.describe_stack_resources(StackName=stack["StackName"])["StackResources"]
        for stack in cloudformation.describe_stacks()["Stacks"]
    }
    failed = [
        (resource["LogicalResourceId"], resource.get("ResourceStatusReason"))
        for stack in resources.values()
        for resource in stack
        if resource["ResourceStatus"] != "CREATE_COMPLETE"
    ]
    main = json.loads((tmp_path / "template.json").read_text())
    assert failed == []
    assert Counter(map(len, resources.values())) == Counter(
        len(template["Resources"]) for template in (main, STORAGE, OBSERVABILITY)
    )
