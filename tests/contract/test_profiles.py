"""Profiles: signing up, finding, changing, and the unique values that move along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from services import errors
from services.app import App
from services.entities import User
from tests.contract.world import World, drift

NOBODY = "01890000-0000-7000-8000-000000000000"


def claims(world: World) -> dict[tuple[str, str], str]:
    rows = world.rows()
    return {key: row["user_id"]["S"] for key, row in rows.items() if row["entity_type"]["S"] == "CLAIM"}


def test_a_new_profile_is_stored_as_it_was_returned(world):
    made = world.app.profiles.create_profile(
        email="Ann@Example.org",
        username="Ann_1",
        handle="ANN",
        full_name="Ann Ö",
        bio="",
        profile_picture_url="https://example.org/ann.png",
        email_verified=True,
    )
    assert world.app.profiles.get(made.id) == made
    assert (made.posts_count, made.followers_count, made.following_count) == (0, 0, 0)
    assert made.created_at == made.updated_at


def test_a_profile_is_four_rows_in_one_transaction(world, watched):
    user = world.user()
    assert [len(actions) for actions in watched.sent] == [4]
    assert set(world.rows()) == {
        (f"USER#{user.id}", "PROFILE"),
        ("EMAIL#ann@example.org", "CLAIM"),
        ("USERNAME#ann_name", "CLAIM"),
        ("HANDLE#ann", "CLAIM"),
    }


@pytest.mark.parametrize(
    ("fields", "error", "value"),
    [
        ({"email": "ANN@example.ORG"}, errors.EmailTakenError, "ANN@example.ORG"),
        ({"username": "Ann_NAME"}, errors.UsernameTakenError, "Ann_NAME"),
        ({"handle": "aNN"}, errors.HandleTakenError, "aNN"),
    ],
    ids=["email", "username", "handle"],
)
def test_a_unique_value_is_taken_without_regard_to_case(world, fields, error, value):
    ann = world.user()
    before = world.rows()
    free = {"email": "b@example.org", "username": "bob_name", "handle": "bob", "full_name": "Bob"}
    with pytest.raises(error) as refusal:
        world.app.profiles.create_profile(**free | fields)
    assert (refusal.value.value, refusal.value.owner_id) == (value, ann.id)
    assert str(refusal.value) == f"the {refusal.value.kind} {value!r} is taken"
    assert world.rows() == before


def test_of_several_taken_values_the_email_is_named(world):
    world.user()
    with pytest.raises(errors.EmailTakenError):
        world.user()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no-at.example.org"),
        ("email", "a@b"),
        ("email", "ann@example.org\n"),
        ("email", f"{'a' * 244}@example.org"),
        ("email", None),
        ("username", "ab"),
        ("username", "a" * 31),
        ("username", "ann-1"),
        ("username", "änn"),
        ("handle", "ann\n"),
        ("handle", ""),
        ("handle", 123),
        ("full_name", ""),
        ("full_name", "x" * 101),
        ("full_name", "\ud800"),
        ("bio", "x" * 501),
        ("bio", 5),
        ("profile_picture_url", "ftp://example.org/a.png"),
        ("profile_picture_url", "//example.org/a.png"),
        ("profile_picture_url", "/\\example.org/a.png"),
        ("profile_picture_url", "javascript:alert(1)"),
        ("profile_picture_url", "data:text/html,<script>"),
        ("profile_picture_url", f"https://{'x' * 2041}"),
        ("profile_picture_url", "https://\ud800"),
        ("email_verified", 1),
    ],
)
def test_a_wrong_field_is_named_with_its_value_and_nothing_is_written(world, watched, field, value):
    right = {"email": "a@example.org", "username": "ann_1", "handle": "ann", "full_name": "Ann"}
    with pytest.raises(errors.ValidationError) as refusal:
        world.app.profiles.create_profile(**right | {field: value})
    assert [(wrong.field, wrong.value) for wrong in refusal.value.fields] == [(field, value)]
    assert watched.sent == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", f"{'a' * 243}@example.org"),
        ("username", "a" * 30),
        ("handle", "a_Z"),
        ("full_name", "x" * 100),
        ("full_name", "🙂"),
        ("bio", "x" * 500),
        ("profile_picture_url", f"https://{'x' * 2040}"),
        ("profile_picture_url", "/a"),
        ("profile_picture_url", "data:image/svg+xml;base64,PHN2Zy8+"),
    ],
    ids=["email", "username", "handle", "full-name", "emoji", "bio", "picture", "path", "data"],
)
def test_the_longest_and_shortest_allowed_values_are_stored(world, field, value):
    right = {"email": "a@example.org", "username": "ann_1", "handle": "ann", "full_name": "Ann"}
    made = world.app.profiles.create_profile(**right | {field: value})
    assert getattr(world.app.profiles.get(made.id), field) == value


def test_all_wrong_fields_are_reported_at_once(app):
    with pytest.raises(errors.ValidationError) as refusal:
        app.profiles.create_profile(email="x", username="y", handle="z", full_name="")
    assert [wrong.field for wrong in refusal.value.fields] == ["email", "username", "handle", "full_name"]
    assert str(refusal.value).startswith("the profile is not valid: email: must be an e-mail address")


def test_an_unknown_user_is_an_error_with_the_id(app):
    with pytest.raises(errors.UserNotFoundError, match=f"no user has the id '{NOBODY}'") as refusal:
        app.profiles.get(NOBODY)
    assert refusal.value.user_id == NOBODY


def test_a_user_is_found_by_handle_email_and_username_in_any_case(world):
    ann, profiles = world.user(), world.app.profiles
    assert profiles.find_by_handle("ANN") == ann
    assert profiles.find_by_email("Ann@EXAMPLE.org") == ann
    assert profiles.find_by_username("ANN_name") == ann


@contextmanager
def between_the_reads(app: App, change: Callable[[], object]) -> Iterator[None]:
    """Let something change once, after the next row was read."""
    events, left = app.session.store.engine.client.meta.events, [change]
    name = "after-call.dynamodb.GetItem"

    def after(**_event: object) -> None:
        if left:
            left.pop()()

    events.register_last(name, after, unique_id="between")
    try:
        yield
    finally:
        events.unregister(name, unique_id="between")
    assert left == []


FINDS = {
    "handle": lambda profiles: profiles.find_by_handle("ann"),
    "email": lambda profiles: profiles.find_by_email("ann@example.org"),
    "username": lambda profiles: profiles.find_by_username("ann_name"),
}
GIVEN_UP = {"handle": "zoe", "email": "zoe@example.org", "username": "zoe_name"}


@pytest.mark.parametrize("field", FINDS)
def test_a_user_who_gave_a_value_up_between_the_two_reads_is_not_found_by_it(world, field):
    ann, profiles = world.user("ann"), world.app.profiles
    with between_the_reads(world.app, lambda: profiles.update_profile(ann.id, **{field: GIVEN_UP[field]})):
        assert FINDS[field](profiles) is None


@pytest.mark.parametrize("field", FINDS)
def test_who_took_a_value_over_between_the_two_reads_is_found_by_it(world, field):
    ann, bob, profiles = world.user("ann"), world.user("bob"), world.app.profiles
    value = getattr(ann, field)

    def take_over() -> None:
        profiles.update_profile(ann.id, **{field: GIVEN_UP[field]})
        profiles.update_profile(bob.id, **{field: value.upper()})

    with between_the_reads(world.app, take_over):
        assert FINDS[field](profiles).id == bob.id


@pytest.mark.parametrize("field", FINDS)
def test_who_left_between_the_two_reads_is_not_found(world, field):
    ann, profiles = world.user("ann"), world.app.profiles
    with between_the_reads(world.app, lambda: profiles.delete_profile(ann.id)):
        assert FINDS[field](profiles) is None


def test_who_is_not_there_is_found_as_none(app):
    assert app.profiles.find_by_handle("ann") is None
    assert app.profiles.find_by_email("ann@example.org") is None
    assert app.profiles.find_by_username("ann_name") is None


def test_many_users_come_by_id_in_the_order_asked_for_without_the_missing(world):
    users = world.users(101)
    wanted = [user.id for user in reversed(users)]
    found = world.app.profiles.get_many([*wanted, NOBODY, wanted[0]])
    assert list(found) == wanted
    assert list(found.values()) == users[::-1]


def test_a_handle_is_available_until_somebody_has_it(world):
    profiles = world.app.profiles
    assert profiles.is_handle_available("ann")
    world.user()
    assert not profiles.is_handle_available("ANN")


@pytest.mark.parametrize("handle", ["a", "a b", "a" * 31])
def test_a_handle_that_breaks_the_rules_is_not_available(app, handle):
    assert app.profiles.is_handle_available(handle) is False


class TestUpdate:
    def test_plain_fields_are_replaced_and_the_rest_stays(self, world):
        ann = world.user()
        changed = world.app.profiles.update_profile(ann.id, full_name="Anna", bio="hi", email_verified=True)
        assert world.app.profiles.get(ann.id) == changed
        assert (changed.full_name, changed.bio, changed.email_verified) == ("Anna", "hi", True)
        assert (changed.handle, changed.created_at) == (ann.handle, ann.created_at)
        assert changed.updated_at > ann.updated_at

    def test_none_takes_a_bio_away(self, world):
        ann = world.user()
        world.app.profiles.update_profile(ann.id, bio="hi")
        changed = world.app.profiles.update_profile(ann.id, bio=None)
        assert world.app.profiles.get(ann.id) == changed
        assert changed.bio is None
        assert "bio" not in world.rows()[f"USER#{ann.id}", "PROFILE"]

    def test_counts_survive(self, world):
        ann = world.user()
        world.post(ann)
        assert world.app.profiles.update_profile(ann.id, bio="hi").posts_count == 1
        assert drift(world.rows()) == []

    @pytest.mark.parametrize(
        ("field", "value", "key"),
        [
            ("handle", "Zoe", "HANDLE#zoe"),
            ("email", "Zoe@example.org", "EMAIL#zoe@example.org"),
            ("username", "Zoe_9", "USERNAME#zoe_9"),
        ],
        ids=["handle", "email", "username"],
    )
    def test_a_changed_unique_value_moves_its_claim_in_the_same_transaction(self, world, watched, field, value, key):
        ann = world.user()
        before = claims(world)
        changed = world.app.profiles.update_profile(ann.id, **{field: value})
        assert len(watched.sent) == 2
        after = claims(world)
        assert after[key, "CLAIM"] == ann.id
        assert len(after.keys() & before.keys()) == 2
        assert len(after) == 3
        assert world.app.profiles.get(ann.id) == changed
        assert getattr(changed, field) == value

    def test_the_value_given_up_is_free_for_others(self, world):
        ann = world.user()
        world.app.profiles.update_profile(ann.id, handle="zoe", email="z@example.org", username="zoe_9")
        assert world.user("ann").handle == "ann"

    def test_a_change_of_case_alone_keeps_the_claim(self, world):
        ann = world.user()
        before = claims(world)
        changed = world.app.profiles.update_profile(ann.id, handle="ANN", email="ANN@example.org")
        assert claims(world) == before
        assert world.app.profiles.find_by_handle("ann") == changed
        assert (changed.handle, changed.email) == ("ANN", "ANN@example.org")

    def test_a_handle_comes_back_after_it_was_given_up(self, world):
        ann = world.user()
        before = set(world.rows())
        world.app.profiles.update_profile(ann.id, handle="zoe")
        world.app.profiles.update_profile(ann.id, handle="ann")
        assert set(world.rows()) == before
        assert world.app.profiles.find_by_handle("ann").id == ann.id

    def test_two_users_swap_handles_through_a_third(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        profiles = world.app.profiles
        profiles.update_profile(ann.id, handle="tmp")
        profiles.update_profile(bob.id, handle="ann")
        profiles.update_profile(ann.id, handle="bob")
        assert (profiles.find_by_handle("ann").id, profiles.find_by_handle("bob").id) == (bob.id, ann.id)
        assert profiles.is_handle_available("tmp")

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"handle": "BOB"}, errors.HandleTakenError),
            ({"email": "BOB@example.org"}, errors.EmailTakenError),
            ({"username": "Bob_name"}, errors.UsernameTakenError),
        ],
        ids=["handle", "email", "username"],
    )
    def test_a_value_of_somebody_else_is_refused_and_nothing_changes(self, world, fields, error):
        ann, bob = world.user("ann"), world.user("bob")
        before = world.rows()
        with pytest.raises(error) as refusal:
            world.app.profiles.update_profile(ann.id, bio="hi", **fields)
        assert refusal.value.owner_id == bob.id
        assert world.rows() == before

    def test_wrong_fields_are_all_named(self, world):
        ann = world.user()
        with pytest.raises(errors.ValidationError) as refusal:
            world.app.profiles.update_profile(ann.id, handle="a", bio="x" * 501)
        assert [wrong.field for wrong in refusal.value.fields] == ["handle", "bio"]

    def test_a_field_that_there_is_not_is_a_type_error(self, world):
        ann = world.user()
        with pytest.raises(TypeError, match="unknown fields: posts_count"):
            world.app.profiles.update_profile(ann.id, posts_count=5)

    def test_nobody_cannot_be_changed(self, app):
        with pytest.raises(errors.UserNotFoundError):
            app.profiles.update_profile(NOBODY, bio="hi")


class TestRaces:
    """Two apps on one table: what one changes between the other's read and write."""

    @pytest.fixture
    def between(self, app: App, open_app: Callable[..., App]) -> Callable[[Callable[[App], object]], None]:
        """Let another app on the same table act once, right before the next transaction of the first."""
        other = open_app(table=app.session.store.name)

        def arrange(act: Callable[[App], object]) -> None:
            store = app.session.store
            transact = store.transact

            def meanwhile(actions: object) -> None:
                store.transact = transact
                act(other)
                transact(actions)

            store.transact = meanwhile

        return arrange

    @pytest.mark.parametrize(
        ("mine", "theirs"),
        [
            ({"handle": "zoe"}, {"handle": "tom"}),
            ({"handle": "zoe", "bio": "mine"}, {"handle": "zoe"}),
            ({"handle": "ANN"}, {"handle": "tom"}),
            ({"handle": "tom"}, {"handle": "ANN"}),
        ],
        ids=["two-new", "the-same-new", "case-against-new", "new-against-case"],
    )
    def test_a_handle_changed_meanwhile_asks_to_call_again(self, world, between, mine, theirs):
        ann = world.user()
        between(lambda app: app.profiles.update_profile(ann.id, **theirs))
        with pytest.raises(errors.ChangedMeanwhileError, match="the profile was changed by somebody else"):
            world.app.profiles.update_profile(ann.id, **mine)
        again = world.app.profiles.update_profile(ann.id, **mine)
        assert world.app.profiles.get(ann.id) == again
        assert set(claims(world)) == {
            ("EMAIL#ann@example.org", "CLAIM"),
            ("USERNAME#ann_name", "CLAIM"),
            (f"HANDLE#{mine['handle'].lower()}", "CLAIM"),
        }

    def test_a_like_meanwhile_is_not_lost_by_a_profile_update(self, world, between):
        ann: User = world.user()
        between(lambda app: app.posts.create_post(author_id=ann.id))
        world.app.profiles.update_profile(ann.id, bio="hi")
        assert world.app.profiles.get(ann.id).posts_count == 1
