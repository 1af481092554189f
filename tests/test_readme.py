"""README.md and docs/: every Python block, every project and every `$` command runs as it is written.

Where a command of the checkout names an endpoint it runs against an embedded engine behind HTTP instead, one for all of
a document, in its order: a reader would have an engine there. Projects run beside the package alone.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import signal
import subprocess
import sys

import pytest
import typer

from factories.command import cli as social
from seedbed.command import general
from tests.documents import FILES, PROJECTS, ROOT, Command, blocks, commands, project, write_files
from tests.journeys.front import embedded_front
from tests.plugin.projects import packages

README = FILES[0]
PLACE = re.compile(r"--endpoint-url (http://localhost:8000|aws)\b")
SEED = ("seedbed", "--suite=factories.suite:suite")
PROGRAMS = {"seed": "seedbed", "pytest": "pytest"}
INSTALLATION = ("python -m venv", ". .venv/bin/activate", "pip install")  # tests/packaging types these too


def _environment(directory, path):
    return {"PATH": os.environ["PATH"], "HOME": str(directory), "PYTHONPATH": str(path)}


def _run(arguments, directory, path=ROOT):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=directory,
        env=_environment(directory, path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _params():
    for path in FILES:
        for number, block in enumerate(blocks(path), 1):
            yield pytest.param(block.code, id=f"{path.name}-{number}")


@pytest.mark.parametrize("code", list(_params()))
def test_a_python_block_runs(code, app, tmp_path):
    (tmp_path / "block.py").write_text(code, encoding="utf-8")
    scenarios = re.findall(r"^@scenario.*\nclass (\w+)", code, re.MULTILINE)
    if scenarios:  # in a process of its own, since a scenario stays registered
        result = _run([*SEED, "-s", f"block:{scenarios[0]}", "--json"], tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        return
    names = {}
    exec(compile(code, str(tmp_path / "block.py"), "exec"), names)  # noqa: S102 - our own
    for name in [name for name in names if name.startswith("test_")]:
        names[name](app)


@pytest.mark.parametrize("path", [path for path in FILES if commands(path)], ids=lambda path: path.name)
def test_the_commands_run(path, tmp_path):
    with embedded_front() as front:
        for command in commands(path):
            line = PLACE.sub(f"--endpoint-url {front.url}", command.line)
            arguments = [*SEED, *shlex.split(line)[1:]]
            if arguments[len(SEED)] in {"browse", "serve"}:
                _serve(arguments, tmp_path)
                continue
            result = _run(arguments, tmp_path)

            assert (command.line, result.returncode, result.stderr.count("seed: ")) == (command.line, 0, 0)
            assert result.stdout


def _serve(arguments, directory):
    """Serve until Ctrl-C, which is typed when it is there; at a port that is free."""
    line = [sys.executable, "-m", *arguments, "--port", "0"]
    line = [part for place, part in enumerate(line) if "--port" not in {part, line[place - 1]}] + ["--port", "0"]
    environment = _environment(directory, ROOT)
    with subprocess.Popen(line, cwd=directory, env=environment, stdout=subprocess.PIPE, text=True) as process:
        while not re.search(r"is (served|shown) at http", said := process.stdout.readline()):
            assert said, "it ended before it served"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.name)
def test_a_project_works_as_it_is_told(path, tmp_path):
    write_files(path, tmp_path)
    for step in project(path):
        if isinstance(step, Command) and not step.line.startswith(INSTALLATION):
            _check(step, tmp_path)


def test_the_steps_of_ci_run_in_the_tutorials_project(tmp_path):
    write_files(ROOT / "docs" / "tutorial.md", tmp_path)
    steps = re.findall(r"^ +- run: (.+)$", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"), re.MULTILINE)
    for line in steps[1:]:
        _check(Command(line, ""), tmp_path)

    assert [line.split()[0] for line in steps] == ["pip", "pytest", "seed", "seed"]


def _check(command: Command, directory):
    program, *arguments = shlex.split(command.line)
    result = _run([PROGRAMS[program], *arguments], directory, packages(directory))

    assert (command.line, result.returncode, result.stdout if result.returncode else "") == (command.line, 0, "")
    said = result.stderr * ("pytest" not in program) + result.stdout
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.OutputChecker().check_output(command.output or "...\n", said, options), said


def _shown():
    """Yield the commands that are told of and not typed: in the text, or indented, with what they do behind them."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"`seed ([^`\n…]+)`|^    seed (.+?)(?:   .*)?$", text, re.MULTILINE):
            yield path.name, shlex.split(found[1] or found[2])


def test_commands_that_are_told_of_have_the_options_that_they_are_told_with():
    groups = [typer.main.get_command(app) for app in (social.app, general.app)]
    wrong = []
    for place, words in _shown():
        commands = [group.commands[word] for group in groups for word in words if word in group.commands]
        options = [one for command in (*groups, *commands) for one in command.params]
        known = {"--suite", "--version", "--install-completion", "--help"}.union(*(one.opts for one in options))
        wrong += [(place, words, word) for word in words if word[:1] == "-" and word.partition("=")[0] not in known]

    assert wrong == []
    assert len(list(_shown())) > 70


def test_there_are_commands_and_blocks_to_run():
    assert len(commands(README)) >= 8
    assert len(blocks(README)) >= 2
    assert "tutorial.md" in {path.name for path in PROJECTS}


def test_links_lead_to_files():
    for path in FILES:
        links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))

        assert (path.name, [link for link in links if not (path.parent / link).is_file()]) == (path.name, [])


def test_the_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 140
