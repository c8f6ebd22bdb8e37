"""What is deployed knows every time zone, whatever Lambda's image has."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import tzdata

from tools.bundle import Bundle
from tools.check_bundle import time_zones

INSTALLED = Path(tzdata.__path__[0])
FUNCTIONS = Path(__file__).parents[2] / "functions"


def bundle(folder: Path) -> Bundle:
    return Bundle(folder=folder, runtime="python3.13", architecture="arm64", handlers=())


def test_a_build_with_every_time_zone_is_good(tmp_path: Path) -> None:
    copytree(INSTALLED, tmp_path / "tzdata")

    assert time_zones(bundle(tmp_path)) == []


def test_a_build_that_lacks_time_zones_hears_which(tmp_path: Path) -> None:
    assert time_zones(bundle(tmp_path)) == ["lacks tzdata/zones"]

    copytree(INSTALLED, tmp_path / "tzdata")
    for zone in ("Europe/London", "Asia/Tokyo"):
        (tmp_path / "tzdata" / "zoneinfo" / zone).unlink()

    assert sorted(time_zones(bundle(tmp_path))) == [
        "lacks the time zone Asia/Tokyo",
        "lacks the time zone Europe/London",
    ]


def test_a_computer_without_time_zones_knows_them_all() -> None:
    program = f"""
import sys
sys.path.insert(0, {str(FUNCTIONS)!r})
import zoneinfo
from getthrough.domain.values.local_time import parse_moment, zones
print(len(zoneinfo.TZPATH), len(zones()), parse_moment("2026-07-01T09:00", "Europe/London"))
"""
    environment = {"PYTHONTZPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )

    named = len({*(INSTALLED / "zones").read_text().split()} - {"localtime", "Factory"})
    assert done.stdout == f"0 {named} 2026-07-01 08:00:00+00:00\n"
