"""`seed dump` and `seed load`: a world made once, kept in a file and filled into another table."""

from __future__ import annotations

from tests.journeys.front import embedded_front

WORLD = ("-e", "minimal", "--seed", "7", "--as-of", "2026-11-01")


def test_a_world_goes_into_a_file_and_out_of_it_into_a_table(seed):
    with embedded_front() as front:
        place = ("--endpoint-url", front.url, "--table", "social")
        made = seed.report("dump", "world.json.gz", *WORLD)
        loaded = seed.report("load", "world.json.gz", *place)
        assert loaded == made
        assert seed.report("digest", *place)["digest"] == made["digest"] == seed.report("digest", *WORLD)["digest"]
        assert seed("audit", *place).returncode == 0
        again = seed.report("dump", "folder", *place)
        assert (again["digest"], again["counts"]) == (made["digest"], made["counts"])
        refused = seed("load", "folder", *place)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "holds rows" in refused.stderr


def test_what_cannot_be_done_is_one_line_and_exit_2(seed):
    (seed.directory / "there").mkdir()
    (seed.directory / "letter.gz").write_text("Dear friend")
    refused = {
        ("dump", "there", *WORLD): "exists already",
        ("dump", "no/where", *WORLD): "there is no folder",
        ("dump", "new", "--to", "csv"): "--to must be one of",
        ("dump",): "Missing argument",
        ("load", "letter.gz"): "load needs --endpoint-url",
        ("load", "letter.gz", "--endpoint-url", "http://localhost:1"): "there is no letter.gz.manifest.json",
    }
    for arguments, words in refused.items():
        result = seed(*arguments)
        assert words in result.stderr, (arguments, result.stderr)
        assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert result.stderr.startswith("seed: ")
    with embedded_front() as front:
        result = seed("load", "letter.gz", "--endpoint-url", front.url)
        assert "there is no letter.gz.manifest.json" in result.stderr
        assert set(front.asked) <= {"DescribeTable"}  # its tags, before anything is written
    assert not (seed.directory / "new").exists()


def test_a_database_for_whoever_wants_to_query(seed):
    said = seed.report("dump", "world.db", *WORLD, "--to", "sqlite")
    count = seed.python(
        "import sqlite3; print(sqlite3.connect('world.db').execute('SELECT count(*) FROM USER').fetchone())"
    )
    assert said["rows"] > int(count.stdout.strip("(),\n")) > 0
    assert said["file"] == "world.db"
