"""A built bundle is left without what never runs there."""

from pathlib import Path

from tools.prune import UNUSED, prune


def test_what_never_runs_is_deleted_and_the_rest_is_left(tmp_path: Path) -> None:
    for path in (*UNUSED, Path("getthrough")):
        (tmp_path / path / "deep").mkdir(parents=True)
        (tmp_path / path / "deep" / "file.json").write_text("{}")

    assert prune(tmp_path) == list(UNUSED)

    assert {path.name for path in tmp_path.rglob("*")} == {"botocore", "boto3", "getthrough", "deep", "file.json"}
    assert prune(tmp_path) == []
