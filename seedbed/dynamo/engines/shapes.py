"""What an answer that says 200 must hold, an operation at a time. Used by `seedbed.dynamo.calls` only.

A load balancer, a proxy or a cut connection can say 200 too. An answer that lacks what its operation always answers, or
has rows that nobody asked for, is none: it must not be read as "done", nor as "not there". TransactWriteItems has
nothing to say, so `{}` is its whole answer, as it is GetItem's where there is no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from seedbed.dynamo.errors import MalformedAnswerError

Asked: TypeAlias = Mapping[str, Any]
"""The parameters of a call."""


def check(operation: str, answer: Any, asked: Asked) -> None:  # noqa: ANN401 - whatever came
    """Refuse an answer that is not its operation's.

    Raises:
        MalformedAnswerError: it is not.
    """
    judge = _JUDGES.get(operation)
    wrong = "it is no JSON object" if not isinstance(answer, Mapping) else judge and judge(answer, asked)
    if wrong:
        raise MalformedAnswerError(operation, MalformedAnswerError.MALFORMED, wrong)


def is_row(row: object) -> bool:
    """Tell whether something is a row of a table like ours, or the key of one."""
    return isinstance(row, Mapping) and all(_is_text(row.get(name)) for name in ("PK", "SK"))


def is_of(row: Any, key: Mapping[str, Any]) -> bool:  # noqa: ANN401 - whatever came
    """Tell whether something is the row of a key."""
    return is_row(row) and row["PK"] == key["PK"] and row["SK"] == key["SK"]


def _is_text(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("S"), str)


def _table(answer: Mapping[str, Any], _asked: Asked) -> str | None:
    table = answer.get("Table")
    parts = table if isinstance(table, Mapping) else {}
    whole = isinstance(parts.get("TableStatus"), str) and parts.get("KeySchema") and parts.get("AttributeDefinitions")
    return None if whole else "it describes no table"


def _row(answer: Mapping[str, Any], asked: Asked) -> str | None:
    if "Item" not in answer or is_of(answer["Item"], asked["Key"]):
        return None
    return f"it is not the row {asked['Key']}"


def _batch_read(answer: Mapping[str, Any], asked: Asked) -> str | None:
    ((table, batch),) = asked["RequestItems"].items()
    wanted = {_key(key) for key in batch["Keys"]}
    left = answer.get("UnprocessedKeys", {})
    left = left.get(table, {"Keys": []}) if isinstance(left, Mapping) else None
    found = answer.get("Responses")
    if not isinstance(found, Mapping) or not isinstance(left, Mapping):
        return "it has no Responses"
    rows = [*_as_list(found.get(table, [])), *_as_list(left.get("Keys"))]
    return None if _are_among(rows, wanted) else "its rows are not those that were asked for, each once"


def _batch_write(answer: Mapping[str, Any], asked: Asked) -> str | None:
    ((table, requests),) = asked["RequestItems"].items()
    left = answer.get("UnprocessedItems")
    if not isinstance(left, Mapping):
        return "it has no UnprocessedItems"
    undone = _as_list(left.get(table, []))
    return None if all(request in requests for request in undone) else "it leaves undone what nobody asked for"


def _query(answer: Mapping[str, Any], asked: Asked) -> str | None:
    if asked.get("Select") == "COUNT":
        return _counting(answer, asked)
    values, index = asked["ExpressionAttributeValues"], "IndexName" in asked
    partition, sort = ("GSI1PK", "GSI1SK") if index else ("PK", "SK")
    prefix = values[":s"]["S"] if ":s" in values else ""

    def belongs(row: Any) -> bool:  # noqa: ANN401 - whatever came
        return is_row(row) and row.get(partition) == values[":p"] and _is_under(row.get(sort), prefix)

    wrong = _page(answer, asked)
    return wrong or (None if all(map(belongs, answer["Items"])) else "its rows are not of what was asked for")


def _is_under(value: Any, prefix: str) -> bool:  # noqa: ANN401 - whatever came
    return _is_text(value) and value["S"].startswith(prefix)


def _scan(answer: Mapping[str, Any], asked: Asked) -> str | None:
    wrong = _page(answer, asked)
    return wrong or (None if all(map(is_row, answer["Items"])) else "it has rows without a key")


def _page(answer: Mapping[str, Any], asked: Asked) -> str | None:
    found, last = answer.get("Items"), answer.get("LastEvaluatedKey")
    if not isinstance(found, list) or answer.get("Count", len(found)) != len(found):
        return "it has no Items, or not as many as it counts"
    if last and (not is_row(last) or last == asked.get("ExclusiveStartKey")):
        return "it does not say where to go on"
    return None


def _counting(answer: Mapping[str, Any], asked: Asked) -> str | None:
    count, last = answer.get("Count"), answer.get("LastEvaluatedKey")
    if not isinstance(count, int) or not 0 <= count <= asked["Limit"]:
        return "it has no Count, or counts more than was asked for"
    return "it does not say where to go on" if last and not is_row(last) else None


def _as_list(value: object) -> list[Any]:
    # What is no list has something in it that was never asked for.
    return value if isinstance(value, list) else [None]


def _are_among(rows: Iterable[Any], wanted: set[tuple[str, str]]) -> bool:
    rows = list(rows)
    found = {_key(row) for row in rows if is_row(row)}
    return len(found) == len(rows) and found <= wanted


def _key(row: Any) -> tuple[str, str]:  # noqa: ANN401 - a row, or a key
    return row["PK"]["S"], row["SK"]["S"]


_JUDGES: Final[Mapping[str, Callable[[Mapping[str, Any], Asked], str | None]]] = {
    "BatchGetItem": _batch_read,
    "BatchWriteItem": _batch_write,
    "DescribeTable": _table,
    "GetItem": _row,
    "Query": _query,
    "Scan": _scan,
}
