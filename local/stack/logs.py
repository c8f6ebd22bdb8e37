"""What the functions wrote: `.local/logs/functions/<FunctionName>.log`, one file per function of the template."""

from pathlib import Path

FOLDER = Path("logs") / "functions"


def of_functions(local_dir: Path) -> dict[str, str]:
    """The whole log text of every function that has run since the start, by its name."""
    return {
        path.stem: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted((local_dir / FOLDER).glob("*.log"))
    }
