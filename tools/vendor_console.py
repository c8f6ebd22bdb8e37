"""Writes functions/getthrough/web/vendor/preact.js: what the console uses of Preact, Signals and htm, as one module.

`make run` serves the console's modules without Node.js, so a module from npm has to be a file beside them. The versions
are those of package-lock.json. `--check` fails if the file is not what they give.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bundle_console import ESBUILD

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "functions" / "getthrough" / "web" / "vendor"
PACKAGES = ("preact", "@preact/signals", "@preact/signals-core", "htm")

ENTRY = """
import htm from "htm";
import { h } from "preact";
export { batch, computed, effect, signal } from "@preact/signals";
export { render } from "preact";
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export const html = htm.bind(h);
"""
"""vendor/preact.d.ts declares the same names."""


def vendored() -> tuple[str, str]:
    """The module, and the licences of what is in it."""
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    found = [(name, locked[f"node_modules/{name}"]) for name in PACKAGES]
    contained = ", ".join(f"{name} {package['version']} ({package['license']})" for name, package in found)
    with TemporaryDirectory(dir=ROOT) as folder:  # inside, so that esbuild finds node_modules
        entry, built = Path(folder, "entry.js"), Path(folder, "preact.js")
        entry.write_text(ENTRY)
        options = ["--bundle", "--format=esm", "--target=es2022", "--log-level=warning", f"--outfile={built}"]
        subprocess.run([str(ESBUILD), str(entry), *options], check=True)
        # esbuild names each source in a comment, relative to the root.
        code = built.read_text().replace(f"{Path(folder).name}/", "")
    head = f"// @ts-nocheck\n/*! {contained}. See vendor/LICENSES.txt. Made by `make vendor`. */\n"
    licences = [
        f"{name} {package['version']}, {package['license']}\n\n"
        + (ROOT / "node_modules" / name / "LICENSE").read_text().strip()
        for name, package in found
    ]
    return head + code, "\n\n---\n\n".join(licences) + "\n"


def main() -> int:
    wanted = dict(zip((FOLDER / "preact.js", FOLDER / "LICENSES.txt"), vendored(), strict=True))
    if "--check" not in sys.argv:
        for path, text in wanted.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what package-lock.json gives. Run `make vendor`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
