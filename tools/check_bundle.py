"""Proves that what `make build` built can run on Lambda, and ships nothing that it should not.

`python -m tools.check_bundle .aws-sam/build arm64` reads files only: it runs on any Python and any processor.
`sam build` can succeed without dependencies, so nothing about its result is taken on trust.
"""

from __future__ import annotations

import ast
import re
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryFile

from tools.bundle import Bundle, built_bundles, canonical
from tools.bundle_console import BUNDLED, WEB, bundled
from tools.prune import UNUSED

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "functions"

# First two bytes of a .pyc, which name the bytecode's format: fixed for each minor version since its release.
MAGIC_NUMBERS = {"python3.12": 3531, "python3.13": 3571, "python3.14": 3627}
UNCHECKED_HASH = 1

# Lambda's own limit for an unpacked function is 250 MB. The zip is what a cold start fetches.
ZIP_BUDGET_MB = 15
UNPACKED_BUDGET_MB = 45

PRIVATE = ("*.pem", "*.key", ".env*")
PUBLIC_CERTIFICATES = {"certifi/cacert.pem", "botocore/cacert.pem"}

VIEWER = (
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui-bundle.min.js",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui.min.css",
)
"""What GET /docs takes from Powertools. No import names these files, so nothing else would miss them."""

MOST_CONSOLE_FILES = 4
"""A stylesheet, the script, what it shares with the views that are fetched later, and those."""

TIME_ZONES = "tzdata/zones"
"""Names all zones; each is a file beside it. Lambda's image need not have any, and no import names these either."""


def one_bundle(bundles: list[Bundle]) -> list[str]:
    return [] if len(bundles) == 1 else [f"{len(bundles)} bundles where all functions should share one"]


def architecture(bundle: Bundle, expected: str) -> list[str]:
    if bundle.architecture == expected:
        return []
    return [f"its compiled libraries are for {bundle.architecture}, not for {expected}"]


def dependencies(bundle: Bundle) -> list[str]:
    """Every package that requirements.txt pins is there, in that version."""
    shipped = {
        (canonical(name), version)
        for folder in bundle.folder.glob("*.dist-info")
        for name, version in [folder.name.removesuffix(".dist-info").rsplit("-", 1)]
    }
    wanted = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    missing = [f"{name}=={version}" for name, version in wanted if (canonical(name), version) not in shipped]
    return [f"lacks {requirement}" for requirement in missing]


def imports(bundle: Bundle) -> list[str]:
    """Every handler is there, and what our modules import is in the bundle or in the standard library."""
    absent = [
        f"lacks the handler {handler}"
        for handler in bundle.handlers
        if not (bundle.folder / handler.rpartition(".")[0].replace(".", "/")).with_suffix(".py").is_file()
    ]
    return absent + [
        f"{file.relative_to(bundle.folder)} imports {name}, which is not there"
        for package in packages()
        for file in sorted((bundle.folder / package).rglob("*.py"))
        for name in sorted(imported(file))
        if not resolves(bundle.folder, name)
    ]


def imported(file: Path) -> set[str]:
    """The modules that a file names in its import statements, those for type checkers only left out."""
    tree = ast.parse(file.read_text())
    skipped = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test).endswith("TYPE_CHECKING")
        for statement in branch.body
        for node in ast.walk(statement)
    }
    nodes = [node for node in ast.walk(tree) if id(node) not in skipped]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return plain | {node.module for node in froms if node.module}


def resolves(folder: Path, module: str) -> bool:
    top, path = module.partition(".")[0], folder / module.replace(".", "/")
    if top in sys.stdlib_module_names:
        return True
    return path.is_dir() or path.with_suffix(".py").is_file() or any(path.parent.glob(f"{path.name}.*so"))


def bytecode(bundle: Bundle) -> list[str]:
    """Every module has bytecode of the runtime's own version, which Lambda does not check against a date."""
    if bundle.runtime not in MAGIC_NUMBERS:
        return [f"the bytecode's magic number of {bundle.runtime} is not known to this check: add it"]
    magic = MAGIC_NUMBERS[bundle.runtime].to_bytes(2, "little") + b"\r\n"
    expected = magic + UNCHECKED_HASH.to_bytes(4, "little")
    tag = f"cpython-{bundle.python.replace('.', '')}"
    modules = sorted(bundle.folder.rglob("*.py"))
    cached = {module: module.parent / "__pycache__" / f"{module.stem}.{tag}.pyc" for module in modules}
    missing = [module for module, cache in cached.items() if not cache.is_file()]
    wrong = [cache for cache in cached.values() if cache.is_file() and cache.read_bytes()[:8] != expected]
    complaints = [] if modules else ["has no modules at all"]
    if missing:
        complaints.append(f"{len(missing)} of {len(modules)} modules have no bytecode: {missing[0].name} ...")
    if wrong:
        complaints.append(f"{len(wrong)} bytecode files of another version or dated: {wrong[0].name} ...")
    return complaints


