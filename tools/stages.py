"""`make test` and `make verify`: the tests in stages. As many stages run side by side as there are processors, and they
print in turn. A stage that fails doesn't keep the others from running. Each says its name, how many tests it has and
how long it took, and a table at the end has them all.

Tests on a running stack mostly wait. So their stages run beside the others, all at once, and the others give way to
them: what computes fills the gaps (docs/decisions/0069-states-that-are-one.md).

    python -m tools.stages test                  what every commit has to pass
    python -m tools.stages verify                everything
    python -m tools.stages test --paths tests/unit -- -k failover -x         some of the tests in a path

What follows `--` goes to pytest.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree

from tools import browser

ROOT = Path(__file__).parents[1]
NO_TESTS = 5
"""pytest's exit code where nothing was selected."""

# Takes so long that it is shared out. Its tests take from seconds to half a minute each, and share nothing.
ON_EACH_PROCESSOR = ("--numprocesses", "auto", "--dist", "worksteal")
# Stacks share the work, however many processors there are.
ON_TWO_STACKS = ("--numprocesses", "2", "--dist", "loadfile")
ON_THREE_STACKS = ("--numprocesses", "3", "--dist", "loadfile", "--no-loadscope-reorder")
"""For tests that mostly wait. The longest is alone in its file: by the number of its tests it would come last."""

EXPECTED_SKIPS = ("VONAGE_REFERENCE names no folder",)
"""Reasons for which a test may be skipped in CI; each is the beginning of one."""


QUICK = ("--hypothesis-profile", "quick", "-m", "not exhaustive")


class Stage(NamedTuple):
    """Folders of tests/, and how pytest runs them. One process loads the code once, so it is the cheapest way."""

    name: str
    folders: tuple[str, ...]
    options: tuple[str, ...] = ()
    on_a_stack: bool = False


STAGES = {
    # The longest come first, so that the shorter ones fill the gaps.
    "test": (
        Stage("unit", ("unit",), QUICK),
        Stage("simulation", ("simulation",), QUICK),
        Stage("functional", ("functional", "fuzz"), QUICK),
        Stage("contract", ("contract",), QUICK),
        Stage("template", ("template", "simulator"), QUICK),
        Stage("stories", ("integration", "e2e"), (*ON_TWO_STACKS, "-m", "main_story"), on_a_stack=True),
    ),
    "verify": (
        Stage("unit", ("unit",)),
        Stage("functional", ("functional", "fuzz")),
        Stage("contract", ("contract",)),
        Stage("template", ("template", "simulator")),
        Stage("simulation", ("simulation",), ON_EACH_PROCESSOR),
        Stage("integration", ("integration",), ON_THREE_STACKS, on_a_stack=True),
        Stage("e2e", ("e2e",), ON_TWO_STACKS, on_a_stack=True),
        Stage("chaos", ("chaos",), ON_TWO_STACKS, on_a_stack=True),
    ),
}

ON_A_BUILD = Stage("deployment", ("deployment",), ())
"""Needs what `make build` makes, so it runs only where its path is given."""


@dataclass
class Result:
    """What came of a stage. `unexpected` are the reasons for skips that CI doesn't accept."""

    name: str
    exit_code: int = 0
    tests: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    processor_seconds: float = 0
    unexpected: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return self.exit_code in (0, NO_TESTS) and not self.unexpected


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.stages")
    parser.add_argument("command", choices=("test", "verify"))
    parser.add_argument("--paths", nargs="*", default=[])
    split = list(arguments).index("--") if "--" in arguments else len(arguments)
    given = parser.parse_args(arguments[:split])
    options = list(arguments[split + 1 :])

    stages = (*STAGES["verify"], ON_A_BUILD) if given.paths else STAGES[given.command]
    plan = [(stage, command) for stage in stages if (command := _command(stage, given.paths, options))]
    if not plan:
        print(f"no stage has {' '.join(given.paths)}", file=sys.stderr)
        return 2
    print(f"{len(plan)} stages: {', '.join(stage.name for stage, _ in plan)}", flush=True)
    began = time.monotonic()
    results = run_all(plan)
    print(_table(results, time.monotonic() - began), flush=True)
    return 0 if all(result.passed for result in results) else 1


