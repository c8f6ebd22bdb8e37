"""`make mutants`: would the tests notice if a promise were broken?

Each mutation of mutations.toml is made by itself, in a copy of the repository in a temporary folder, and the tests that
should notice run there: `killed by` the first of them that fails, or SURVIVED. Before that, all those tests pass on an
unchanged copy. Fails if a mutation survives, does not fit the code any more, or breaks more than it means to.

With arguments, only mutations whose promise (`P3`) or name has one of them in it.

The test that noticed a mutation is kept in .cache/mutants.json and runs first the next time. If it notices nothing any
more, all tests of the mutation run.
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import Queue
from typing import NamedTuple

from tests.mutants.mutations import TEST_OF_ROWS, Mutation, load

ROOT = Path(__file__).parents[2]
THREADS = os.cpu_count() or 1
KILLERS = ROOT / ".cache" / "mutants.json"

PYTEST = ["pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
# moto shows as much as DynamoDB Local here, and starts ten times faster. Only races need the other.
PYTEST += ["-k", "not dynamodb_local"]
STORE = {"REAL_STORE": "moto"}

MADE_BY_TOOLS = (".git", ".venv*", ".cache", ".*_cache", ".hypothesis", ".local", ".aws-sam", "__pycache__")


class Verdict(NamedTuple):
    """What came of a mutation: `killed` is how it should be, `text` tells by what, or why not."""

    killed: bool
    text: str
    seconds: float
    killer: str | None = None


def main(words: list[str]) -> int:
    mutations = [mutation for mutation in load() if _wanted(mutation, words)]
    if not mutations:
        print(f"no mutation has {' or '.join(words)} in its promise or name")
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(THREADS) as threads:
        # Copies, so that edits during the run have no effect.
        copies = Queue[Path]()
        for number in range(THREADS):
            copies.put(_copy(ROOT, Path(folder) / f"copy-{number}"))
        if failure := _failure_of_all(Path(folder) / "copy-0", mutations):
            print(f"a test fails without any mutation: {failure}")
            return 2
        print(f"without a mutation all tests pass ({time.monotonic() - began:.0f} s)", flush=True)
        killers = json.loads(KILLERS.read_text()) if KILLERS.exists() else {}
        attempts = threads.map(partial(_try_in_one_of, copies, killers), mutations)
        verdicts = list(map(_report, mutations, attempts))
    noticed = {each.name: verdict.killer for each, verdict in zip(mutations, verdicts, strict=True) if verdict.killer}
    KILLERS.parent.mkdir(exist_ok=True)
    KILLERS.write_text(json.dumps({**killers, **noticed}, indent=1))
    killed = sum(verdict.killed for verdict in verdicts)
    print(f"{killed} of {len(verdicts)} mutations were noticed, in {time.monotonic() - began:.0f} s")
    return 0 if killed == len(verdicts) else 1


def _wanted(mutation: Mutation, words: list[str]) -> bool:
    return not words or any(word == mutation.promise or word in mutation.name for word in words)


def _report(mutation: Mutation, verdict: Verdict) -> Verdict:
    print(f"{mutation.promise:3} {mutation.name}: {verdict.text} ({verdict.seconds:.1f} s)", flush=True)
    return verdict


def _failure_of_all(code: Path, mutations: list[Mutation]) -> str | None:
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    rows = sorted({row for mutation in mutations for row in mutation.rows})
    return _first_failure(code, [*tests, "--numprocesses", "auto"] if tests else [], rows)


def _try_in_one_of(copies: Queue[Path], killers: Mapping[str, str], mutation: Mutation) -> Verdict:
    copy = copies.get()
    try:
        return _try(copy, mutation, killers.get(mutation.name))
    finally:
        copies.put(copy)


def _try(copy: Path, mutation: Mutation, suspect: str | None) -> Verdict:
    began, path = time.monotonic(), copy / mutation.file
    content = path.read_text()
    if (count := content.count(mutation.old)) != 1:
        return Verdict(False, f"DOES NOT FIT: its old text is in {mutation.file} {count} times", 0)
    _write(path, content.replace(mutation.old, mutation.new))
    try:
        killer = _noticed_by(copy, suspect) or _first_failure(copy, mutation.tests, mutation.rows)
    except RuntimeError as error:
        return Verdict(False, f"BREAKS EVERYTHING: {error}", time.monotonic() - began)
    finally:
        _write(path, content)
    text = f"killed by {killer}" if killer else "SURVIVED"
    return Verdict(killer is not None, text, time.monotonic() - began, killer)


def _noticed_by(copy: Path, suspect: str | None) -> str | None:
    """The test or row that noticed it the last time, if it does so again; it may be gone by now."""
    if suspect is None:
        return None
    row = suspect.removeprefix(f"{TEST_OF_ROWS}[").removesuffix("]")
    tests, rows = ([], [row]) if suspect.startswith(TEST_OF_ROWS) else ([suspect], [])
    try:
        return _first_failure(copy, tests, rows)
    except RuntimeError:
        return None


_stamps = itertools.count(1_000_000_000)


def _write(path: Path, content: str) -> None:
    """Each version has a time of its own: bytecode of another one is never taken for its own."""
    path.write_text(content)
    stamp = next(_stamps)
    os.utime(path, (stamp, stamp))


def _first_failure(code: Path, tests: Sequence[str], rows: Sequence[str]) -> str | None:
    """The first test or row that fails in a copy, or None."""
    by_test = _run(code, [*PYTEST, *tests]) if tests else None
    return by_test or (_run(code, ["tests.mutants.rows", *rows]) if rows else None)


def _run(code: Path, module: list[str]) -> str | None:
    """What a module tells to have FAILED first, or None; RuntimeError if it did not come as far as that."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=code,
        env={**environment, **STORE, "PYTHONPATH": f"functions{os.pathsep}."},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    reported = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if done.returncode != 1 or not reported:
        raise RuntimeError(f"{module[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return reported[0].partition(" ")[2].partition(" - ")[0]


def _copy(code: Path, to: Path) -> Path:
    """Everything but what tools made: environments, caches, bytecode."""
    shutil.copytree(code, to, ignore=shutil.ignore_patterns(*MADE_BY_TOOLS))
    return to


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
