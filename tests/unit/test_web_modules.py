"""The console's pure modules, tested by Node's own runner: the files in tests/web. What needs a browser is in e2e."""

import re
import subprocess
from pathlib import Path

from tests.needs import need

ROOT = Path(__file__).parents[2]
WEB = ROOT / "tests" / "web"


def test_the_modules_of_the_console_do_what_their_tests_say() -> None:
    need("node", packages="nodejs")
    # Its sentences are English whatever the computer speaks; so are the dates and numbers in them.
    ran = subprocess.run(
        ["node", "--test-reporter=tap", str(WEB / "all.mjs")],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "Europe/London", "LANG": "de_DE.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    written = sum(len(re.findall(r"^test\(", path.read_text(), re.MULTILINE)) for path in WEB.glob("*.test.mjs"))
    (passed,) = re.findall(r"^# pass (\d+)$", ran.stdout, re.MULTILINE)
    assert int(passed) >= written > 50, "every test was run"
