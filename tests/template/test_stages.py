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


def test_stages_run_side_by_side_but_print_in_turn_and_no_failure_is_hidden(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    fails, passes = tmp_path / "test_fails.py", tmp_path / "test_passes.py"
    fails.write_text("def test_it(): raise AssertionError")
    passes.write_text("def test_it(): pass")
    cheaply = ["-p", "no:schemathesis"]

    results = run_all(
        [
            (Stage("stack", (), on_a_stack=True), [str(fails), *cheaply]),
            (Stage("first", ()), [str(fails), *cheaply]),
            (Stage("second", ()), [str(passes), *cheaply]),
        ]
    )

    assert [(one.name, one.tests, one.failed, one.passed) for one in results] == [
        ("stack", 1, 1, False),
        ("first", 1, 1, False),
        ("second", 1, 0, True),
    ]
    printed = [line.split(",")[0] for line in capfd.readouterr().out.splitlines() if line.startswith("==== ")]
    assert printed == [
        *("==== stack", "==== stack: 1 tests"),
        *("==== first", "==== first: 1 tests"),
        *("==== second", "==== second: 1 tests"),
    ]