def contents(bundle: Bundle) -> list[str]:
    """Of ours it ships functions/ and nothing else, with the viewer's files; no keys, no settings, no tests."""
    ours = {path for path in files_in(SOURCE) if path.suffix != ".pyc" and not in_bundled_console(path)}
    shipped = files_in(bundle.folder) - set(console_files(bundle))
    stray = {
        path
        for path in shipped
        if path.parts[0] in {"tests", "local", "bench", "docs", "tools", "infra"}
        or (path.parts[0] in packages() and path.suffix != ".pyc" and path not in ours)
        or (any(path.match(pattern) for pattern in PRIVATE) and path.as_posix() not in PUBLIC_CERTIFICATES)
    }
    missing = sorted((ours | set(map(Path, VIEWER))) - shipped)
    return [f"ships {path}" for path in sorted(stray)] + [f"lacks {path}" for path in missing]


def in_bundled_console(path: Path) -> bool:
    return path.is_relative_to(WEB) and bundled(path.relative_to(WEB))


def console(bundle: Bundle) -> list[str]:
    """The console is one stylesheet and a few scripts, and its page or another script names each of them."""
    files = console_files(bundle)
    if {path.suffix for path in files} != BUNDLED or len(files) > MOST_CONSOLE_FILES:
        return [f"has {len(files)} scripts and stylesheets of the console: it was not bundled"]
    naming = [bundle.folder / WEB / "index.html", *(bundle.folder / path for path in files if path.suffix == ".js")]
    named = "".join(path.read_text() for path in naming)
    return [f"has {path}, which nothing names" for path in files if f'/{path.name}"' not in named]


def console_files(bundle: Bundle) -> list[Path]:
    return [path for path in files_in(bundle.folder) if path.is_relative_to(WEB) and in_bundled_console(path)]


def unused(bundle: Bundle) -> list[str]:
    """What never runs is not there."""
    return [f"ships {path}, which never runs" for path in UNUSED if (bundle.folder / path).exists()]


def time_zones(bundle: Bundle) -> list[str]:
    """The rules of every time zone are there."""
    names = bundle.folder / TIME_ZONES
    zones = names.read_text().split() if names.is_file() else []
    missing = [zone for zone in zones if not (bundle.folder / "tzdata" / "zoneinfo" / zone).is_file()]
    return [f"lacks the time zone {zone}" for zone in missing] if zones else [f"lacks {TIME_ZONES}"]


def files_in(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def packages() -> set[str]:
    return {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}


def size(bundle: Bundle) -> list[str]:
    """Measures the zip as SAM makes it (deflate) and prints what there is to know about its size."""
    files = [path for path in bundle.folder.rglob("*") if path.is_file()]
    with TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(bundle.folder))
        zipped = file.tell() / 1e6
    whole = sum(path.stat().st_size for path in files) / 1e6
    compiled = sum(path.stat().st_size for path in files if path.suffix == ".pyc") / 1e6
    print(
        f"bundle: {bundle.runtime} on {bundle.architecture}, {len(bundle.handlers)} functions",
        f"  zip       {zipped:5.1f} MB, budget {ZIP_BUDGET_MB}",
        f"  unpacked  {whole:5.1f} MB, budget {UNPACKED_BUDGET_MB}, of it {compiled:.1f} bytecode",
        sep="\n",
    )
    if zipped <= ZIP_BUDGET_MB and whole <= UNPACKED_BUDGET_MB:
        return []
    return ["is over its size budget"]


def complaints(build: Path, expected_architecture: str) -> list[str]:
    bundles = built_bundles(build)
    found = one_bundle(bundles)
    for bundle in bundles:
        checks = [
            architecture(bundle, expected_architecture),
            dependencies(bundle),
            imports(bundle),
            bytecode(bundle),
            contents(bundle),
            console(bundle),
            unused(bundle),
            time_zones(bundle),
            size(bundle),
        ]
        found += [f"{bundle.folder.name} {complaint}" for check in checks for complaint in check]
    return found


if __name__ == "__main__":
    problems = complaints(Path(sys.argv[1]), sys.argv[2])
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)
