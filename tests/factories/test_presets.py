"""Presets: the three that are built in, and a file of the user's, checked field by field."""

from __future__ import annotations

import attrs
import pytest

from factories.presets import PRESETS, InvalidPresetError, Preset, UnknownPresetError, find_preset
from seedbed.strategy.ranges import Range


@pytest.fixture
def write(tmp_path):
    def written(text, name="mine.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


@pytest.mark.parametrize(
    ("name", "users", "verified", "influencers", "ranges", "follows"),
    [
        ("minimal", 10, 0.5, 1, ((1, 3), (0, 5), (0, 2)), 3),
        ("realistic", 50, 0.2, 5, ((3, 10), (0, 20), (0, 5)), 10),
        ("stress", 1_000, 0.1, 50, ((5, 20), (10, 100), (5, 30)), 50),
    ],
)
def test_the_built_in_presets_are_those_of_the_table(name, users, verified, influencers, ranges, follows):
    preset = find_preset(name)

    posts, likes, comments = (Range(*bounds) for bounds in ranges)
    assert preset == Preset(
        name=name,
        users=users,
        verified=verified,
        influencers=influencers,
        influencer_followers=preset.influencer_followers,
        posts_per_user=posts,
        likes_per_post=likes,
        comments_per_post=comments,
        follows_per_user=follows,
    )


def test_an_influencer_of_realistic_and_stress_has_more_than_a_thousand_followers():
    assert [PRESETS[name].influencer_followers.min > 1_000 for name in ("realistic", "stress")] == [True, True]


def test_a_file_says_every_field(write):
    path = write("""
        users = 20
        verified = 0.25
        influencers = 2
        influencer_followers = [50, 80]
        posts_per_user = [1, 3]
        likes_per_post = [0, 5]
        comments_per_post = 2
        follows_per_user = 4
    """)

    assert find_preset(path) == Preset(
        name="mine",
        users=20,
        verified=0.25,
        influencers=2,
        influencer_followers=Range(50, 80),
        posts_per_user=Range(1, 3),
        likes_per_post=Range(0, 5),
        comments_per_post=Range(2, 2),
        follows_per_user=4,
    )


def test_what_a_file_leaves_out_is_as_in_minimal(write):
    assert find_preset(write("verified = 1")) == attrs.evolve(PRESETS["minimal"], name="mine", verified=1.0)


def test_what_a_file_leaves_out_is_cut_down_to_few_users(write):
    assert find_preset(write("users = 1")) == attrs.evolve(
        PRESETS["minimal"], name="mine", users=1, influencers=1, follows_per_user=0
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("users = 0", "users: must be a whole number from 1 to 1,000,000, not 0"),
        ("users = '5'", "users: must be a whole number from 1 to 1,000,000, not '5'"),
        ("users = 1000001", "users: must be a whole number from 1 to 1,000,000, not 1000001"),
        ("influencers = -1", "influencers: must be a whole number from 0 to 1,000,000, not -1"),
        ("follows_per_user = 1.0", "follows_per_user: must be a whole number from 0 to 1,000,000, not 1.0"),
        ("verified = -0.1", "verified: must be a share from 0 to 1, not -0.1"),
        ("verified = nan", "verified: must be a share from 0 to 1, not nan"),
        ("verified = true", "verified: must be a share from 0 to 1, not True"),
        (
            "likes_per_post = [1]",
            "likes_per_post: must be [least, most], whole numbers from 0 to 1,000,000, not [1]",
        ),
        (
            "likes_per_post = [true, 5]",
            "likes_per_post: must be [least, most], whole numbers from 0 to 1,000,000, not [True, 5]",
        ),
        (
            "posts_per_user = [0, 2000000]",
            "posts_per_user: must be [least, most], whole numbers from 0 to 1,000,000, not [0, 2000000]",
        ),
        (
            "comments_per_post = [3, 1]",
            "comments_per_post: must be [least, most], and [3, 1] is the wrong way round",
        ),
        ("user = 1", "user: there is no such field, did you mean users?"),
        ("name = 'x'", "name: there is no such field, known are comments_per_post,"),
        ("influencers = 11", "influencers: 11 of 10 users cannot be influencers"),
        ("follows_per_user = 10", "follows_per_user: nobody can follow 10 others of 10 users"),
        ("likes_per_post = [11, 20]", "likes_per_post: a post cannot have 11 likes of 10 users"),
        (
            "influencer_followers = [3, 5]\nfollows_per_user = 9",
            "influencer_followers: must be 9 or more where 10 users follow 9 others each",
        ),
    ],
    ids=lambda value: value.partition("\n")[0] if "=" in value else "",
)
def test_each_wrong_field_is_refused_with_its_value(write, text, wrong):
    with pytest.raises(InvalidPresetError) as caught:
        find_preset(write(text))

    assert len(caught.value.wrong) == 1
    assert caught.value.wrong[0].startswith(wrong)


def test_all_wrong_fields_are_named_in_the_order_of_the_file(write):
    path = write("verified = 7\nfollows_per_user = 99\nwhat = 1\ninfluencers = 12\n")

    with pytest.raises(InvalidPresetError) as caught:
        find_preset(path)

    assert [one.partition(":")[0] for one in caught.value.wrong] == [
        "verified",
        "follows_per_user",
        "what",
        "influencers",
    ]
    assert str(caught.value).startswith(f"{path} is no preset: verified: must be")


def test_other_fields_are_not_compared_with_users_that_are_wrong(write):
    with pytest.raises(InvalidPresetError) as caught:
        find_preset(write("users = -5\ninfluencers = 100"))

    assert caught.value.wrong == ("users: must be a whole number from 1 to 1,000,000, not -5",)


@pytest.mark.parametrize("text", ["users", "a = " + "[" * 5_000, "users = " + "9" * 5_000])
def test_a_file_that_is_no_toml_is_refused(write, text):
    with pytest.raises(InvalidPresetError) as caught:
        find_preset(write(text))

    assert caught.value.wrong[0].startswith("it is not TOML: ")


@pytest.mark.parametrize(("name", "meant"), [("minmal", "minimal"), ("Realistic", "realistic"), ("stres", "stress")])
def test_a_near_name_is_suggested(name, meant):
    with pytest.raises(UnknownPresetError) as caught:
        find_preset(name)

    assert str(caught.value) == (
        f"no preset is called {name!r}: did you mean {meant}? (your own: a file that ends in .toml)"
    )


def test_an_edited_file_is_drawn_anew_and_a_built_in_preset_by_its_name(write):
    one, other = find_preset(write("users = 10")), find_preset(write("users = 11"))

    assert one.identity != other.identity
    assert PRESETS["stress"].identity == "stress"


def test_a_file_is_known_by_what_it_says_not_by_its_name(tmp_path):
    one, other, like_minimal = (tmp_path / name for name in ("one.toml", "other.toml", "mine.toml"))
    one.write_text("users = 11")
    other.write_text("users = 11")
    like_minimal.write_text("users = 10")

    assert find_preset(str(one)).identity == find_preset(str(other)).identity
    assert find_preset(str(like_minimal)).identity == "minimal"


def test_the_rows_of_a_world_are_estimated():
    assert [round(PRESETS[name].rows, -2) for name in PRESETS] == [
        400,
        21_800,
        1_899_000,
    ]  # made: 0.4 and 21 thousand, and 1.8 million
