"""The wheel, built once, and an environment that has it."""

from __future__ import annotations

import pytest

from tests.outside import Environment, build_wheel

OTHER_BOTO3 = "1.35.0"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def environment(wheel, tmp_path_factory):
    """seedbed alone, and what a project has that tests with it."""
    made = Environment.make(tmp_path_factory.mktemp("environment") / "venv")
    made.install(wheel, "pytest", "pytest-xdist")
    return made


@pytest.fixture(scope="session")
def crowded(wheel, tmp_path_factory):
    """seedbed with DynamoDB beside another boto3 than ours, and every web framework."""
    made = Environment.make(tmp_path_factory.mktemp("crowded") / "venv")
    boto3 = [f"boto3=={OTHER_BOTO3}", f"botocore=={OTHER_BOTO3}"]
    made.install(f"{wheel}[dynamo]", "pytest", "fastapi", "flask", "aiohttp", *boto3, is_locked=False)
    return made
