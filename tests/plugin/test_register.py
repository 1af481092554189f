"""pytest-factoryboy's `register` on ServiceFactories: of the social app, and of somebody's own services."""

from __future__ import annotations

import pytest

from tests.plugin.projects import run_pytest

SOCIAL = {
    "conftest.py": """
import pytest
from factories import CommentFactory, FeedItemFactory, FollowFactory, LikeFactory, PostFactory, UserFactory
from pytest_factoryboy import LazyFixture, register

@pytest.fixture(autouse=True)
def app(seedbed_app):
    return seedbed_app

for each in (UserFactory, PostFactory, LikeFactory, CommentFactory, FollowFactory, FeedItemFactory):
    register(each)
register(UserFactory, "second_user", handle="second")
register(UserFactory, "star", followers=2)
register(PostFactory, "other_post", author=LazyFixture("second_user"))
register(PostFactory, _name="loved_post", likes=3)
register(LikeFactory, "late_like", user_id=LazyFixture(lambda second_user: second_user.id))
""",
    "test_social.py": """
from datetime import UTC, datetime
import factory, pytest
from factories import PostFactory, Range, UserFactory
from pytest_factoryboy import LazyFixture, register

given = pytest.mark.parametrize
YEAR = {year: datetime(year, 1, 1, tzinfo=UTC) for year in (2019, 2020)}

def test_model(user, app):
    assert app.profiles.get(user.id) == user

def test_factory(user_factory):
    assert user_factory is UserFactory
    assert user_factory(followers=2).followers_count == 2

@given("user__handle", ["ada"])
def test_attribute(user, app):
    assert user.handle == "ada" == app.profiles.get(user.id).handle

@given("user__handle", ["zoe"])
def test_attribute_of_a_sub_factory(post, app):
    assert app.profiles.get(post.author_id).handle == "zoe"

@given("user__verified", [True, False])
def test_trait(user, user__verified):
    assert user.email_verified or not user__verified

@given("user__new_user", [True])
def test_trait_over_fields_and_hooks(user):
    assert (user.bio, user.followers_count) == (None, 0)

@given("post__likes", [3])
def test_hook(post, app):
    assert post.likes_count == 3
    assert app.posts.get(post.id) == post

@given("post__likes", [Range(2, 4), [{}, {}], factory.Iterator([2]), factory.LazyFunction(lambda: 2)])
def test_hook_of_any_size(post):
    assert 2 <= post.likes_count <= 4

@given("post__comments", [["Nice!", "So true"]])
@given("post__likes", [1])
def test_hooks(post, app):
    assert (post.comments_count, post.likes_count) == (2, 1)
    assert {one.content for one in app.comments.of_post(post.id).items} == {"Nice!", "So true"}

@given("post__viral", [True])
@given("post__likes", [5])
def test_what_is_given_beats_a_trait(post):
    assert post.likes_count == 5
    assert post.comments_count >= 20

def test_an_author_is_the_user_fixture_and_as_stored(post, user, app):
    assert post.author_id == user.id
    assert user.posts_count == 1
    assert app.profiles.get(user.id) == user

def test_like(like, post, user):
    assert (like.post_id, like.user_id, post.likes_count) == (post.id, user.id, 1)

def test_comment(comment, post, user):
    assert (comment.post_id, comment.user_id, post.comments_count) == (post.id, user.id, 1)

@given("comment__parent", [LazyFixture(lambda comment_factory: comment_factory())])
def test_a_reply_is_where_its_parent_is(comment, comment__parent, app, post):
    assert comment.parent_comment_id is not None
    assert comment.post_id != post.id

def test_a_role_may_be_asked_for(like__user, comment__post, like, comment, user, post):
    assert like__user is user
    assert comment__post is post

def test_two_roles_of_one_model_are_two_people(follow, user):
    assert follow.follower_id == user.id != follow.followee_id

@given("follow__followee", [LazyFixture("user")])
def test_the_other_role_is_somebody_else(follow, user):
    assert follow.followee_id == user.id != follow.follower_id

@given("follow__followee", [LazyFixture("star")])
def test_a_role_that_is_given(follow, star, user):
    assert (follow.follower_id, follow.followee_id, star.followers_count) == (user.id, star.id, 3)

def test_what_the_service_would_refuse_does_not_stand_in(feed_item, user, post):
    assert feed_item.post_id == post.id
    assert feed_item.author_id == user.id != feed_item.reader_id

@given("post__at", [YEAR[2020]])
@given("user__at", [YEAR[2019]])
def test_moments(post, user):
    assert (post.created_at, user.created_at) == (YEAR[2020], YEAR[2019])

def test_names(second_user, post, user, loved_post, star):
    assert (second_user.handle, post.author_id) == ("second", user.id)
    assert (loved_post.likes_count, star.followers_count) == (3, 2)

@given("post__author", [LazyFixture("second_user"), LazyFixture(lambda second_user: second_user)])
def test_lazy(post, second_user):
    assert post.author_id == second_user.id

@given("post__author_id", [LazyFixture(lambda second_user: second_user.id)])
def test_an_id_is_enough(post, second_user, late_like):
    assert post.author_id == second_user.id == late_like.user_id

@given("post__caption", ["Hello #world"])
def test_what_is_derived_follows(post):
    assert post.tags == ("world",)

@given("user__followers", [2])
@given("user__posts", [2])
def test_hooks_of_a_user(user):
    assert (user.followers_count, user.posts_count) == (2, 2)

@pytest.fixture
def other_post__author(star):
    return star

class TestOverrides:
    @pytest.fixture
    def other_post__author(self, user):
        return user

    def test_in_a_class(self, other_post, user):
        assert other_post.author_id == user.id

def test_in_a_module(other_post, star):
    assert other_post.author_id == star.id

@pytest.fixture
def popular(post, like_factory):
    return like_factory.create_batch(4, post=post)

def test_what_fixtures_do_is_seen(popular, post, app):
    assert post.likes_count == 4

@pytest.fixture
def deleted(post, app):
    app.posts.delete_post(post.id, user_id=post.author_id)

def test_what_fixtures_delete_stays_as_it_was(deleted, post):
    assert post.likes_count == 0

def test_by_name(request):
    assert request.getfixturevalue("loved_post").likes_count == 3

@pytest.mark.usefixtures("loved_post")
def test_unseen(app, loved_post, user):
    assert user.posts_count == 1

@given("post__at", ["soon"])
def test_wrong_moment(post):
    pass

@given("post__likes", [-1])
def test_wrong_size(post):
    pass

@given("user__handle", ["a b"])
def test_wrong_value(post):
    pass
""",
}
WRONG = {
    "test_wrong_moment[soon]": "PostFactory's at must be a datetime with a time zone, not 'soon'",
    "test_wrong_size[-1]": "likes must be a whole number from 0 on, a Range or a list, not -1",
    "test_wrong_value[a b]": "handle: must have 3 to 30 of A-Z, a-z, 0-9 and _ (UserFactory with handle='a b'",
}


