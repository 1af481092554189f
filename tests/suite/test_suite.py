"""What a suite says: how its app opens, which factories and scenarios it has, and that two leave each other alone."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date

import pytest
import typer

from seedbed import using
from seedbed.suite import Suite, load_suite
from seedbed.suite.errors import (
    MissingPartError,
    SuiteDeclarationError,
    SuiteError,
    SuiteImportError,
    SuiteOpenError,
)


def bare():
    return App()


def needing(target):
    return App(target)


class App:
    """An app that knows whether it was closed."""

    def __init__(self, target=None, clock=None):
        self.target = target
        self.clock = clock
        self.is_closed = False

    def close(self):
        self.is_closed = True


@contextmanager
def managed(target=None, *, clock=None):
    app = App(target, clock)
    yield app
    app.close()


def generator(target=None, *, clock=None):
    app = App(target, clock)
    yield app
    app.close()


def plain(target=None, *, clock=None):
    return App(target, clock)


def suite_of(opens, **more):
    return Suite("shop", open=opens, factories="shop_app", **more)


@pytest.mark.parametrize("opens", [managed, generator, plain, f"{__name__}:plain", App])
def test_an_app_opens_at_a_target_with_what_it_takes_and_is_closed(opens):
    with suite_of(opens).app("there", clock=len, seed=3) as app:
        assert (app.target, app.clock, app.is_closed) == ("there", len, False)

    assert app.is_closed


def test_an_app_that_takes_nothing_opens_without_anything():
    with suite_of(bare).app(clock=len, seed=3) as app:
        assert (app.target, app.clock) == (None, None)


@contextmanager
def nothing():
    yield


@pytest.mark.parametrize(
    ("opens", "target", "message"),
    [
        (lambda: 1 / 0, None, "ZeroDivisionError: division by zero"),
        (lambda: None, None, "gave None where the app is to be"),
        (nothing, None, "nothing gave None where the app is to be"),
        (bare, "there", "open takes no target, and 'there' is given"),
        (needing, None, "open needs a target: give --target"),
    ],
)
def test_an_app_that_does_not_open_is_told_in_one_line(opens, target, message):
    with pytest.raises(SuiteOpenError) as caught, suite_of(opens).app(target):
        pass

    assert str(caught.value).startswith("suite shop: its app does not open: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_inside_the_block_is_not_one_of_opening():
    with pytest.raises(ZeroDivisionError), suite_of(managed).app():
        raise ZeroDivisionError


def test_a_throw_away_world_is_opened_by_scratch_and_never_at_a_place():
    with suite_of(plain, scratch=lambda: App("scratch")).scratch_app() as app:
        assert app.target == "scratch"
    with suite_of(plain).scratch_app() as app:
        assert app.target is None
    with (
        pytest.raises(MissingPartError, match=r"suite shop cannot open a throw-away world: .*Suite\(scratch=\.\.\.\)"),
        suite_of(needing).scratch_app(),
    ):
        pass


@pytest.mark.usefixtures("program")
def test_factories_are_those_of_the_module_that_are_not_abstract():
    suite = load_suite("shop_app:suite")

    assert [factory.__name__ for factory in suite.factory_classes()] == ["CustomerFactory", "OrderFactory"]
    assert list(suite.scenario_classes()) == ["rush-hour"]


def test_factories_of_a_package_are_found_in_all_its_modules_but_tests(program):
    package = program / "package"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("from shop_app import CustomerFactory\n")
    (package / "deep" / "__init__.py").write_text("from shop_app import CustomerFactory as Base, OrderFactory\n")
    (package / "deep" / "vips.py").write_text(
        "from shop_app import CustomerFactory as Base\nclass VipFactory(Base):\n    is_vip = True\n"
    )
    for name in ("test_vips", "conftest", "__main__"):
        (package / "deep" / f"{name}.py").write_text("1 / 0\n")

    found = Suite("shop", open=App, factories="package").factory_classes()

    assert [factory.__name__ for factory in found] == ["CustomerFactory", "OrderFactory", "VipFactory"]


@pytest.mark.usefixtures("program")
def test_factories_may_be_named_one_by_one():
    assert [one.__name__ for one in Suite("s", open=App, factories=["shop_app:OrderFactory"]).factory_classes()] == [
        "OrderFactory"
    ]


def test_two_factories_of_one_name_are_refused_with_where_they_are(program):
    (program / "others.py").write_text("from shop_app import CustomerFactory as B\nclass CustomerFactory(B): pass\n")

    with pytest.raises(SuiteDeclarationError) as caught:
        Suite("shop", open=App, factories=["shop_app", "others"]).factory_classes()

    assert str(caught.value) == (
        "suite shop: factories: two are called CustomerFactory: shop_app:CustomerFactory and others:CustomerFactory"
    )


def test_two_scenarios_of_one_name_are_refused(write):
    write("others")

    with pytest.raises(SuiteDeclarationError, match="two are called rush-hour: shop_app:RushHour and others:RushHour"):
        Suite("shop", open=App, factories="shop_app", scenarios=["shop_app", "others"]).scenario_classes()


def test_factories_that_are_not_there_or_break_are_named(program):
    (program / "empty.py").write_text("")
    (program / "broken.py").write_text("x = 1\n1 / 0\n")

    with pytest.raises(SuiteDeclarationError, match="suite shop: factories: there is no ServiceFactory in empty"):
        Suite("shop", open=App, factories="empty").factory_classes()
    with pytest.raises(SuiteImportError, match="suite shop: its factories 'nowhere' cannot be used: ModuleNotFoundErr"):
        Suite("shop", open=App, factories="nowhere").factory_classes()
    with pytest.raises(SuiteImportError) as caught:
        Suite("shop", open=App, factories="broken").factory_classes()
    assert str(caught.value).endswith(f"ZeroDivisionError: division by zero ({program / 'broken.py'}:2)")
    with pytest.raises(SuiteDeclarationError, match="it must be packages, modules and classes, not 3"):
        Suite("shop", open=App, factories=[3]).factory_classes()


def test_two_suites_in_one_process_do_not_touch_each_other(write):
    write("other_app", ('name = "Ada"', 'name = "Ben"'), ('"shop"', '"other"'))
    shop, other = load_suite("shop_app:suite"), load_suite("other_app:suite")

    with shop.scratch_app() as app, other.scratch_app() as app2, shop.using(app):
        customer = shop.factory_classes()[0]()
        with other.using(app2) as bound:
            assert bound.suite is other
            assert other.factory_classes()[0]().name == "Ben"
        assert using(app) is not None
        assert (customer.name, shop.audit(app).counters, other.audit(app2).counters) == ("Ada", 1, 1)
    assert shop.scenario_classes()["rush-hour"].__module__ == "shop_app"
    assert other.scenario_classes()["rush-hour"].__module__ == "other_app"


def test_a_unit_of_work_may_be_the_name_of_the_app_s_method(write):
    write(
        "unit_app",
        ("class Shop:", "class Unit:\n    def stored(self, value):\n        return value\n\n\nclass Shop:"),
        (
            "    def close(self):",
            "    @contextmanager\n    def begin(self):\n        yield Unit()\n\n    def close(self):",
        ),
        ("    listing=", '    unit_of_work="begin",\n    listing='),
    )
    suite = load_suite("unit_app:suite")

    with suite.scratch_app() as app, suite.using(app):
        assert suite.factory_classes()[0]().name == "Ada"
        with pytest.raises(SuiteError, match="the suite's unit_of_work: date has no begin"):
            suite.unit_of_work(date(2026, 11, 1))


def test_the_social_suite_is_opened_for_tests_and_audited_by_its_own_audit():
    suite = load_suite("factories.suite:suite")

    with suite.scratch_app(seed=1) as app, suite.using(app):
        post = next(one for one in suite.factory_classes() if one.__name__ == "PostFactory")(likes=3)
        assert post.likes_count == 3
        assert suite.audit(app).is_exact
        assert suite.audit(app).owners > 4


@pytest.mark.parametrize("command", [5, "cli", ":", "", print, dict, ["app"]])
def test_a_command_that_is_none_is_refused_when_it_is_declared(command):
    with pytest.raises(SuiteDeclarationError, match="suite shop: command: it must be a Typer app, or the name of one"):
        Suite("shop", open=App, factories=[], command=command)


def test_a_command_is_a_typer_app_or_its_name():
    for command in (None, typer.Typer(), "shop.cli:app"):
        assert Suite("shop", open=App, factories=[], command=command).command is command


def test_a_command_whose_name_leads_to_something_else_is_one_line(seed, write):
    write("commanded", ('    "shop",', '    "shop",\n    command="shop_app:Shop",'))

    assert seed("audit", suite="commanded:suite") == (
        2,
        "",
        "seed: suite shop: command: shop_app:Shop is no Typer app, but <class 'shop_app.Shop'>\n",
    )
