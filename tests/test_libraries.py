"""The ranges of other people's libraries: told once, and an error says what to install."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from seedbed.errors import LibraryError, LibraryVersionError, MissingLibraryError, UnavailableError
from seedbed.libraries import LIBRARIES, need, need_installed
from services import connect

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_MOTO = LIBRARIES["moto"]


def requirement(library):
    texts = PROJECT["dependencies"] if library.extra is None else PROJECT["optional-dependencies"][library.extra]
    return next(one for one in map(Requirement, texts) if one.name == library.distribution)


@pytest.fixture
def at_version(monkeypatch):
    def change(name, version):
        module = ModuleType(name)
        module.__version__ = version
        monkeypatch.setitem(sys.modules, name, module)

    return change


@pytest.fixture
def missing(monkeypatch):
    def take_away(name):
        for module in [one for one in sys.modules if one.partition(".")[0] == name]:
            monkeypatch.delitem(sys.modules, module)
        found = PathFinder.find_spec
        monkeypatch.setattr(
            PathFinder, "find_spec", lambda full, *rest: None if full.partition(".")[0] == name else found(full, *rest)
        )

    return take_away


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_range_is_what_the_package_asks_of_a_resolver(name):
    library = LIBRARIES[name]
    wanted = requirement(library).specifier

    bounds = {f">={library.floor}"} | ({f"<{library.ceiling}"} if library.ceiling else set())
    assert {str(one) for one in wanted} == bounds
    assert re.sub(r"\s", "", str(wanted)) in {library.range, ",".join(reversed(library.range.split(",")))}


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_is_installed_here_will_do(name):
    need(name)
    need_installed(name)


@pytest.mark.parametrize("version", ["5.2", "5.2.0", "5.2.0.post1", "5.99.3", "5.3.0.dev1"])
def test_versions_of_the_range_will_do(version, at_version):
    at_version("moto", version)
    assert Version(version) in requirement(OF_MOTO).specifier or "dev" in version
    need("moto")


@pytest.mark.parametrize("version", ["5.1.22", "4.99", "6", "6.0.0rc1", "10.0", "unknown"])
def test_other_versions_are_refused_with_what_to_install(version, at_version):
    at_version("moto", version)
    with pytest.raises(LibraryVersionError) as refusal:
        need("moto")
    assert str(refusal.value) == f"seedbed does not work with moto {version}: pip install 'moto>=5.2,<6'"


def test_what_is_missing_is_told_with_the_extra_that_brings_it(missing):
    missing("moto")
    for ask in (need, need_installed):
        with pytest.raises(MissingLibraryError) as refusal:
            ask("moto")
        assert str(refusal.value) == "moto is not installed: pip install 'seedbed[dynamo]'"
        assert isinstance(refusal.value, ImportError)


def test_what_every_part_needs_is_no_extra_s(missing):
    missing("factory")
    with pytest.raises(MissingLibraryError, match=r"factory-boy is not installed: pip install 'seedbed'"):
        need("factory")


@pytest.mark.parametrize("name", ["moto", "boto3", "botocore"])
def test_an_embedded_engine_is_not_opened_on_another_version(name, at_version):
    at_version(name, "0.1")
    with pytest.raises(LibraryVersionError, match=f"does not work with {name} 0.1"):
        connect()


@pytest.mark.parametrize("place", ["aws", "http://127.0.0.1:1"])
def test_an_endpoint_needs_no_moto(place, missing, at_version):
    missing("moto")
    at_version("botocore", "0.1")
    with pytest.raises(LibraryVersionError, match=r"botocore 0\.1"):
        connect(place)


def test_a_library_of_another_version_is_one_family():
    assert issubclass(LibraryError, UnavailableError)
    assert issubclass(LibraryVersionError, LibraryError)
