"""The page's pure modules, tested by Node's own runner: the files in tests/web. What needs a browser is in e2e."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from getthrough.handlers import _assets
from tests.needs import need

WEB = Path(_assets.__file__).parent.parent / "web"
TESTS = Path(__file__).parents[1] / "web"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node takes the page's files for modules, as a browser does."""
    need("node", packages="nodejs")
    folder = tmp_path_factory.mktemp("modules")
    shutil.copytree(WEB, folder / "web", ignore=lambda _, names: [name for name in names if not name.endswith(".js")])
    shutil.copytree(TESTS, folder / "tests")
    (folder / "package.json").write_text(json.dumps({"type": "module"}))
    return folder


@pytest.mark.parametrize("file", sorted(path.name for path in TESTS.glob("*.test.mjs")))
def test_a_module_of_the_page_does_what_its_tests_say(modules: Path, file: str) -> None:
    # Its sentences are English whatever the computer speaks; so are the dates and numbers in them.
    ran = subprocess.run(
        ["node", "--test", "--test-reporter=tap", f"tests/{file}"],
        cwd=modules,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "Europe/London", "LANG": "de_DE.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 0" not in ran.stdout
