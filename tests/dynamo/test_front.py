"""The public names of seedbed.dynamo; test_readme.py runs docs/dynamodb.md, which uses them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import seedbed.dynamo

ROOT = Path(__file__).resolve().parents[2]


def test_every_name_of_the_front_is_there():
    assert all(getattr(seedbed.dynamo, name) is not None for name in seedbed.dynamo.__all__)
    assert set(seedbed.dynamo.__all__) <= set(dir(seedbed.dynamo))
    with pytest.raises(AttributeError, match="has no attribute 'Tabel'"):
        _ = seedbed.dynamo.Tabel


def test_the_front_imports_neither_boto3_nor_moto():
    program = "import sys, seedbed.dynamo; print(*sorted({'boto3', 'botocore', 'moto'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_a_row_has_its_key_its_type_and_no_empty_attributes():
    row = seedbed.dynamo.row_of(("BOOK#1", "BOOK"), "BOOK", title="Emma", pages=3, tags=("a",), note=None)
    assert row == {
        "PK": {"S": "BOOK#1"},
        "SK": {"S": "BOOK"},
        "entity_type": {"S": "BOOK"},
        "title": {"S": "Emma"},
        "pages": {"N": "3"},
        "tags": {"L": [{"S": "a"}]},
    }
