"""The shell as a user runs it: in a process of its own; a terminal where one is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from factories import PostFactory, using
from factories.command.shell import namespace, open_shell
from seedbed.command import shell
from seedbed.command.shell import run_command
from seedbed.strategy.binding import find_binding
from services import entities
from services.audit import audit

ROOT = Path(__file__).resolve().parents[2]
SHELL = """
import sys
from factories.command.shell import open_shell
from services import connect

if "no-ipython" in sys.argv:
    sys.modules["IPython"] = None
with connect() as app:
    sys.exit(open_shell(app))
"""


@pytest.fixture
def environment(tmp_path):
    """An empty home."""
    kept = {name: value for name, value in os.environ.items() if name not in {"IPYTHONDIR", "PYTHONSTARTUP"}}
    return {**kept, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "TERM": "dumb"}


def test_the_namespace_has_what_a_session_needs(app):
    known = namespace(app)

    assert known["app"] is app
    assert known["PostFactory"] is PostFactory
    assert known["FeedEntry"] is entities.FeedEntry
    assert {"recycle", "Range", "using", "scenarios", "scenario", "timedelta"} < known.keys()


def test_audit_and_scenarios_need_no_app(app):
    known = namespace(app)

    talk = known["run_scenario"]("conversation")

    assert known["audit"]() == audit(app.session.store)
    assert known["audit"]().rows > len(talk.comments)


def test_a_command_creates_in_the_app(app):
    assert open_shell(app, command="user = UserFactory()\nPostFactory.create_batch(3, author=user)") == 0

    assert app.usage.rows["POST"] == 3


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("1 + 1", "2\n"),
        ("'a'", "'a'\n"),
        ("None", ""),
        ("x = 1", ""),
        ("x = 1; x", ""),
        ("print('a')", "a\n"),
        ("", ""),
        ("UserFactory.create_batch(2)[1].posts_count", "0\n"),
        ("def twice(x):\n    return 2 * x\nprint([twice(n) for n in range(3)])", "[0, 2, 4]\n"),
        ("__name__", "'__main__'\n"),
    ],
)
def test_the_value_of_a_single_expression_is_shown(app, capsys, command, shown):
    assert open_shell(app, command=command) == 0

    assert capsys.readouterr() == (shown, "")


def test_what_a_class_says_of_itself_moves_no_terminal(app, capsys):
    text = "<Person \x1b[2J\u202e>"
    command = f"type('Person', (), {{'__repr__': lambda person: {text!r}}})()"

    assert open_shell(app, command=command) == 0

    assert capsys.readouterr() == ("<Person \\u001b[2J\\u202e>\n", "")


def test_an_error_is_told_with_the_commands_own_lines(app, capsys):
    assert open_shell(app, command="wrong = 'x'\nUserFactory(handle=wrong)") == 1

    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[:3] == [
        "Traceback (most recent call last):",
        '  File "<command>", line 2, in <module>',
        "    UserFactory(handle=wrong)",
    ]
    assert lines[-1].startswith(
        "seedbed.strategy.errors.ValidationFailureError: ValidationError: the profile is not valid: handle"
    )
    assert not [line for line in lines if "/" in line and line.startswith("  File")]


def test_a_syntax_error_is_shown_where_it_is(app, capsys):
    assert open_shell(app, command="UserFactory(") == 1

    err = capsys.readouterr().err
    assert '  File "<command>", line 1\n    UserFactory(\n' in err
    assert err.endswith("SyntaxError: '(' was never closed\n")


@pytest.mark.parametrize(
    ("command", "status", "told"),
    [
        ("raise SystemExit", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("exit(0)", 0, ""),
        ("raise SystemExit('no users')", 1, "no users\n"),
    ],
)
def test_leaving_is_respected(app, capsys, command, status, told):
    assert open_shell(app, command=command) == status

    assert capsys.readouterr().err == told


def test_an_interrupt_is_the_callers(app):
    with pytest.raises(KeyboardInterrupt):
        open_shell(app, command="raise KeyboardInterrupt")


def test_the_binding_in_force_goes_on(app, capsys):
    """Else the shell would draw again what was seeded before it was opened."""
    with using(app, seed=5) as bound:
        assert open_shell(app, command="import seedbed.strategy.binding as b; print(id(b.find_binding()))", seed=6) == 0

    assert capsys.readouterr().out == f"{id(bound)}\n"


def test_two_shells_in_one_table_do_not_clash(app):
    with using(None):
        assert open_shell(app, command="UserFactory.create_batch(3)") == 0
        assert open_shell(app, command="UserFactory.create_batch(3)") == 0

    assert app.usage.rows["USER"] == 6


def test_a_given_seed_makes_the_same_again(app, capsys):
    app_now = app.clock.now()
    with using(None), app.clock.at(app_now):
        open_shell(app, command="UserFactory().handle", seed=5)
        open_shell(app, command="UserFactory().handle", seed=5)

    first, again = capsys.readouterr().out.splitlines()
    assert first == again
    assert app.usage.rows["USER"] == 1


def test_no_binding_is_left_behind(app):
    with using(None) as outer:
        open_shell(app, command="1")

        assert find_binding() is outer


def test_what_is_piped_in_runs(environment):
    result = subprocess.run(
        [sys.executable, "-c", SHELL],
        input="users = UserFactory.create_batch(2)\nprint(len(users), audit().findings)\n",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, "2 ()\n", "")


@pytest.mark.parametrize("kind", ["ipython", "no-ipython"])
def test_a_terminal_gets_a_prompt_and_the_names_at_hand(environment, tmp_path, kind):
    import pexpect  # comes with IPython, and to POSIX alone

    child = pexpect.spawn(
        sys.executable,
        ["-c", SHELL, kind],
        env=environment,
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 120),
    )
    try:
        child.expect(r"Seedbed on Table\('social', embedded\), seed '[0-9a-f]{8}'")
        child.expect("UserFactory, PostFactory, LikeFactory")
        child.expect(r"In .*1.*: " if kind == "ipython" else ">>> ")
        child.send("40_000 + len(UserFactory.create_batch(7))\r")
        child.expect("40007")
        errors = "__import__('services.errors').errors"
        for line in (
            r"type('Raw', (), {'__repr__': lambda _: 'on\x1b[5mly'})()",
            rf"raise {errors}.UnreadableRowError(('on\x1b[5mly', ''), '')",
        ):
            child.send(f"{line}\r")
            child.expect(r"on\\u001b\[5mly")  # as it is shown, not as it was typed
            assert "\x1b[5m" not in child.before + child.after
        child.send("exit()\r")
        child.expect(pexpect.EOF)
    finally:
        child.close()

    assert child.exitstatus == 0
    assert {path.name for path in tmp_path.iterdir()} == ({".ipython"} if kind == "ipython" else set())


def test_plain_python_completes_names(app, monkeypatch):
    import readline

    asked = []
    monkeypatch.setattr(shell.code, "interact", lambda **settings: asked.append(settings))
    completer = readline.get_completer()
    try:
        shell._plain(namespace(app), "banner")
        assert readline.get_completer()("UserFac", 0) == "UserFactory("
    finally:
        readline.set_completer(completer)

    assert asked[0]["local"]["app"] is app
    assert asked[0]["banner"].endswith("banner")


def test_a_command_keeps_its_names_for_the_caller():
    known = {}

    assert run_command("answer = 42", known) == 0

    assert known["answer"] == 42


def test_what_is_stored_is_looked_at(app, capsys):
    command = """
user = UserFactory(handle="ada")
post = PostFactory(author=user)
LikeFactory.create_batch(2, post=post)
print(first(User).handle in [one.handle for one in find(User)], first(FeedItem), len(find(Like, post_id=post.id)))
print(find(User, handle="ada") == [refresh(user)], refresh(user).posts_count, user.posts_count)
print(refresh(post).likes_count, post.likes_count)
print([one.id == post.id for one in find(Post, lambda one: one.likes_count > 1)])
"""
    assert open_shell(app, command=command) == 0
    assert capsys.readouterr().out == "True None 2\nTrue 1 0\n2 0\n[True]\n"


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("find(User, handel='ada')", "User has no field 'handel': did you mean handle"),
        ("first(Page)", "model must be one of User, Post, Like, Comment, Follow, FeedItem"),
        ("like = LikeFactory()\napp.likes.unlike_post(like.user_id, like.post_id)\nrefresh(like)", "GoneError"),
    ],
)
def test_what_cannot_be_looked_at_is_told(app, capsys, command, complaint):
    assert open_shell(app, command=command) == 1
    assert complaint in capsys.readouterr().err
