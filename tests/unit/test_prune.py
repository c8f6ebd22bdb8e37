"""A built bundle is left with the services that its code calls."""

from pathlib import Path

from tools.prune import prune, services_called, services_shipped


def test_only_services_that_the_code_asks_a_client_for_are_left(tmp_path: Path) -> None:
    for service in ("dynamodb", "sqs", "ec2", "s3"):
        (tmp_path / "botocore" / "data" / service).mkdir(parents=True)
    (tmp_path / "botocore" / "data" / "endpoints.json").write_text("{}")
    (tmp_path / "boto3" / "data").mkdir(parents=True)
    (tmp_path / "getthrough").mkdir()
    (tmp_path / "getthrough" / "code.py").write_text('client("sqs").send()\naws.client("dynamodb")\nother("ec2")\n')

    assert prune(tmp_path) == 2

    assert services_shipped(tmp_path) == services_called(tmp_path / "getthrough") == {"dynamodb", "sqs"}
    assert (tmp_path / "botocore" / "data" / "endpoints.json").exists()
    assert not (tmp_path / "boto3" / "data").exists()
