"""What a user has who installs the wheel and checks types: an environment and two checkers."""

from __future__ import annotations

import pytest

from tests.outside import Environment, build_wheel, node_tools


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    made = Environment.make(tmp_path_factory.mktemp("environment") / "venv")
    made.install(f"{build_wheel(tmp_path_factory.mktemp('dist'))}[django,dynamo,http,sqlalchemy]", "pytest")
    return made


@pytest.fixture(scope="session")
def pyright(tmp_path_factory):
    return node_tools(tmp_path_factory.mktemp("node")) / "pyright"