def run_all(plan: Sequence[tuple[Stage, list[str]]]) -> list[Result]:
    """The results, in the order of the plan. In CI the stacks get the whole machine, since no one waits there."""
    with (
        TemporaryDirectory() as folder,
        ThreadPoolExecutor(os.cpu_count()) as side_by_side,
        ThreadPoolExecutor(len(plan)) as all_at_once,
    ):
        running: dict[Path, Future[Result]] = {}
        first: list[Future[Result]] = []
        for stage, command in plan:
            output = Path(folder) / f"{stage.name}.txt"
            output.touch()
            if stage.on_a_stack:
                running[output] = all_at_once.submit(
                    _run_after, first if os.environ.get("CI") else (), stage, command, output
                )
            else:
                running[output] = side_by_side.submit(_run, stage, command, output)
                first.append(running[output])
        for output, result in running.items():
            _print_until_done(output, result)
        return [result.result() for result in running.values()]


def _print_until_done(output: Path, result: Future[Result]) -> None:
    with output.open() as text:
        while not result.done():
            print(text.read(), end="", flush=True)
            wait([result], timeout=0.2)
        print(text.read(), end="", flush=True)


def _command(stage: Stage, paths: Sequence[str], options: Sequence[str]) -> list[str] | None:
    """pytest's arguments, or None if the stage has none of the paths. Without paths it has its folders."""
    folders = [f"tests/{folder}" for folder in stage.folders]
    own = [path for path in paths if path.startswith(tuple(folders))] if paths else folders
    return [*own, *stage.options, *options] if own else None


def _run_after(others: Iterable[Future[Result]], stage: Stage, command: Sequence[str], output: Path) -> Result:
    wait(others)
    return _run(stage, command, output)


def _run(stage: Stage, command: Sequence[str], output: Path) -> Result:
    """Run a stage. What it prints goes into `output`."""
    began = time.monotonic()
    with output.open("w") as printed:
        print(f"\n==== {stage.name}", file=printed, flush=True)
        report = output.with_suffix(".xml")
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if "e2e" in stage.folders and (path := browser.ready()):
            environment["CHROMIUM"] = path
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        gives_way = () if stage.on_a_stack else ("nice",)
        process = subprocess.Popen(
            [*gives_way, sys.executable, "-m", "pytest", *command, *colour, f"--junit-xml={report}"],
            cwd=ROOT,
            env=environment,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        result = _read(stage.name, process.returncode, report)
        result.seconds, result.processor_seconds = time.monotonic() - began, used.ru_utime + used.ru_stime
        for reason in result.unexpected:
            print(f"CI runs every test, and this one was skipped: {reason}", file=printed)
        verdict = f"{result.tests} tests, {_verdict(result)}, {result.seconds:.0f} s"
        print(f"==== {stage.name}: {verdict}", file=printed, flush=True)
    return result


def _read(name: str, exit_code: int, report: Path) -> Result:
    result = Result(name, exit_code)
    if report.exists():
        suites = ElementTree.parse(report).getroot()
        for case in suites.iter("testcase"):
            result.tests += 1
            result.failed += case.find("failure") is not None or case.find("error") is not None
            if (skip := case.find("skipped")) is not None:
                result.skipped += 1
                reason = f"{case.get('classname')}::{case.get('name')}: {skip.get('message')}"
                if os.environ.get("CI") and not str(skip.get("message")).startswith(EXPECTED_SKIPS):
                    result.unexpected.append(re.sub(r"\s+", " ", reason))
    return result


def _verdict(result: Result) -> str:
    return "passed" if result.passed else "FAILED"


def _table(results: Sequence[Result], seconds: float) -> str:
    lines = [f"\n{'stage':12}{'tests':>7}{'failed':>8}{'skipped':>9}{'seconds':>9}{'CPU s':>7}"]
    lines += [
        f"{one.name:12}{one.tests:7}{one.failed:8}{one.skipped:9}{one.seconds:9.0f}{one.processor_seconds:7.0f}"
        f"  {_verdict(one)}"
        for one in results
    ]
    used = sum(one.processor_seconds for one in results)
    tests, failed, skipped = (sum(getattr(one, name) for one in results) for name in ("tests", "failed", "skipped"))
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    return "\n".join([*lines, f"{'all':12}{tests:7}{failed:8}{skipped:9}{seconds:9.0f}{used:7.0f}  {load}"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
