"""`make verify` runs every test, and `make test` leaves out only what is said."""

from pathlib import Path

import pytest

from tools.stages import ON_A_BUILD, STAGES, Stage, run_all

TESTS = Path(__file__).parents[1]


def folders(command: str) -> set[str]:
    return {folder for stage in STAGES[command] for folder in stage.folders}


def test_every_folder_with_tests_is_in_a_stage() -> None:
    with_tests = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")}
    assert folders("verify") == with_tests - set(ON_A_BUILD.folders)
    assert folders("test") == folders("verify") - {"chaos"}


def test_what_runs_beside_other_stages_prints_after_them_and_no_failure_is_hidden(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    fails, passes = tmp_path / "test_fails.py", tmp_path / "test_passes.py"
    fails.write_text("def test_it(): raise AssertionError")
    passes.write_text("def test_it(): pass")

    results = run_all(
        [
            (Stage("beside", (), beside=True), [str(fails)]),
            (Stage("first", ()), [str(fails)]),
            (Stage("second", ()), [str(passes)]),
        ]
    )

    assert [(one.name, one.tests, one.failed, one.passed) for one in results] == [
        ("beside", 1, 1, False),
        ("first", 1, 1, False),
        ("second", 1, 0, True),
    ]
    printed = [
        line.split(":")[0] for line in capfd.readouterr().out.splitlines() if line.startswith("====") and ":" in line
    ]
    assert printed == ["==== first", "==== second", "==== beside"]
