"""The embedded engine and the environment: whatever AWS's variables say, it neither obeys, fails, sends nor writes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import boto3
import botocore
import moto
import pytest
from botocore.session import Session

ROOT = Path(__file__).resolve().parents[3]
_READ = re.compile(r"""(?:environ(?:\.get)?|getenv)\s*[(\[]\s*["']([A-Za-z_]+)["']""")
_NAME = re.compile(r"""["']((?:AWS|BOTO\w*|MOTO)_[A-Z0-9_]+)["']""")
_NOT_OURS = {"PATH", "HOME", "PYTHONPATH"}
_PROXIES = [name for each in ("http", "https", "all", "no") for name in (f"{each}_proxy", f"{each}_proxy".upper())]
_EXTRA = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_BEARER_TOKEN_DYNAMODB", "SSL_CERT_FILE", *_PROXIES]


def _variables() -> list[str]:
    """Every name that botocore, boto3 and moto's centre look up, found in their sources and settings."""
    settings = [names for _, names, *_ in Session.SESSION_VARIABLES.values()]
    found = {name for names in settings if names for name in (names if isinstance(names, list) else [names])}
    packages = [Path(package.__file__).parent for package in (botocore, boto3)]
    centre = Path(moto.__file__).parent
    sources = [source for package in packages for source in package.glob("*.py")]
    sources += [centre / "settings.py", *(centre / "core").glob("*.py"), *(centre / "dynamodb").rglob("*.py")]
    for source in sources:
        text = source.read_text("utf-8")
        found |= {*_READ.findall(text), *_NAME.findall(text)}
    return sorted((found | {*_EXTRA}) - _NOT_OURS)


USING = """
import os, sys
before = dict(os.environ)
def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}:
        sys.stderr.write(f"a socket was used: {event} {arguments}")
        os._exit(9)
sys.addaudithook(watch)
from datetime import UTC, datetime
from factories import PostFactory, using
from services import connect
from services.audit import audit
for validate in (False, True):
    with connect(validate=validate, seed=1, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as app, using(app, seed=1):
        PostFactory(likes=3, comments=2)
        found = audit(app.session.store)
        assert found.is_clean and found.rows, found
        print(found.digest, app.session.store.engine.client.meta.region_name)
assert dict(os.environ) == before, "the environment was changed"
"""


def _run(directory: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    plain = {"PATH": os.environ["PATH"], "HOME": str(directory), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", USING],
        cwd=directory,
        env=plain | variables,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_names_are_those_that_botocore_and_moto_read():
    known = set(_variables())

    assert {"AWS_DEFAULTS_MODE", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_MAX_ATTEMPTS", "SSLKEYLOGFILE"} < known
    assert {"REQUESTS_CA_BUNDLE", "INITIAL_NO_AUTH_ACTION_COUNT"} < known
    assert ("BOTOCORE_EXPERIMENTAL__PLUGINS" in known) == (find_spec("botocore.plugin") is not None)
    assert len(known) > 80


@pytest.mark.parametrize("value", ["nonsense", "auto", "true", "0", "no/such/place", "", " ", "http://10.255.255.1:1"])
def test_every_variable_set_to_nonsense_changes_nothing(tmp_path, value):
    odd = _run(tmp_path, dict.fromkeys(_variables(), value))

    assert (odd.returncode, odd.stderr) == (0, "")
    assert len({*odd.stdout.splitlines()}) == 1
    assert odd.stdout.split()[1] == "us-east-1"
    assert list(tmp_path.iterdir()) == []


def test_files_in_the_home_directory_change_nothing(tmp_path):
    folder = tmp_path / ".aws"
    models = folder / "models" / "dynamodb" / "2099-01-01"
    models.mkdir(parents=True)
    (folder / "config").write_text("[default]\ndefaults_mode = auto\nregion = mars\nplugins = x\n[broken")
    (folder / "credentials").write_text("[default\n")
    (models / "service-2.json").write_text("nonsense")

    odd = _run(tmp_path, {})

    assert (odd.returncode, odd.stderr) == (0, "")
