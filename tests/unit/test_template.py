"""What may stand in a text for many: every operator, filter and function that is known, and all that must not be."""

from collections import Counter
from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.batch import text_template
from getthrough.domain.batch.batch_body import MOST_VARIABLES
from getthrough.domain.batch.text_template import (
    _OTHER_FILTERS,
    _OTHER_TESTS,
    FILTERS,
    TESTS,
    MissingVariableError,
    WrongTemplateError,
    render,
)

ANN: dict[str, Any] = {"name": "Ann", "late": False, "count": 3, "price": 2.5}

DOCUMENTED = frozenset(
    """
    abs attr batch bool capitalize chain count d default dictsort e escape first float format groupby indent int items
    join last length lines list lower map max min pprint reject rejectattr replace reverse round safe select selectattr
    slice sort split string sum title tojson trim unique upper urlencode zip
    filesizeformat pluralize random striptags truncate wordcount wordwrap
    """.split()  # noqa: SIM905
)
"""The filters of MiniJinja 2 and, in the second part, of its minijinja-contrib, as their documentation lists them."""


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello {{ name }}!", "Hello Ann!"),
        ("Hello {{name}}{{ name }}", "Hello AnnAnn"),
        ("Hello\n{{ name }}\n", "Hello\nAnn\n"),
        ("Hello \r\n {{- name -}} \r\n!", "HelloAnn!"),
        ("*{{ name }}* owes *{{ price }}*", "*Ann* owes *2.5*"),
        ("{{ count }} {{ late }} {{ price }}", "3 false 2.5"),
        ('{{ nick | default("customer") }}', "customer"),
        ("{{ nick | d('you') }}{{ nick | default }}", "you"),
        ('{{ name | default("customer") }}', "Ann"),
        ('{{ "tomorrow" if late else "today" }}', "today"),
        ("{{ 'late' if late }}.", "."),
        ("{{ 'several' if count > 1 and not late else 'one' }}", "several"),
        (
            "{{ name ~ '-' ~ count }} {{ count + 1 }} {{ count - 1 }} {{ count / 2 }} {{ count // 2 }}",
            "Ann-3 4 2 1.5 1",
        ),
        ("{{ name[0] }}{{ name[1:] }}", "Ann"),
        ("{{ name | upper }} {{ name | lower | capitalize }} {{ 'a b' | title }}", "ANN Ann A B"),
        ("{{ ' x ' | trim }}{{ 2.567 | round(1) }}", "x2.6"),
        ("{{ 'yes' if nick is defined else 'no' }}", "no"),
        ("{{ '}}' }}{{ \"it's\" }}{{ 'a \\' b' }}{{ '*' }}", "}}it'sa ' b*"),
        ("<b>{{ tag }}</b>", "<b><i>&</b>"),
    ],
)
def test_what_stands_between_braces_is_filled_in(text: str, filled: str) -> None:
    assert render(text, {**ANN, "tag": "<i>&"}) == filled


@pytest.mark.parametrize("text", ["", "Hello", "}}", "{ name }", "100 %}", "a\n", "{", "#}"])
def test_a_text_without_variables_comes_back_as_it_is(text: str) -> None:
    assert render(text, ANN) == text


@given(st.text(st.characters(exclude_characters="{")))
def test_any_text_without_an_opening_brace_comes_back_as_it_is(text: str) -> None:
    assert render(text, ANN) == text


PLAIN = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]))


@given(PLAIN, PLAIN, st.text(st.characters(exclude_categories=["Cs"])))
def test_what_stands_around_a_variable_and_in_it_stays_as_it_is(before: str, after: str, value: str) -> None:
    assert render(f"{before}{{{{ v }}}}{after}", {"v": value}) == before + value + after


def test_variables_are_never_themselves_filled_in() -> None:
    for value in ("{{ name }}", "{% raw %}", "{# #}", "{{ 1 // 0 }}"):
        assert render("{{ v }} {{ v | upper }}", {"v": value, "name": "Ann"}) == f"{value} {value.upper()}"


@pytest.mark.parametrize("name", ["source", "name", "ctx", "env", "loop", "args", "kwargs", "__class__", "true_", "If"])
def test_a_variable_may_have_any_name(name: str) -> None:
    assert render(f"{{{{ {name} }}}}", {name: "x"}) == "x"


def test_a_variable_that_cannot_be_named_is_left_alone() -> None:
    for name in ("self", "not", "true", "none"):
        assert render("{{ v }}", {"v": "x", name: "y"}) == "x"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ nick }}", ["nick"]),
        ("{{ nick.first }} {{ name }}", ["nick"]),
        ("{{ b }}{{ a }}{{ b | upper }}", ["a", "b"]),
        ("{{ 'a' if nick else 'b' }}", ["nick"]),
        ("{{ name ~ nick }}", ["nick"]),
        ("{{ a }} {{ b | default('x') }}", ["a"]),
    ],
)
def test_what_is_missing_is_named(text: str, names: list[str]) -> None:
    with pytest.raises(MissingVariableError) as missing:
        render(text, ANN)
    assert missing.value.names == names


