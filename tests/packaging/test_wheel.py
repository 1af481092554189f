"""What is installed: one package, whole, that breaks nothing of its host's."""

from __future__ import annotations

import csv
import io
import re
import sys
import tarfile
import zipfile
from email.parser import Parser

import pytest

from tests.outside import ROOT, done, names_in, run

pytestmark = pytest.mark.outside

HEAVY = {"attrs", "boto3", "django", "factory", "faker", "moto", "numpy", "pytest", "rich", "sqlalchemy", "typer"}


def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_the_package_seedbed_is_all_that_is_installed(wheel):
    with zipfile.ZipFile(wheel) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        recorded = [row[0] for row in csv.reader(io.StringIO(archive.read(record).decode()))]

    assert {name.partition("/")[0] for name in recorded} == {"seedbed", record.partition("/")[0]}
    assert sorted(recorded) == sorted(names_in(wheel))


def test_all_of_the_package_is_in_it(wheel):
    tracked = done(run(["git", "ls-files", "seedbed"], ROOT)).split()

    assert {name for name in names_in(wheel) if name.startswith("seedbed/")} == set(tracked)
    assert "seedbed/py.typed" in tracked


def test_what_it_needs_is_little_and_in_ranges(wheel):
    needed = [line for line in metadata(wheel).get_all("Requires-Dist") if "extra ==" not in line]

    assert {re.split("[<>=]", line)[0] for line in needed} == {"attrs", "factory-boy", "faker", "rich", "typer"}
    assert not [line for line in metadata(wheel).get_all("Requires-Dist") if "==" in line.partition(";")[0]]
    assert {"dynamo", "sqlalchemy", "django", "http", "shell"} <= set(metadata(wheel).get_all("Provides-Extra"))


def test_it_is_installed_without_a_conflict(environment, crowded, tmp_path):
    for one in (environment, crowded):
        assert "No broken requirements found." in done(one.run("python", "-m", "pip", "check", directory=tmp_path))


def test_importing_it_warns_of_nothing_and_loads_next_to_nothing(crowded, tmp_path):
    program = "import seedbed, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"

    loaded = set(done(crowded.run("python", "-W", "error", "-c", program, directory=tmp_path)).split())

    assert "seedbed" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]], ids=" ".join)
def test_the_command_warns_of_nothing_also_beside_web_frameworks(arguments, environment, crowded, tmp_path):
    for one in (environment, crowded):
        result = one.run("seed", *arguments, directory=tmp_path, PYTHONWARNINGS="error")
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout


def test_every_public_name_is_there(environment, tmp_path):
    program = "import seedbed; [getattr(seedbed, name) for name in seedbed.__all__]; print(len(seedbed.__all__))"
    assert int(done(environment.run("python", "-W", "error", "-c", program, directory=tmp_path))) > 20


def test_dynamodb_without_its_extra_says_what_to_install(environment, tmp_path):
    result = environment.run("python", "-c", "import seedbed.dynamo.table", directory=tmp_path)
    assert result.stderr.rstrip().endswith("boto3 is not installed: pip install 'seedbed[dynamo]'")


def test_the_source_distribution_builds_and_makes_the_same_wheel(wheel, tmp_path):
    build = "import sys; from hatchling.build import build_sdist; print(build_sdist(sys.argv[1]))"
    name = done(run([sys.executable, "-c", build, tmp_path], ROOT)).split()[-1]
    with tarfile.open(tmp_path / name) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / name.removesuffix(".tar.gz")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, source]
    done(run(command, tmp_path))

    assert sorted(names_in(next(tmp_path.glob("*.whl")))) == sorted(names_in(wheel))
    assert (source / "tests" / "test_layering.py").is_file()


def test_uvx_runs_the_command_from_a_checkout(tmp_path):
    """CI has uv; without it the test says so instead of passing."""
    said = done(run(["uvx", "--python", sys.executable, "--from", ROOT, "seed", "--version"], tmp_path))
    assert said.startswith("seed")
