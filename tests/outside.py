"""Environments of their own, in which the wheel is installed and of the checkout there is nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[1]
LOCKED = re.compile(r"^([A-Za-z0-9._-]+==[^\\]*[^ \\]) *\\?$", re.MULTILINE)


def run(command, directory, **variables):
    """Run a command as a user would: without this run's variables, and with a home of its own."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "LANG": "C.UTF-8", **variables}
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "NPM_", "npm_", "SSL"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=directory,
        env=pip | environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def done(result):
    """Return a command's output, where it went well."""
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def build_wheel(directory):
    """Build the wheel as pip does, by the checkout's own build backend."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", directory, ROOT]
    done(run(command, directory))
    return next(directory.glob("*.whl"))


def names_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@attrs.frozen
class Environment:
    """A Python of its own in a folder."""

    folder: Path

    @classmethod
    def make(cls, folder):
        folder.mkdir(parents=True)
        done(run([sys.executable, "-m", "venv", folder], folder))
        return cls(folder)

    @property
    def python(self):
        return self.folder / "bin" / "python"

    def install(self, *what, is_locked=True):
        """Install, by the versions of the lock where nothing else is asked for."""
        constraints = self.folder / "constraints.txt"
        locked = LOCKED.findall((ROOT / "requirements.lock").read_text(encoding="utf-8"))
        constraints.write_text("\n".join(locked if is_locked else []), encoding="utf-8")
        pip = [self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--constraint", constraints]
        done(run([*pip, *what], self.folder))

    def run(self, *command, directory, **variables):
        """Run one of the environment's own commands."""
        return run([self.folder / "bin" / command[0], *command[1:]], directory, **variables)


def write(directory, files):
    """Lay out a project."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def node_tools(directory):
    """Install the checker that is written for Node.js, by its own lock."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / ".ci" / "pyright" / name, directory)
    done(run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], directory))
    return directory / "node_modules" / ".bin"
