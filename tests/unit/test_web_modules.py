"""The console's pure modules, tested by Node's own runner: the files in tests/web. What needs a browser is in e2e."""

import subprocess
from pathlib import Path

import pytest

from tests.needs import need

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("file", sorted(path.name for path in (ROOT / "tests" / "web").glob("*.test.mjs")))
def test_a_module_of_the_console_does_what_its_tests_say(file: str) -> None:
    need("node", packages="nodejs")
    # Its sentences are English whatever the computer speaks; so are the dates and numbers in them.
    ran = subprocess.run(
        ["node", "--test", "--test-reporter=tap", f"tests/web/{file}"],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "Europe/London", "LANG": "de_DE.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 0" not in ran.stdout