@pytest.fixture(scope="module")
def social(tmp_path_factory):
    return run_pytest(tmp_path_factory.mktemp("social"), "-p", "no:randomly", files=SOCIAL, is_social=True)


def test_the_social_factories_can_be_registered(social):
    assert {name for name, end in social.ends.items() if end != "PASSED"} == WRONG.keys(), social.text
    assert len(social.passed) == 36


@pytest.mark.parametrize("test", WRONG)
def test_a_wrong_value_is_blamed_on_whoever_has_it(social, test):
    assert social.ends[test] == "ERROR"
    assert WRONG[test] in social.text


BANK = {
    "bank.py": '''
"""Services without a unit of work, over dicts; entities of several kinds."""
from dataclasses import dataclass, replace
import itertools

@dataclass(frozen=True)
class Account:
    id: int
    owner: str
    balance: int = 0
    tier: str = "basic"
    transfers_count: int = 0

@dataclass(frozen=True)
class Transfer:
    id: int
    source: Account
    target: Account
    amount: int

class Bank:
    def __init__(self):
        self.accounts, self.transfers, self.ids = {}, {}, itertools.count(1)

    def open_account(self, owner, balance=0, tier="basic"):
        account = Account(next(self.ids), owner, balance, tier)
        self.accounts[account.id] = account
        return account

    def transfer(self, source, target, amount):
        if source.id == target.id:
            raise ValueError("an account cannot pay itself")
        for account in (source, target):
            known = self.accounts[account.id]
            self.accounts[account.id] = replace(known, transfers_count=known.transfers_count + 1)
        made = self.transfers[len(self.transfers)] = Transfer(next(self.ids), source, target, amount)
        return made

    def unit_of_work(self):
        from contextlib import nullcontext
        return nullcontext(self)

    def stored(self, value):
        return self.accounts[value.id] if isinstance(value, Account) else value
''',
    "factories.py": """
import factory
from bank import Account, Transfer
from seedbed import Many, One, ServiceFactory, Trait

class AccountFactory(ServiceFactory[Account]):
    class Meta:
        model = Account
        service = "open_account"
    class Params:
        rich = Trait(balance=1_000_000)
        busy = Trait(payments=2)
        vip = Trait(tier="vip")
        royal = Trait(tier="royal", vip=True)
    owner = factory.Sequence("owner {}".format)
    balance = 10
    payments = Many("factories.TransferFactory", "source")

    @factory.post_generation
    def greeting(account, create, text, **more):
        account.__dict__.setdefault("greetings", []).append((text, more))

class TransferFactory(ServiceFactory[Transfer]):
    class Meta:
        model = Transfer
        service = "transfer"
    class Params:
        princely = Trait(source__rich=True)
    source = factory.SubFactory(AccountFactory)
    target = One(AccountFactory)
    amount = factory.SelfAttribute("source.balance")
""",
    "conftest.py": """
import pytest
from bank import Bank
from factories import AccountFactory, TransferFactory
from pytest_factoryboy import LazyFixture, register
from seedbed import using

@pytest.fixture(autouse=True)
def bank():
    with using(Bank()) as binding:
        yield binding.app

register(AccountFactory)
register(AccountFactory, "rich_account", rich=True)
register(TransferFactory)
register(TransferFactory, "refund", source=LazyFixture("transfer__target"), target=LazyFixture("transfer__source"))
""",
    "test_bank.py": """
import factory, pytest
from pytest_factoryboy import LazyFixture
given = pytest.mark.parametrize

def test_model(account, bank):
    assert bank.accounts[account.id] == account
    assert account.greetings == [(None, {})]

@given("account__busy", [True])
def test_trait_over_a_hook(account, bank):
    assert account.transfers_count == 2 == len(bank.transfers)

@given("account__vip", [True, False])
def test_trait_over_what_nothing_else_declares(account, account__vip, rich_account):
    assert (account.tier, rich_account.tier) == ("vip" if account__vip else "basic", "basic")

@given("account__royal", [True])
def test_trait_that_switches_another_on(account):
    assert account.tier in {"royal", "vip"}

@given("account__tier", ["own"])
def test_argument_that_only_a_trait_declares(account):
    assert account.tier == "own"

@given("account__payments", [3])
@given("account__greeting", ["Hi"])
def test_hooks(account, bank):
    assert account.transfers_count == 3
    assert account.greetings == [("Hi", {})]

def test_two_roles(transfer, account, bank):
    assert transfer.source.id == account.id != transfer.target.id
    assert transfer.amount == 10
    assert account.transfers_count == 1

@given("transfer__source", [LazyFixture("rich_account")])
def test_given(transfer, account, rich_account):
    assert (transfer.source.id, transfer.target.id) == (rich_account.id, account.id)
    assert transfer.amount == 1_000_000

@given("transfer__princely", [True])
def test_a_trait_says_more_than_a_fixture(transfer, account):
    assert transfer.amount == 1_000_000
    assert len({transfer.source.id, transfer.target.id, account.id}) == 3

@given("transfer__target", [LazyFixture("account")])
@given("transfer__source", [LazyFixture("account")])
def test_refused(transfer):
    pass

@given("account__owner", [factory.LazyFunction(lambda: "lazy")])
def test_declaration(account):
    assert account.owner == "lazy"
""",
}


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return run_pytest(tmp_path_factory.mktemp("bank"), files=BANK)


def test_factories_of_ones_own_can_be_registered(bank):
    refused = {"test_refused[transfer__source0-transfer__target0]"}
    assert {name for name, end in bank.ends.items() if end != "PASSED"} == refused, bank.text
    assert len(bank.passed) == 11


def test_two_roles_that_a_test_fills_with_one_object_are_the_services_to_refuse(bank):
    assert "ValueError: an account cannot pay itself (TransferFactory with source=" in bank.text
