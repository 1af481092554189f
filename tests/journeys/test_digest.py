"""`seed digest`: one checksum of a world, or of what a table holds."""

from __future__ import annotations

import json

import pytest

from tests.journeys.conftest import AS_OF, one_line

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]


def test_without_an_endpoint_it_is_the_worlds(seed, first_world):
    printed = seed("digest", *WORLD)
    told = json.loads(seed(*WORLD, "--json", "digest").stdout)

    assert (printed.returncode, printed.stdout) == (0, first_world["digest"] + "\n")
    assert told == {"digest": first_world["digest"], "rows": first_world["rows"] - first_world["created"]["users"] - 1}


@pytest.mark.parametrize("workers", ["1", "2", "8"])
def test_at_an_endpoint_it_is_that_of_what_the_table_holds(seed, place, first_world, workers):
    made = seed.report(*WORLD, *place.options, "--workers", workers)

    found = seed("digest", *place.options, "--workers", workers)

    assert (found.returncode, found.stdout, found.stderr) == (0, first_world["digest"] + "\n", "")
    assert made["digest"] == first_world["digest"]


def test_another_seed_makes_another_digest(seed, first_world):
    assert seed.report("-e", "minimal", "--seed", "8", "--as-of", AS_OF)["digest"] != first_world["digest"]


def test_a_table_is_digested_whole(seed, place):
    assert one_line(seed("-e", "minimal", "digest", *place.options)) == (
        "--env cannot be used with --endpoint-url here: digest reads all that the table holds"
    )
    assert one_line(seed("digest", *place.options, "--seed", "7")).startswith("--seed cannot be used")


def test_a_table_that_is_missing_is_not_made(seed, place):
    assert one_line(seed("digest", *place.options)).startswith(f"there is no table {place.table!r}")
