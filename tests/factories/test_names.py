"""What a user is called: whatever the caller gives, the rest follows from it, is unique, and keeps to the rules."""

from __future__ import annotations

import factory
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import Trait, UserFactory, using
from factories.texts.words import USERNAME_WORDS
from services.validation import FULL_NAME_MAX


def names_of(user):
    return user.username, user.handle, user.email.partition("@")[0]


def test_names_follow_the_full_name(app):
    for name in names_of(UserFactory(full_name="Grace Brewster Hopper")):
        assert name.startswith("grace_hopper_")


@pytest.mark.parametrize(
    ("full_name", "stem"),
    [
        ("Cher", "cher_"),
        ("Conan O'Brien", "conan_obrien_"),
        ("Íñigo Müller-Weiß", "inigo_muellerweiss_"),
        ("Bartholomäus Wolfeschlegelsteinhausenbergerdorff", "bartholomaeus_wolfesch_"),
        ("José 田中", "jose_tianzhong_"),
        ("Ольга Петрова", "olga_petrova_"),
        ("Ελένη Παπαδοπούλου", "eleni_papadopoyloy_"),
        ("김 철수", "gim_cheolsu_"),
    ],
)
def test_a_name_is_written_in_the_letters_of_a_handle(app, full_name, stem):
    for name in names_of(UserFactory(full_name=full_name)):
        assert name.startswith(stem)


@pytest.mark.parametrize("full_name", ["🙂", "   ", "!?", "\u202e"])
def test_a_name_in_letters_that_no_handle_has_lends_nobody_elses(app, full_name):
    for name in names_of(UserFactory(full_name=full_name)):
        assert name.rpartition("_")[0] in USERNAME_WORDS


def test_japanese_names_that_the_book_knows_are_romanised(app):
    with using(app, locale="ja_JP"):
        assert UserFactory(full_name="田中 陽子").handle.startswith("tanaka_yoko_")


class BossFactory(UserFactory):
    class Params:
        boss = Trait(full_name="Grace Hopper")
        named = Trait(handle="the_boss")


class GraceFactory(UserFactory):
    full_name = "Grace Hopper"


class LoudFactory(UserFactory):
    handle = factory.LazyAttribute(lambda user: user.username.upper())


class MailFactory(UserFactory):
    username = factory.LazyAttribute(lambda user: user.email.partition("@")[0][:30])


@pytest.mark.parametrize(
    "make",
    [
        GraceFactory,
        lambda: BossFactory(boss=True),
        lambda: UserFactory(full_name=factory.LazyFunction(lambda: "Grace Hopper")),
        lambda: UserFactory(full_name=factory.Sequence(lambda n: f"Grace {n} Hopper")),
        lambda: UserFactory.build(full_name="Grace Hopper"),
        lambda: UserFactory.stub(full_name="Grace Hopper"),
    ],
    ids=["subclass", "trait", "lazy", "sequence", "build", "stub"],
)
def test_names_follow_a_full_name_that_is_given_in_any_form(app, make):
    assert all(name.startswith("grace_hopper_") for name in names_of(make()))


def test_handle_and_address_follow_the_username(app):
    user = UserFactory(username="Amazing_Grace")
    assert (user.handle, user.email.startswith("amazing_grace_")) == ("Amazing_Grace", True)


@pytest.mark.parametrize(
    "make", [lambda: UserFactory(handle="the_boss"), lambda: BossFactory(named=True)], ids=["call", "trait"]
)
def test_username_and_address_follow_the_handle(app, make):
    user = make()
    assert user.handle == "the_boss"
    assert all(name.startswith("the_boss_") for name in (user.username, user.email))


def test_username_and_handle_follow_the_address_where_no_name_is_given(app):
    assert UserFactory(email="grace.hopper@navy.example").handle.startswith("grace_hopper_")
    assert UserFactory(email="ada@example.org", full_name="Grace Hopper").handle.startswith("grace_hopper_")


def test_what_follows_from_what_we_make_is_made_first(app):
    loud, mail = LoudFactory(), MailFactory()
    assert loud.handle == loud.username.upper()
    assert mail.username == mail.email.partition("@")[0][:30]


full_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=FULL_NAME_MAX)
alphabets = [
    "abcdefghij' -.",
    "田中太郎鈴木一郎 ",
    "محمدعلي\u200f ",
    "🙂👩🏽‍💻❤️ ",
    "ÄÖÜßøłæœİ\ufdfa ",
]
in_one_script = st.sampled_from(alphabets).flatmap(lambda letters: st.text(letters, min_size=1, max_size=FULL_NAME_MAX))


@given(full_names | in_one_script, st.sampled_from(["en_US", "de_DE", "ja_JP"]))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_people_of_any_name_that_the_service_takes_can_be_made(app, full_name, locale):
    with using(app, locale=locale):
        first, second = UserFactory.create_batch(2, full_name=full_name)
    assert first.full_name == second.full_name == full_name
    assert app.profiles.find_by_handle(first.handle).id == first.id


@given(st.from_regex(r"[A-Za-z0-9_]{3,30}", fullmatch=True), st.sampled_from(["username", "handle"]))
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_for_an_account_that_the_service_takes_is_enough(app, name, field):
    if app.profiles.is_handle_available(name):
        assert app.profiles.find_by_username(UserFactory(**{field: name}).username).handle == name


def test_an_address_is_nobody_elses_also_after_a_rename(app):
    ada = UserFactory(username="ada")
    app.profiles.update_profile(ada.id, username="countess", handle="countess")
    assert UserFactory(username="ada").email != ada.email
