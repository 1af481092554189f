"""Topics: a function of the person's id alone, and few topics have most of the people."""

from __future__ import annotations

from collections import Counter

from factories import UserFactory
from factories.texts.topics import TOPICS, interests_of, topic_of


def test_a_persons_topic_is_the_same_everywhere_and_always():
    assert [topic_of(f"01939f6a-5d2b-7c00-8000-0123456789{end}") for end in ("00", "01", "ab", "fe")] == [
        "food",
        "films",
        "food",
        "travel",
    ]


def test_topics_are_heavy_tailed():
    found = Counter(topic_of(f"01939f6a-5d2b-7c00-8000-{number:012x}") for number in range(20_000))

    assert [topic for topic, _ in found.most_common(3)] == ["food", "travel", "music"]
    assert 0.30 < found["food"] / 20_000 < 0.34  # 1 / (1 + 1/2 + ... + 1/12) = 0.322
    assert found.keys() == set(TOPICS)


def test_the_second_interest_is_another_one():
    pairs = [interests_of(f"{number:036x}") for number in range(2_000)]

    assert all(own != other for own, other in pairs)
    assert {other for _, other in pairs} == set(TOPICS)


def test_when_somebody_joined_does_not_decide_what_they_care_for(app):
    ids = [user.id for user in UserFactory.create_batch(40)]

    assert len({topic_of(one) for one in ids}) > 4
    assert [topic_of("00000000-0000" + one[13:]) for one in ids] == [topic_of(one) for one in ids]
