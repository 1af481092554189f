"""Projects with `services/`, `factories.py`, `factories/` or `tests/factories.py` of their own, and seedbed beside."""

from __future__ import annotations

import pytest

from tests.outside import done, write

pytestmark = pytest.mark.outside

MODELS = """
from dataclasses import dataclass

@dataclass
class User:
    name: str
    id: int = 0
"""
SERVICES = """
from {models} import User

class Users:
    def __init__(self) -> None:
        self.rows: list[User] = []

    def sign_up(self, name: str) -> User:
        self.rows.append(User(name, len(self.rows) + 1))
        return self.rows[-1]

class App:
    def __init__(self) -> None:
        self.users = Users()
"""
FACTORIES = """
import factory
from seedbed import ServiceFactory
from {models} import User
from {services} import Users

class UserFactory(factory.Factory):
    class Meta:
        model = User

    name = "plain"

class ServedFactory(ServiceFactory[User]):
    class Meta:
        model = User
        service = "users.sign_up"

    name = "served"
"""
TESTS = """
import sys
from pathlib import Path

from seedbed import using
from {factories} import ServedFactory, UserFactory
from {services} import App

ROOT = Path(__file__).resolve().parents[1]

def test_the_factories_are_the_projects_own():
    assert UserFactory().name == "plain"
    assert ROOT in Path(sys.modules[UserFactory.__module__].__file__).parents

def test_they_create_through_the_projects_services():
    app = App()
    with using(app):
        made = ServedFactory.create_batch(3)
    assert app.users.rows == made
    assert [user.id for user in made] == [1, 2, 3]

def test_nothing_of_seedbeds_own_app_is_there():
    assert not any(name in sys.modules for name in ("factories.likes", "services.likes"))
"""
# Where the project keeps its factories, services and models: as modules, by their paths.
LAYOUTS = {
    "factories.py": {"factories": "factories", "services": "app_services", "models": "models"},
    "factories/": {"factories": "factories.users", "services": "app_services", "models": "models"},
    "services/": {"factories": "own_factories", "services": "services.users", "models": "models"},
    "services/ and factories/": {"factories": "factories.users", "services": "services.users", "models": "models"},
    "services.py": {"factories": "factories", "services": "services", "models": "models"},
    "tests/factories.py": {"factories": "tests.factories", "services": "services", "models": "models"},
    "src/": {"factories": "src.shop.factories", "services": "src.shop.services", "models": "src.shop.models"},
}


def project(layout):
    names = LAYOUTS[layout]
    files = {"tests/test_users.py": TESTS, "tests/__init__.py": "", "conftest.py": ""}
    for part, source in (("factories", FACTORIES), ("services", SERVICES), ("models", MODELS)):
        path = names[part].split(".")
        files |= {"/".join([*path[:depth], "__init__.py"]): "" for depth in range(1, len(path))}
        files["/".join(path) + ".py"] = source
    return {name: source.format(**names) for name, source in files.items()}


@pytest.mark.parametrize("arguments", [[], ["-n", "2"]], ids=["alone", "xdist"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_projects_tests_run_with_its_own_names(layout, arguments, environment, tmp_path):
    write(tmp_path, project(layout))

    said = done(environment.run("python", "-W", "error", "-m", "pytest", "-q", *arguments, directory=tmp_path))

    assert "3 passed" in said


def test_another_boto3_stays_what_it_was_and_the_embedded_engine_works_on_it(crowded, tmp_path):
    write(
        tmp_path,
        {
            "test_engine.py": """
import boto3
from seedbed.dynamo.engines import embedded_engine

def test_rows():
    with embedded_engine(validate=True) as engine:
        engine.client.create_table(
            TableName="rows",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        engine.client.put_item(TableName="rows", Item={"k": {"S": "a"}})
        assert engine.client.get_item(TableName="rows", Key={"k": {"S": "a"}})["Item"] == {"k": {"S": "a"}}

def test_version():
    assert boto3.__version__ == "1.35.0"
"""
        },
    )
    said = done(crowded.run("python", "-m", "pytest", "-q", "-W", "error", directory=tmp_path))
    assert "2 passed" in said


def test_a_project_that_does_not_use_it_does_not_notice_it(environment, tmp_path):
    program = """
import sys

def test_it():
    assert not {"seedbed.suite.declaration", "factories", "services"} & set(sys.modules)
"""
    write(tmp_path, {"test_it.py": program, "factories.py": "1 / 0", "services.py": "1 / 0"})
    said = done(environment.run("python", "-W", "error", "-m", "pytest", "-q", directory=tmp_path))
    assert "1 passed" in said
