"""Suite: how a program tells what it is, in one declaration; how it is found, opened, recounted and linted.

suite = Suite("shop", open=open_shop, factories="shop.factories", counters=[
Counter("orders_count", of=Customer, counts=Order, by="customer_id"),
])
"""

from __future__ import annotations

from seedbed.suite.counters import Counter
from seedbed.suite.declaration import Suite
from seedbed.suite.discovery import find_suite, get_suite, load_suite
from seedbed.suite.findings import Finding, SuiteAudit

__all__ = ["Counter", "Finding", "Suite", "SuiteAudit", "find_suite", "get_suite", "load_suite"]