MANY = [f"v{number}" for number in range(400)]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{{{{ {name} }}}}" for name in MANY),
        "{{ '" + "x" * 190_000 + "' }}" + "".join(f"{{{{ {name} }}}}" for name in MANY[:50]),
        "{{" + "~".join(MANY[:50]) + "}}",
        "".join(f"{{{{ {name} | default(0) }}}}" for name in MANY[:200]) + "{{ other }}",
    ],
    ids=["many", "long", "one expression", "defaults"],
)
def test_a_text_is_parsed_twice_and_filled_in_once_for_each_variable_that_a_recipient_may_have(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Counter[str]()

    class Counting:
        def __getattr__(self, name: str) -> Any:
            calls[name] += 1
            return getattr(environment, name)

    environment = text_template._environment()
    monkeypatch.setattr(text_template, "_environment", Counting)
    with pytest.raises(WrongTemplateError):
        render(text, {})

    assert calls["render_str"] == calls["add_template"] == calls["undeclared_variables_in_template"] == 1
    assert calls["render_template"] <= MOST_VARIABLES
    assert calls.keys() <= {"render_str", "add_template", "undeclared_variables_in_template", "render_template"}


def test_a_text_has_at_most_as_many_variables_as_a_recipient_may_give() -> None:
    with pytest.raises(WrongTemplateError) as wrong:
        render("".join(f"{{{{ {name} }}}}" for name in MANY[:51]), {})
    assert str(wrong.value) == "has 51 variables, and at most 50 are allowed."
    with pytest.raises(MissingVariableError) as missing:
        render("".join(f"{{{{ {name} }}}}" for name in MANY[:50]), {})
    assert missing.value.names == sorted(MANY[:50])


UNKNOWN = "cannot be filled in: unknown {}."
OTHER_BRACES = "has {}. Only {{{{ … }}}} is allowed."
INSIDE = "must have no brace, no * and at most 500 characters inside {{ … }}."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{% if name %}x{% endif %}", OTHER_BRACES.format("{%")),
        ("{% for n in range(9) %}{% endfor %}", OTHER_BRACES.format("{%")),
        ("{% set a = 1 %}", OTHER_BRACES.format("{%")),
        ("{%- include 'x' -%}", OTHER_BRACES.format("{%")),
        ("{{ '{%' }}", OTHER_BRACES.format("{%")),
        ("{# note #}", OTHER_BRACES.format("{#")),
        ("{{ name", "cannot be filled in: syntax error: unexpected end of input, expected end of variable block."),
        ("{{ }}", "cannot be filled in: syntax error: unexpected end of variable block."),
        ("{{ name.upper() }}", "cannot be filled in: unknown method: string has no method named upper."),
        ("{{ name.replace('A', 'B') }}", "cannot be filled in: unknown method: string has no method named replace."),
        ("{{ name.__class__ }}", "cannot be filled in: undefined value: `name.__class__` is undefined."),
        ("{{ name | nosuch }}", UNKNOWN.format("filter: filter nosuch is unknown")),
        ("{{ 1 // 0 }}", "cannot be filled in: invalid operation: unable to calculate 1 // 0."),
        ("{{ 1 % 0 }}", "cannot be filled in: invalid operation: unable to calculate 1 % 0."),
        ("{{ {'a': 1} }}", INSIDE),
        ("{{ {'a': {'b': 1}} }}", INSIDE),
        ("{{ self }}", "cannot be filled in: undefined value: `self` is undefined."),
        *(
            (f"{{{{ {name}(1) }}}}", UNKNOWN.format(f"function: {name} is unknown"))
            for name in ("range", "dict", "debug", "namespace", "cycler", "joiner", "lipsum", "open", "caller")
        ),
    ],
)
def test_what_is_not_known_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(WrongTemplateError) as wrong:
        render(text, {**ANN, "self": "x"})
    assert (str(wrong.value), isinstance(wrong.value, MissingVariableError)) == (reason, False)


@pytest.mark.parametrize("text", ["{{ nick[::-1] }}", "{{ ''[::-1] }}", "{{ [][::-1] }}", "{{ nick }}{{ nick[::-2] }}"])
def test_a_bug_of_minijinja_is_a_reason_and_does_not_end_the_process(text: str) -> None:
    with pytest.raises(WrongTemplateError, match="cannot be filled in"):
        render(text, ANN)
    assert render("{{ name[::-1] }}", ANN) == "nnA"


def test_every_filter_is_one_of_ours_or_refused() -> None:
    assert FILTERS <= DOCUMENTED <= FILTERS | _OTHER_FILTERS | {"random"}
    for name in DOCUMENTED | _OTHER_FILTERS:
        if name not in FILTERS:
            with pytest.raises(WrongTemplateError) as wrong:
                render(f"{{{{ name | {name} }}}}", ANN)
            assert str(wrong.value) == UNKNOWN.format(f"filter: filter {name} is unknown")


