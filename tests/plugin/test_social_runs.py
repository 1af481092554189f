"""The plugin over the social suite: seeds, times, orders of tests and workers."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime

import pytest

from factories import CommentFactory, FollowFactory, PostFactory, UserFactory, current_app, reset_sequences
from factories.errors import NoAppError
from seedbed.strategy.binding import current_binding
from tests.plugin import projects
from tests.plugin.projects import AS_OF, ROOT

TESTS = """
from factories import PostFactory

def test_one(seedbed_app):
    print("made:", PostFactory())

def test_two(seedbed_app):
    PostFactory()
    print("made:", PostFactory())
"""

GLOBAL_STATES = """
import os, random
import factory.random, faker
from factories import PostFactory, UserFactory

SEED = int(os.environ["GLOBAL_SEED"])

def test_before():
    random.seed(SEED)
    factory.random.reseed_random(SEED)
    faker.Faker.seed(SEED)
    faker.generator.random.random()

def test_world(seedbed_app):
    random.seed(SEED)
    before = random.getstate(), factory.random.get_random_state(), faker.generator.random.getstate()
    PostFactory(viral=True)
    print("made:", UserFactory(), UserFactory.build(), PostFactory(likes=3, comments=2))
    assert before == (random.getstate(), factory.random.get_random_state(), faker.generator.random.getstate())
"""


BUILT = """
from factories import PostFactory, UserFactory, reset_sequences

def test_one():
    print("made:", UserFactory.build())

def test_two():
    user = UserFactory.build()
    print("made:", user, PostFactory.build(author=user))
    reset_sequences()
    assert UserFactory.build().handle == user.handle
"""


def run_pytest(folder, *arguments, tests=TESTS, **environment):
    return projects.run_pytest(folder, "-s", *arguments, files={"test_it.py": tests}, is_social=True, **environment)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A run with everything left at its default but the time."""
    return run_pytest(tmp_path_factory.mktemp("world"), SEEDBED_AS_OF=AS_OF)


def test_factories_create_in_the_fixtures_app(app):
    post = PostFactory()

    assert current_app() is app
    assert app.posts.get(post.id) == post


def test_every_test_starts_with_an_empty_table(app):
    assert [row for rows in app.session.store.scan() for row in rows] == []


def test_what_is_made_later_is_later(app):
    moments = [UserFactory().created_at for _ in range(3)]

    assert moments == sorted(set(moments))


def test_the_seed_is_the_runs(app, request):
    assert current_binding().seed == request.config.option.seedbed_seed


def test_no_app_is_bound_without_the_fixture():
    with pytest.raises(NoAppError):
        UserFactory()


def test_seed_and_time_make_the_same_world_again_one_test_alone_too(world, tmp_path):
    alone = run_pytest(tmp_path, "--seedbed-seed", "0", "--seedbed-as-of", AS_OF, "-k", "test_two")

    assert len(world.made) == 2
    assert set(alone.made) < set(world.made)


def test_the_order_of_the_tests_does_not_matter(world, tmp_path):
    turned = run_pytest(tmp_path, "--seedbed-as-of", AS_OF, "test_it.py::test_two", "test_it.py::test_one")

    assert turned.made == world.made


def test_global_random_state_neither_matters_nor_is_disturbed(tmp_path):
    runs = [
        run_pytest(tmp_path, *chosen, "--seedbed-as-of", AS_OF, tests=GLOBAL_STATES, GLOBAL_SEED=seed)
        for seed, chosen in (("1", []), ("2", []), ("3", ["-k", "test_world"]))
    ]

    assert [len(run.made) for run in runs] == [1, 1, 1]
    assert runs[0].made == runs[1].made == runs[2].made


def test_all_sequences_start_again_at_once(app):
    makers = (UserFactory, PostFactory, CommentFactory, FollowFactory)
    with app.at(datetime.fromisoformat(AS_OF)):
        first, second = ([maker.build() for maker in makers] for _ in range(2))
        reset_sequences()
        again = [maker.build() for maker in makers]

    assert again == first
    assert not any(one == other for one, other in zip(first, second, strict=True))


def test_workers_make_the_same_world(world, tmp_path):
    workers = run_pytest(tmp_path, "--seedbed-as-of", AS_OF, "-n", "2", "--capture=sys", "-rP")

    assert workers.made == world.made


def test_another_seed_makes_another_world(world, tmp_path):
    another = run_pytest(tmp_path, SEEDBED_SEED="1", SEEDBED_AS_OF=AS_OF)

    assert not set(another.made) & set(world.made)


def test_the_header_says_how_to_make_the_world_again(world):
    assert "seedbed: --seedbed-seed 0 --seedbed-as-of 2026-01-31T12:00:00+00:00" in world.text


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--seedbed-seed", "x", "invalid int value: 'x'"),
        ("--seedbed-as-of", "soon", "--seedbed-as-of: Invalid isoformat string: 'soon'"),
        ("--seedbed-as-of", "2026-01-31", "'2026-01-31' has no time zone; add Z for UTC"),
    ],
)
def test_a_wrong_option_is_a_usage_error(tmp_path, option, value, message):
    result = run_pytest(tmp_path, option, value)

    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert message in result.text


def test_the_plugin_alone_imports_nothing_of_the_suite():
    code = (
        "import sys, seedbed.pytest_plugin\n"
        "print([name for name in ('boto3', 'moto', 'factory', 'faker', 'seedbed.suite') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout == "[]\n"


def test_what_is_only_built_is_the_same_alone_and_in_any_order(tmp_path):
    options = ["--seedbed-as-of", AS_OF, "--seedbed-seed", "9"]
    whole = run_pytest(tmp_path, *options, tests=BUILT).made
    reverse = run_pytest(tmp_path, *options, "test_it.py::test_two", "test_it.py::test_one", tests=BUILT).made
    alone = run_pytest(tmp_path, *options, "test_it.py::test_two", tests=BUILT).made
    other = run_pytest(tmp_path, *options[:2], "--seedbed-seed", "10", tests=BUILT).made

    assert whole == reverse
    assert alone[0] in whole
    assert not set(other) & set(whole)
    assert "2026, 1, 31, 12, 0" in whole[0]
