"""`make structure` counts what it says it counts."""

from pathlib import Path

from tools import count_structure


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_every_kind_of_parameter_counts(tmp_path: Path) -> None:
    written(tmp_path / "send.py", "def none(): ...\ndef five(a, /, b, *c, d, **e): ...\n")

    assert list(count_structure.parameters(tmp_path)) == [(0, "send.none"), (5, "send.five")]


def test_a_file_that_names_three_channels_would_miss_a_new_one(tmp_path: Path) -> None:
    written(tmp_path / "one.py", "if channel == 'rcs': ...")
    written(tmp_path / "words.py", "sms, email, whatsapp, mms, viber_service_msg, messenger")
    naming = written(tmp_path / "web" / "labels.js", "{ mms: 'MMS', rcs: 'RCS', messenger: 'Messenger' }")

    assert list(count_structure.files_naming_channels(tmp_path)) == [naming]


def test_a_response_that_a_person_describes_a_second_time_is_a_second_place(tmp_path: Path) -> None:
    assert list(count_structure.shape_places(tmp_path)) == ["the types of the answers"]

    written(tmp_path / "timeline.js", "/** @typedef {{ step: number, channel: string }} Step */")
    assert list(count_structure.shape_places(tmp_path)) == ["the types of the answers", "typedefs of the console"]


def test_a_script_outside_of_typescripts_settings_is_not_checked(tmp_path: Path) -> None:
    written(tmp_path / "tsconfig.json", '{"include": ["functions/web", "local/*/page"]}')
    written(tmp_path / "functions" / "web" / "compose" / "form.js", "export const form = {};")
    written(tmp_path / "local" / "simulator" / "page" / "phone.js", "export const phone = {};")
    skipped = written(tmp_path / "functions" / "web" / "list.js", "// @ts-nocheck\n")
    outside = written(tmp_path / "local" / "other.js", "")

    assert sorted(count_structure.unchecked_scripts(tmp_path)) == sorted([skipped, outside])