DOCUMENTED_TESTS = frozenset(
    """
    boolean defined divisibleby endingwith eq equalto even false filter float ge greaterthan gt in integer iterable le
    lessthan lower lt mapping ne none number odd safe escaped sameas sequence startingwith string test true undefined
    upper containing
    """.split()  # noqa: SIM905
)
"""The tests of MiniJinja, as its documentation lists them, and their other names."""


@pytest.mark.parametrize("name", sorted(DOCUMENTED_TESTS | {name for name in _OTHER_TESTS if name.isalpha()}))
def test_every_test_is_one_of_ours_or_refused(name: str) -> None:
    """`divisibleby(0)` was no error but the end of the process."""
    if name in TESTS:
        assert render(f"{{{{ name is {name} }}}}", ANN) in ("true", "false")
    else:
        with pytest.raises(WrongTemplateError):
            render(f"{{{{ 4 is {name}(0) }}}}", ANN)


WORDS = """
    name late count price nick 'a' 0 1 2.5 1e308 170141183460469231731687303715884105727 [name,1] () none true + - / //
    % ~ and or not == < >= in is , if else | . [ ] ( ) : round( default( title upper divisibleby( odd sameas( defined
    startingwith( none -1
    """.split()  # noqa: SIM905


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_whatever_words_stand_in_an_expression_it_is_filled_in_or_refused(words: list[str]) -> None:
    with suppress(WrongTemplateError):
        render("{{" + " ".join(words) + "}}", ANN)


@pytest.mark.parametrize("name", sorted(FILTERS - {"round"}))
def test_our_filters_are_there(name: str) -> None:
    assert render(f"{{{{ name | {name} }}}}", {"name": "a"}) in ("a", "A")


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 1000000 }}",
        "{{ ('a' * 100000) * 100000 }}",
        "{{ [1] * 100000000 }}",
        "{{ ([[1] * 9] * 9) }}",
        "{{ 3 * 4 }}",
        "{{ 2 ** 9 }}",
        '{{ "}}" ~ ("a" * 3) }}',
        "{{ '}}' }}{{ 'a' * 3 }}",
        "{{ {'a': 1} * 3 }}",
        "{{ {'a': {'b': 1}} * 3 }}",
        "{{ '\\'' * 3 }}",
        "{{ '\\\\' * 3 }}",
        "{{ name\n*\n3 }}",
    ],
)
def test_nothing_is_multiplied_for_it_would_fill_the_memory(text: str) -> None:
    with pytest.raises(WrongTemplateError) as wrong:
        render(text, ANN)
    assert str(wrong.value) == INSIDE


def bomb(operator: str, count: int) -> str:
    return "{{ " + operator.join(["name"] * count) + " }}"


@pytest.mark.parametrize("text", ["{{ name }}" * 600, bomb("~", 80) * 20])
def test_a_text_has_so_much_to_be_done_and_no_more(text: str) -> None:
    with pytest.raises(WrongTemplateError) as wrong:
        render(text, ANN)
    assert str(wrong.value) == "cannot be filled in: engine ran out of fuel."


@pytest.mark.parametrize("text", [bomb("~", 2_000), bomb(" ~ ", 30_000), bomb("~", 101)])
def test_an_expression_has_at_most_five_hundred_characters_since_long_ones_would_kill_the_process(text: str) -> None:
    with pytest.raises(WrongTemplateError) as wrong:
        render(text, ANN)
    assert str(wrong.value) == INSIDE


def test_what_stands_in_quotes_may_be_longer() -> None:
    assert render(f"{{{{ '{'x' * 1_000}' if name else 0 }}}}", ANN) == "x" * 1_000


def test_a_text_may_have_many_variables() -> None:
    names: dict[str, Any] = {f"v{number}": number for number in range(50)}
    text = " and ".join(f"{{{{ {name} }}}}" for name in names)
    assert render(text, names) == " and ".join(str(value) for value in names.values())


@pytest.mark.parametrize("opening", ["(", "[", "not (", "-("])
def test_what_is_nested_too_deeply_is_refused(opening: str) -> None:
    with pytest.raises(WrongTemplateError):
        render("{{ " + opening * 3_000 + "1", ANN)


EXPRESSIONS = st.text("{}\"'\\*~+-/%|.()[],: anme19", max_size=40)


@given(EXPRESSIONS)
def test_whatever_is_written_is_filled_in_or_refused_and_short(text: str) -> None:
    """No other exception, and never more than what is put in."""
    try:
        filled = render("{{" + text, ANN)
    except WrongTemplateError:
        return
    assert len(filled) < 20 * (len(text) + 1)


@pytest.mark.parametrize("hostile", ['{{"', '{{\\"', "{{'", "{{ a"])
def test_a_hostile_text_takes_no_more_than_its_length(hostile: str) -> None:
    """Each match begins where the last one ended, and the first that fails ends the search."""

    def seconds(count: int) -> float:
        began = process_time()
        with pytest.raises(WrongTemplateError):
            render(hostile * count, {})
        return process_time() - began

    short, long = (min(seconds(count) for _ in range(3)) for count in (5_000, 40_000))
    assert long < 24 * max(short, 0.001)
