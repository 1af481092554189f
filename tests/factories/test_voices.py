"""What people say fits who they are and what they answer, and hardly anything is said twice."""

from __future__ import annotations

from collections import Counter

import pytest

from factories import CommentFactory, PostFactory, UserFactory, using
from factories.texts.phrasebook import DAILY, book_of
from factories.texts.topics import interests_of, topic_of

EN = book_of("en_US")


@pytest.fixture
def ada(app):
    return UserFactory()


def _topic_of_tags(tags):
    topics = {name for name, section in EN.topics.items() if set(section.tags) & set(tags)}
    assert len(topics) == 1
    return topics.pop()


def _words_of(topic):
    return {*EN.topics[topic].things, *EN.topics[topic].roles}


def _names(text, topic):
    return any(word.casefold() in text.casefold() for word in _words_of(topic))


def test_people_post_mostly_about_their_topic_and_sometimes_about_a_second_one_or_daily_life(app):
    users = UserFactory.create_batch(20)
    found = Counter()
    for user in users:
        own, second = interests_of(user.id)
        names = {own: "own", second: "second", DAILY: "daily"}
        for post in PostFactory.create_batch(20, author=user):
            found[names[_topic_of_tags(post.tags)]] += 1

    assert 0.68 < found["own"] / 400 < 0.82
    assert found["second"] > 20 < found["daily"]


def test_an_authors_id_is_enough_to_know_the_topic(ada):
    topics = Counter(_topic_of_tags(post.tags) for post in PostFactory.create_batch(12, author_id=ada.id))

    assert topics.most_common(1)[0][0] == topic_of(ada.id)


@pytest.mark.parametrize("make", [UserFactory.create_batch, UserFactory.build_batch])
def test_a_bio_is_about_the_persons_topic(app, make):
    users = make(60)

    assert all(_names(user.bio, topic_of(user.id)) for user in users)
    assert len({topic_of(user.id) for user in users}) > 5


def test_handle_and_address_are_of_the_persons_name(app):
    users = UserFactory.create_batch(20)

    assert all(user.username.startswith(user.full_name.split()[0].lower()) for user in users)
    assert all(user.email.startswith(user.full_name.split()[0].lower()) for user in users)


def test_comments_name_what_the_caption_names(app):
    post = PostFactory(caption="Ramen bowls in Kyoto, finally! #foodie")
    texts = [comment.content for comment in CommentFactory.create_batch(50, post=post)]

    assert sum("ramen bowls" in text.casefold() for text in texts) > 8
    assert sum("Kyoto" in text for text in texts) > 2
    assert any(any(phrase in text for phrase in EN.topics["food"].comments) for text in texts)
    others = {thing for topic in EN.topics.values() for thing in topic.things} - {"ramen bowls"}
    assert not [text for text in texts if any(thing in text for thing in others)]


def test_without_tags_the_thing_that_a_caption_names_tells_its_topic(app):
    post = PostFactory(caption="Look at these tulips")
    texts = [comment.content for comment in CommentFactory.create_batch(50, post=post)]

    assert any(any(phrase in text for phrase in EN.topics["garden"].comments) for text in texts)
    assert any("tulips" in text for text in texts)


@pytest.mark.parametrize("caption", ["", "We are live! #launch"])
def test_to_a_post_of_no_known_topic_people_say_what_fits_any(app, caption):
    post = PostFactory(caption=caption, tags=())
    by_id = CommentFactory.create_batch(30, post_id=post.id)

    for comment in [*CommentFactory.create_batch(30, post=post), *by_id]:
        assert comment.content.startswith(EN.comments)


def test_a_reply_answers_its_parent(app):
    parent = CommentFactory(content="I would rather have pickles!")
    replies = CommentFactory.create_batch(40, parent=parent)

    assert sum("pickles" in reply.content.casefold() for reply in replies) > 5
    assert any(reply.content.startswith(EN.replies) for reply in replies)


def test_an_author_thanks_and_answers_questions(ada):
    post = PostFactory(author=ada)
    praise, question = (CommentFactory(post=post, content=text) for text in ("Lovely!", "How?"))

    thanked = CommentFactory.create_batch(5, post=post, parent=praise, user=ada)
    answered = CommentFactory.create_batch(5, post=post, parent=question, user=ada)

    assert all(reply.content.startswith(EN.thanks) for reply in thanked)
    assert all(reply.content.startswith(EN.answers) for reply in answered)


@pytest.mark.parametrize("seed", range(5))
def test_no_page_of_fifty_says_anything_twice(app, seed):
    with using(app, seed=f"pages/{seed}"):
        author = UserFactory()
        captions = [post.caption.partition(" #")[0] for post in PostFactory.create_batch(50, author=author)]
        post = PostFactory(author=author)
        comments = [comment.content for comment in CommentFactory.create_batch(50, post=post)]

    assert len(set(captions)) == len(set(comments)) == 50
    # Nor does it sound alike: no opening stands more often than the others of its topic need.
    assert max(Counter(text[:12] for text in comments).values()) <= 4


def test_the_same_seed_says_the_same_whatever_else_is_drawn(app):
    import random

    def told():
        with using(app, seed="again"):
            return [(user.full_name, user.bio) for user in UserFactory.build_batch(5)]

    first = told()
    random.seed(99)
    UserFactory.create_batch(3)

    assert told() == first
