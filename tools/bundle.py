"""What `sam build` built: the folders that become zip files, read from the built template and the folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse


@dataclass(frozen=True)
class Bundle:
    folder: Path
    runtime: str
    architecture: str
    handlers: tuple[str, ...]

    @property
    def python(self) -> str:
        """The runtime's minor version, as in 3.13."""
        return self.runtime.removeprefix("python")


def built_bundles(build: Path) -> list[Bundle]:
    """One bundle per folder; functions that share a folder share the bundle."""
    template: Any = yaml_parse((build / "template.yaml").read_text())
    shared = template.get("Globals", {}).get("Function", {})
    bundles: dict[Path, Bundle] = {}
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        function = shared | resource["Properties"]
        folder = build / function["CodeUri"]
        others = bundles[folder].handlers if folder in bundles else ()
        bundles[folder] = Bundle(
            folder=folder,
            runtime=function["Runtime"],
            architecture=architecture_of(folder),
            handlers=(*others, function["Handler"]),
        )
    return list(bundles.values())


def architecture_of(folder: Path) -> str:
    """The processor for which the compiled libraries were made, from their ELF headers."""
    names = {b"\xb7\x00": "arm64", b"\x3e\x00": "x86_64"}
    found = {names.get(header(library)[18:20], "unknown") for library in folder.rglob("*.so")}
    return found.pop() if len(found) == 1 else f"mixed or none: {sorted(found)}"


def header(library: Path) -> bytes:
    with library.open("rb") as file:
        return file.read(20)


def canonical(name: str) -> str:
    """A distribution's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
