"""`make verify` runs every test, and `make test` leaves out only what is said."""

from pathlib import Path

from tools.stages import ON_A_BUILD, STAGES

TESTS = Path(__file__).parents[1]


def folders(command: str) -> set[str]:
    return {folder for stage in STAGES[command] for folder in stage.folders}


def test_every_folder_with_tests_is_in_a_stage() -> None:
    with_tests = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")}
    assert folders("verify") == with_tests - set(ON_A_BUILD.folders)
    assert folders("test") == folders("verify") - {"chaos"}
