"""Which suite is meant, and what is said where none can be used."""

from __future__ import annotations

import pytest

from seedbed.suite import Suite, find_suite, get_suite
from seedbed.suite.errors import SuiteError, SuiteImportError, SuiteNotFoundError
from tests.suite.shop import APP


def declare(folder, text='suite = "shop_app:suite"'):
    (folder / "pyproject.toml").write_text(f"[tool.seedbed]\n{text}\n")


def test_pyproject_names_the_suite_for_all_folders_below_it(program, monkeypatch):
    declare(program)
    (program / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(program / "deep" / "er")

    assert get_suite().name == "shop"


def test_a_suite_in_src_is_found(program):
    declare(program, 'suite = "in_src:suite"')
    (program / "src").mkdir()
    (program / "src" / "in_src.py").write_text(APP.replace('"shop"', '"in src"'))

    assert get_suite().name == "in src"


def test_the_variable_comes_before_pyproject_and_a_name_before_both(program, monkeypatch):
    declare(program)
    for name in ("second", "third"):
        (program / f"{name}.py").write_text(APP.replace('"shop"', f'"{name}"'))
    monkeypatch.setenv("SEEDBED_SUITE", "second:suite")

    assert get_suite().name == "second"
    assert get_suite("third:suite").name == "third"


def test_an_empty_variable_says_nothing(program, monkeypatch):
    declare(program)
    monkeypatch.setenv("SEEDBED_SUITE", "")

    assert get_suite().name == "shop"


def test_a_program_s_own_modules_come_before_those_of_the_same_name_elsewhere(program, monkeypatch):
    elsewhere = program.parent / f"{program.name}-elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shop_app.py").write_text("suite = None")
    monkeypatch.syspath_prepend(elsewhere)
    declare(program)

    assert get_suite().name == "shop"


def test_the_nearest_pyproject_is_the_program_s_also_where_it_names_no_suite(program, monkeypatch):
    declare(program)
    (program / "inner").mkdir()
    (program / "inner" / "pyproject.toml").write_text("[project]\nname = 'inner'\n")
    monkeypatch.chdir(program / "inner")

    assert find_suite() is None
    with pytest.raises(SuiteNotFoundError) as caught:
        get_suite()
    assert str(caught.value) == (
        f"no suite found: {program / 'inner' / 'pyproject.toml'} names none. Write `[tool.seedbed]` and "
        '`suite = "module:name"` into the pyproject.toml of the program, where name is its Suite(...); or give '
        "--suite module:name, or set SEEDBED_SUITE"
    )


def test_without_any_pyproject_it_is_said_where_one_was_looked_for(program):
    with pytest.raises(SuiteNotFoundError, match=f"there is no pyproject.toml in {program} or above"):
        get_suite()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('suit = "a:b"', "[tool.seedbed] has no suite, but suit: did you mean suite?"),
        ("suite = 3", '[tool.seedbed] suite must be written "module:name", not 3'),
        ('suite = ""', "[tool.seedbed] suite must be written \"module:name\", not ''"),
        ("suite = ", "cannot be read: Invalid value (at line 2, column 9)"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_named_with_its_file(program, text, message):
    declare(program, text)

    with pytest.raises(SuiteError) as caught:
        get_suite()

    assert str(caught.value).startswith(f"{program / 'pyproject.toml'}")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("shop_app", "it must be written module:name"),
        ("shop_app:", "it must be written module:name"),
        ("shop app:suite", "it must be written module:name"),
        ("shopp_app:suite", "ModuleNotFoundError: No module named 'shopp_app'"),
        ("shop_app:suit", "shop_app has no suit: did you mean suite or Suite?"),
        ("shop_app:Shop", "it is no Suite, but the class Shop"),
        ("shop_app:CustomerFactory.name", "it is no Suite, but of type str"),
    ],
)
def test_a_path_that_leads_to_no_suite_is_refused_in_one_line(program, path, message):
    with pytest.raises(SuiteImportError) as caught:
        get_suite(path)

    assert str(caught.value).splitlines() == [f"suite {path!r} cannot be used: {message}"]


def test_a_module_that_breaks_is_named_with_the_line_that_broke(program):
    (program / "broken.py").write_text("import json\n\njson.loads('{')\n")

    with pytest.raises(SuiteImportError, match="suite 'broken:suite' cannot be used: JSONDecodeError: ") as caught:
        get_suite("broken:suite")

    assert "\n" not in str(caught.value)


def test_a_suite_that_says_nothing_useful_is_refused_when_it_is_made():
    with pytest.raises(SuiteError, match="suite '': name: it must be a text that is not empty"):
        Suite("", open=dict, factories="shop_app")
    with pytest.raises(SuiteError, match="suite shop: open: it must be a function, or the name of one"):
        Suite("shop", open=3, factories="shop_app")
