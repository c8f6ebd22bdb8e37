"""Makes a few scripts and one stylesheet of the console, so that opening it takes seven requests and not a hundred.

Each request is an invocation, and a new AWS account may run ten at a time.

`python -m tools.bundle_console .aws-sam/build` changes the console in each built function folder. esbuild, which npm
installs (package.json), does the work. The new files have a hash in their names, so no browser asks for one again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bundle import built_bundles

ESBUILD = Path(__file__).resolve().parent.parent / "node_modules" / ".bin" / "esbuild"
WEB = Path("getthrough") / "web"
BUNDLED = {".js", ".css"}
"""Suffixes of the console's files that become one. The API's document has a page of its own, in docs/."""

_STYLESHEETS = re.compile(r'(?:<link rel="stylesheet" href="/assets/[\w/.]+">\n)+')
_SCRIPT = re.compile(r'<script type="module" src="/assets/([\w/.]+)">')
_SHARED = re.compile(r'from"\./([\w-]+\.js)"')
"""What a bundled script imports at once. The page asks for it at the same time as for the script itself."""
_NAME = re.compile(r'"/assets/([\w/.]+\.css)"')


def bundled(path: Path) -> bool:
    """Whether bundling takes this file of the console away. `path` is relative to `web/`."""
    return path.suffix in {*BUNDLED, ".ts"} and path.parts[0] != "docs"


def bundle_console(web: Path) -> None:
    """Replace the console's modules and stylesheets in the folder, and their names in index.html."""
    page = web / "index.html"
    html = page.read_text()
    modules = [path for path in web.rglob("*") if bundled(path.relative_to(web))]
    with TemporaryDirectory() as folder:
        styles = Path(folder, "console.css")
        styles.write_text("".join(f'@import "{web.resolve() / name}";\n' for name in _NAME.findall(html)))
        (script,) = _SCRIPT.findall(html)
        built = Path(folder, "built")
        entries = [f"console={web.resolve() / script}", str(styles)]
        options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--splitting"]
        options += ["--entry-names=[name]-[hash]", "--chunk-names=console-part-[hash]"]
        subprocess.run(
            [str(ESBUILD), *entries, *options, f"--outdir={built}", "--log-level=warning", "--log-limit=0"], check=True
        )
        for path in modules:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        for file in built.iterdir():
            shutil.move(file, web / file.name)
            if "-part-" in file.name:
                continue
            kind = _SCRIPT if file.suffix == ".js" else _STYLESHEETS
            html = kind.sub(_tag(web / file.name), html)
    page.write_text(html)


def _tag(file: Path) -> str:
    if file.suffix == ".js":
        shared = [f'<link rel="modulepreload" href="/assets/{name}">\n' for name in _SHARED.findall(file.read_text())]
        return "".join(shared) + f'<script type="module" src="/assets/{file.name}">'
    return f'<link rel="stylesheet" href="/assets/{file.name}">\n'


if __name__ == "__main__":
    for built in built_bundles(Path(sys.argv[1]).resolve()):
        bundle_console(built.folder / WEB)
        print(f"console: {built.folder} with one script and one stylesheet")
