"""Imports point one way, each outside library has one home, and key text is written in one module.

The rules read the source, not the running program, so an import inside a function counts like any other.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("seedbed", "services", "factories")

# Every file has its place here, from the bottom up; a name stands for a module, or for a folder with all in it, and
# `package.__init__` for the package's front alone. A room's files may lean on each other, but not in a circle; all else
# that they import stands on a lower floor. So two rooms of one floor know nothing of each other.
Floor = dict[str, tuple[str, ...]]
FLOORS: tuple[Floor, ...] = (
    # The library
    {"what stands around a call": ("seedbed.context", "seedbed.forks")},
    {
        "what everybody speaks of": (
            "seedbed.beside",
            "seedbed.clock",
            "seedbed.database_unit",
            "seedbed.declarations",
            "seedbed.errors",
            "seedbed.fronts",
            "seedbed.libraries",
            "seedbed.plain",
            "seedbed.portable",
            "seedbed.prohibition",
            "seedbed.settings",
            "seedbed.unbound",
            "seedbed.undoing",
            "seedbed.variables",
        )
    },
    {
        "rows": (
            "seedbed.dynamo.addresses",
            "seedbed.dynamo.errors",
            "seedbed.dynamo.outcomes",
            "seedbed.dynamo.rows",
        ),
        "the strategy": ("seedbed.strategy",),
    },
    {
        "changes": ("seedbed.dynamo.actions", "seedbed.dynamo.changes"),
        "packed rows": ("seedbed.dynamo.canonical", "seedbed.dynamo.ordered", "seedbed.dynamo.packed"),
    },
    {
        "the port": (
            "seedbed.dynamo.mark",
            "seedbed.dynamo.pages",
            "seedbed.dynamo.prices",
            "seedbed.dynamo.queries",
            "seedbed.dynamo.scanning",
            "seedbed.dynamo.schema",
            "seedbed.dynamo.store",
            "seedbed.dynamo.usage",
        ),
        "units of work elsewhere": ("seedbed.django", "seedbed.http", "seedbed.sqlalchemy"),
        "the table's helpers": ("seedbed.dynamo.pacing", "seedbed.dynamo.wire"),
        "engines": ("seedbed.dynamo.engines",),
    },
    {
        "the table": (
            "seedbed.dynamo.calls",
            "seedbed.dynamo.definition",
            "seedbed.dynamo.reading",
            "seedbed.dynamo.table",
            "seedbed.dynamo.tries",
        ),
        "a table on paper": ("seedbed.dynamo.memory", "seedbed.dynamo.nowhere"),
        "reading it whole": ("seedbed.dynamo.digest", "seedbed.dynamo.dumps", "seedbed.dynamo.exporting"),
    },
    {
        "exports": ("seedbed.dynamo.exports",),
        "the unit of work": (
            "seedbed.dynamo.answers",
            "seedbed.dynamo.packing",
            "seedbed.dynamo.returned_values",
            "seedbed.dynamo.row_actions",
            "seedbed.dynamo.sending",
            "seedbed.dynamo.session",
            "seedbed.dynamo.unfinished",
            "seedbed.dynamo.unit_of_work",
            "seedbed.dynamo.unpacked",
            "seedbed.dynamo.writing",
        ),
    },
    {"serving": ("seedbed.serve",)},
    {"scenarios of any suite": ("seedbed.scenarios",)},
    {"what a program is": ("seedbed.suite",)},
    {"worlds for tests": ("seedbed.worlds",)},
    {"fixtures": ("seedbed.fixtures",)},
    {"the pytest plugin": ("seedbed.pytest_plugin",)},
    {"the library's fronts": ("seedbed.__init__", "seedbed.dynamo.__init__")},
    # Services
    {
        "values": (
            "services.entities",
            "services.errors",
            "services.rows.__init__",
            "services.rows.items",
            "services.rows.keys",
            "services.validation",
        ),
        "the command of any suite": ("seedbed.__main__", "seedbed.command"),
    },
    {
        "what the table keeps": ("services.rows.schema",),
        "the app's parts": ("services.container",),
        "whose rows they are": ("services.rows.ownership",),
        "rows read together": ("services.rows.reading",),
        "changes of several rows": ("services.members",),
    },
    {
        "delivery": ("services.delivery", "services.people"),
        "the audit": ("services.audit",),  # it trusts no service
    },
    {"deletion": ("services.deletion",)},
    {
        name: (f"services.{name}",)
        for name in (
            "profiles",
            "posts",
            "likes",
            "comments",
            "follows",
            "feeds",
            "recounts",
            "runs",
            "dumps",
            "exports",
        )
    },
    {"the app": ("services.app",)},
    {"its front": ("services.__init__",)},
    # Factories
    {"what they refuse": ("factories.errors",), "rhythm": ("factories.rhythm",)},
    {"pictures": ("factories.pictures",)},
    {
        "words": (
            "factories.texts.__init__",
            "factories.texts.fakes",
            "factories.texts.hashtags",
            "factories.texts.locales",
            "factories.texts.phrasebook",
            "factories.texts.topics",
            "factories.texts.words",
            "factories.texts.writing",
        ),
        "graphs": ("factories.graphs",),
        "presets": ("factories.presets",),
    },
    {
        "planning": ("factories.planning",),
        "this app's own": ("factories.social", "factories.texts.voices"),
        "statistics": ("factories.statistics",),
    },
    {
        name: (f"factories.{name}",)  # they name each other by text, for factory_boy to find
        for name in ("users", "posts", "likes", "comments", "follows", "feed_items", "recycling")
    },
    {"a page of figures": ("factories.reporting",)},
    {"pages": ("factories.pages",)},
    {"their front": ("factories.__init__",), "scenarios": ("factories.scenarios",)},
    {
        "orders": (
            "factories.command.__init__",
            "factories.command.crew",
            "factories.command.orders",
            "factories.command.remedies",
            "factories.command.target",
        )
    },
    {
        "their suite": ("factories.suite",),
        "worlds": ("factories.seeding",),
    },
    {"many processes": ("factories.cluster",)},
    {
        "the command": (
            "factories.command.audits",
            "factories.command.browsing",
            "factories.command.cli",
            "factories.command.crews",
            "factories.command.digests",
            "factories.command.dumps",
            "factories.command.exports",
            "factories.command.groups",
            "factories.command.ledger",
            "factories.command.options",
            "factories.command.plans",
            "factories.command.repairs",
            "factories.command.rules",
            "factories.command.report",
            "factories.command.reports",
            "factories.command.run",
            "factories.command.serving",
            "factories.command.shares",
            "factories.command.shell",
        )
    },
)
PLACES = {
    module: (level, room) for level, floor in enumerate(FLOORS) for room, modules in floor.items() for module in modules
}

AWS_LIBRARIES = {"boto3", "botocore", "moto", "mypy_boto3_dynamodb"}
AWS_HOMES = {"seedbed.dynamo.calls", "seedbed.dynamo.engines", "seedbed.dynamo.exports.buckets", "seedbed.serve.wire"}
DYNAMO_HOMES = {"seedbed.command.consent", "seedbed.dynamo", "seedbed.serve"}
KEY_TEXT = re.compile(r"\b[A-Z][A-Z0-9_]*#")

# Law 1: nothing under factories writes a row or names a key. These are all that they may import of services and of the
# library's writing part.
OPEN_TO_FACTORIES = {
    "services",
    "seedbed.dynamo.addresses",
    "services.audit",
    "services.audit.facts",
    "services.dumps",
    "services.entities",
    "services.errors",
    "services.exports",
    "services.rows.ownership",
    "services.rows.schema",
    "services.validation",
    "seedbed.dynamo.engines",
    "seedbed.dynamo.prices",
    "seedbed.dynamo.usage",
}
# What leads to a row past the services, on whatever object and however it is spelled.
ROW_WRITES = {
    "batch_write_item",
    "delete_item",
    "execute_statement",
    "execute_transaction",
    "put_item",
    "transact_write_items",
    "update_item",
}
DOORS = {"apply", "client", "container", "engine", "leave_mark", "session", "store", "transact", "write_batch"}
PARTS = {
    "Add",
    "Change",
    "CheckRow",
    "Delete",
    "DeleteRow",
    "Exists",
    "Put",
    "PutRow",
    "Session",
    "Set",
    "Table",
    "UnitOfWork",
    "UpdateRow",
}
AROUND = ROW_WRITES | DOORS | PARTS
UNMISTAKABLE = ROW_WRITES | {"leave_mark", "transact", "write_batch"}
# The name of a table, of whom asks for one; `app.table` is the table itself.
NAMERS = {"self", "target", "order"}
# Rooms of services that are closed to factories, by their own names.
CLOSED = {".".join(name.split(".")[:2]) for name in PLACES if name.startswith("services.")} - OPEN_TO_FACTORIES
WRITING = {"services", "seedbed.dynamo"}
LOOKUPS = {
    "__getattribute__",
    "attrgetter",
    "get",
    "getattr",
    "getattr_static",
    "hasattr",
    "itemgetter",
    "methodcaller",
    "pop",
    "setattr",
}
OWNED_NAME = re.compile(r"^_+(?:[A-Z]\w*?__)?")  # `_session` and `_LikeService__session` are doors too
# What writes a whole table is an order of the command's, not something that a factory does.
WHOLE_TABLES = {"load", "plan_repair", "repair"}
ORDERED_BY = {"factories.command", "factories.suite"}
APPS = {"app", "_app", "current_app"}
# An endpoint can be spoken to without any of our words.
WIRES = {"aiobotocore", "aiohttp", "ctypes", "http.client", "httpx", "requests", "socket", "urllib.request", "urllib3"}


class Tree:
    """The modules of one checkout: dotted name to parsed source."""

    def __init__(self, root: Path, *packages: str) -> None:
        self.modules = {
            dotted_name(path.relative_to(root)): ast.parse(path.read_text(encoding="utf-8"), str(path))
            for package in packages
            for path in sorted((root / package).rglob("*.py"))
        }
        self.packages = {
            dotted_name(path.relative_to(root))
            for package in packages
            for path in (root / package).rglob("__init__.py")
        }

    def imports(self, module: str) -> set[str]:
        """What the module imports, by dotted name, as deep as the source says."""
        return {target for node in ast.walk(self.modules[module]) for target in self._targets(module, node)}

    def _targets(self, module: str, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                origin = self._origin(module, source, level)
                for alias in names:
                    inner = f"{origin}.{alias.name}"
                    yield inner if inner in self.modules else origin

    def _origin(self, module: str, source: str | None, level: int) -> str:
        if level == 0:
            return source or ""
        depth = level - 1 if module in self.packages else level
        parents = module.split(".")
        base = parents[: len(parents) - depth]
        return ".".join([*base, source] if source else base)


def dotted_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def within(module: str, homes: set[str]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def place_of(tree: Tree, module: str) -> tuple[int, str] | None:
    """Floor and room of a module: by its own name, else by that of the folder that it is in."""
    if module in tree.packages and f"{module}.__init__" in PLACES:
        return PLACES[f"{module}.__init__"]
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((PLACES[name] for name in names if name in PLACES), None)


def modules_without_a_place(tree: Tree) -> list[str]:
    return [f"{module} has no place in FLOORS" for module in tree.modules if place_of(tree, module) is None]


def inner_imports(tree: Tree, module: str) -> list[str]:
    return sorted(target for target in tree.imports(module) if target in tree.modules and target != module)


def upward_imports(tree: Tree) -> list[str]:
    findings = []
    for module in tree.modules:
        own = place_of(tree, module)
        for target in inner_imports(tree, module):
            other = place_of(tree, target)
            if own is not None and other is not None and other != own and other[0] >= own[0]:
                findings.append(f"{module} ({own[1]}) imports {target} ({other[1]})")
    return findings


def circles(tree: Tree) -> list[str]:
    """Name every module that reaches itself, through however many others."""
    edges = {module: set(inner_imports(tree, module)) for module in tree.modules}
    findings = []
    for module in tree.modules:
        reached, waiting = set[str](), set(edges[module])
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= edges[name] - reached
        if module in reached:
            findings.append(f"{module} imports itself in a circle")
    return findings


def imports_of_those_above(tree: Tree) -> list[str]:
    """The library knows no app, and the app no factories."""
    return [
        f"{module} imports {target}"
        for module in tree.modules
        for below, above in (("seedbed", {"services", "factories"}), ("services", {"factories"}))
        if within(module, {below})
        for target in sorted({*tree.imports(module), *spelled(tree.modules[module])})
        if within(target, above)
    ]


def spelled(source: ast.Module) -> Iterator[str]:
    """Texts that name a module, as `import_module` would take one."""
    yield from (text for _, text in strings(source) if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text))


def stray_aws_imports(tree: Tree) -> list[str]:
    return [
        f"{module} imports {target}"
        for module in tree.modules
        if not within(module, AWS_HOMES)
        for target in sorted(tree.imports(module))
        if within(target, AWS_LIBRARIES)
    ]


def stray_imports_of_dynamo(tree: Tree) -> list[str]:
    """Whoever installs the library without its extra has no boto3: only what is for DynamoDB may ask for it."""
    return [
        f"{module} imports {target}"
        for module in tree.modules
        if within(module, {"seedbed"}) and not within(module, DYNAMO_HOMES)
        for target in sorted(tree.imports(module))
        if within(target, {"seedbed.dynamo"})
    ]


def ways_around_the_services(tree: Tree) -> list[str]:
    return [
        f"{module}{finding}"
        for module, source in tree.modules.items()
        if within(module, {"factories"})
        for finding in (*closed_imports(tree, module), *sorted(set(steps_around(source))), *orders(module, source))
    ]


def closed_imports(tree: Tree, module: str) -> Iterator[str]:
    for target in sorted(tree.imports(module)):
        if (within(target, WRITING) and target not in OPEN_TO_FACTORIES) or within(target, WIRES):
            yield f" imports {target}"


def orders(module: str, source: ast.Module) -> Iterator[str]:
    """Find what loads or repairs a table, outside the command."""
    if within(module, ORDERED_BY):
        return
    for node in ast.walk(source):
        match node:
            case ast.Attribute(attr=attr, value=owner) if attr in WHOLE_TABLES and last_name(owner) in APPS:
                yield f":{node.lineno} orders {attr}"
            case ast.ImportFrom(module=origin, names=names) if within(origin or "", WRITING):
                yield from (f":{node.lineno} orders {alias.name}" for alias in names if alias.name in WHOLE_TABLES)


def last_name(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=function):
            return last_name(function)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def steps_around(source: ast.Module) -> Iterator[str]:
    """Find attributes, imported names and texts that lead past the services."""
    for node in ast.walk(source):
        if (name := reached(node)) is not None:
            yield f":{node.lineno} reaches for {name}"
        yield from (f":{node.lineno} looks up {name}" for name in looked_up(node) if is_door(name))
        if isinstance(node, ast.ImportFrom) and within(node.module or "", WRITING):
            yield from (f":{node.lineno} takes {alias.name}" for alias in node.names if alias.name in AROUND)
    yield from (f":{line} spells {text!r}" for line, text in strings(source) if is_path_around(text))


def door(name: str) -> str:
    return OWNED_NAME.sub("", name)


def reached(node: ast.AST) -> str | None:
    match node:
        case ast.Attribute(attr=attr, value=owner) if is_door(attr):
            own = NAMERS if attr == "table" else {"self"} if attr not in AROUND else set()
            return None if isinstance(owner, ast.Name) and owner.id in own else attr
        case ast.MatchClass(kwd_attrs=names) if any(map(is_door, names)):
            return next(filter(is_door, names))
        case ast.Call(func=ast.Name(id="exec" | "eval" as name)):
            return name
        case ast.Call(func=function, args=[module, *_]) if last_name(function) in {"import_module", "__import__"}:
            return None if is_whole_name(module) else "a module by a part of its name"
        case ast.Attribute(attr=attr, value=ast.Name(id="services")) if f"services.{attr}" in CLOSED:
            return f"services.{attr}"
    return None


def looked_up(node: ast.AST) -> list[object]:
    """What `getattr(app, "session")`, its kin, and `vars(app)["session"]` look up."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments) if name in LOOKUPS:
            return [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
        case ast.Subscript(slice=ast.Constant(value=index)):
            return [index]
    return []


def is_whole_name(node: ast.AST) -> bool:
    """Tell whether a module's name begins with a package, where `spelled` and its kin see which."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value[:1].isalpha()


def is_door(name: object) -> bool:
    return isinstance(name, str) and door(name) in {*AROUND, "table"}


def is_path_around(text: str) -> bool:
    """`session.apply`, as Meta.service would take it; `transact`; or a module that factories may not import."""
    if within(text, WRITING):
        return text not in OPEN_TO_FACTORIES
    steps = text.split(".")
    is_path = len(steps) > 1 and all(step.isidentifier() for step in steps)
    return text in UNMISTAKABLE or (is_path and any(is_door(step) for step in steps))


def stray_key_text(tree: Tree) -> list[str]:
    return [
        f"{module}:{line} writes {text!r}"
        for module, source in tree.modules.items()
        if module not in {"services.rows.keys", "seedbed.dynamo.rows"}
        for line, text in strings(source)
        if KEY_TEXT.search(text)
    ]


def stray_reads_of_annotations(tree: Tree) -> list[str]:
    """Since Python 3.14 whoever reads annotations runs them, and a name may be there for a type checker only."""
    return [
        f"{module}:{node.lineno} reads {node.attr}"
        for module, source in tree.modules.items()
        if module != "seedbed.strategy.signatures"
        for node in ast.walk(source)
        if isinstance(node, ast.Attribute)
        if node.attr in {"__annotations__", "get_annotations", "get_type_hints", "signature"}
        if node.attr != "signature" or last_name(node.value) == "inspect"
    ]


def strings(source: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string constant, pieces of f-strings too, but no docstring: those may show a row."""
    prose = {node.value for node in ast.walk(source) if isinstance(node, ast.Expr)}
    for node in ast.walk(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node.lineno, node.value


RULES = (
    modules_without_a_place,
    upward_imports,
    circles,
    imports_of_those_above,
    stray_imports_of_dynamo,
    stray_aws_imports,
    ways_around_the_services,
    stray_key_text,
    stray_reads_of_annotations,
)


@pytest.fixture(scope="module")
def checkout() -> Tree:
    return Tree(ROOT, *PACKAGES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_checkout_keeps_its_layers(checkout, rule):
    assert rule(checkout) == []


def test_every_module_on_disk_is_looked_at(checkout):
    on_disk = {path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert len(checkout.modules) == len(on_disk)


def test_every_place_is_of_something(checkout):
    names = {name.removesuffix(".__init__") for name in PLACES}
    assert [name for name in sorted(names) if name not in checkout.modules] == []
    assert sum(len(modules) for floor in FLOORS for modules in floor.values()) == len(PLACES)


def test_all_that_is_open_to_factories_is_used(checkout):
    used = {
        target for module in checkout.modules if within(module, {"factories"}) for target in checkout.imports(module)
    }
    assert OPEN_TO_FACTORIES - used == set()


BROKEN_LAYERS = {
    "a new module": (
        modules_without_a_place,
        {"services/__init__.py": "", "services/helpers.py": ""},
        "services.helpers has no place in FLOORS",
    ),
    "a new folder": (
        modules_without_a_place,
        {"factories/extras/__init__.py": "", "factories/extras/more.py": ""},
        "factories.extras.more has no place in FLOORS",
    ),
    "keys use a service": (
        upward_imports,
        {"services/rows/keys.py": "from services.likes import LikeService", "services/likes.py": ""},
        "services.rows.keys (values) imports services.likes (likes)",
    ),
    "a service uses its sibling": (
        upward_imports,
        {"services/likes.py": "from .posts import PostService", "services/posts.py": ""},
        "services.likes (likes) imports services.posts (posts)",
    ),
    "what services share uses one of them": (
        upward_imports,
        {"services/people.py": "from services import posts", "services/posts.py": ""},
        "services.people (delivery) imports services.posts (posts)",
    ),
    "an import in a function": (
        upward_imports,
        {"seedbed/dynamo/table.py": "def f():\n    from services.app import App", "services/app.py": ""},
        "seedbed.dynamo.table (the table) imports services.app (the app)",
    ),
    "an import for types only": (
        upward_imports,
        {
            "seedbed/dynamo/packing.py": "if TYPE_CHECKING:\n    from services.app import App",
            "services/app.py": "",
        },
        "seedbed.dynamo.packing (the unit of work) imports services.app (the app)",
    ),
    "a service uses the public names": (
        upward_imports,
        {"services/posts.py": "from services import connect", "services/__init__.py": ""},
        "services.posts (posts) imports services (its front)",
    ),
    "the unit of work knows the table": (
        upward_imports,
        {"seedbed/dynamo/unit_of_work.py": "from services.audit import audit", "services/audit/__init__.py": ""},
        "seedbed.dynamo.unit_of_work (the unit of work) imports services.audit (the audit)",
    ),
    "an engine's inner module knows the table": (
        upward_imports,
        {
            "seedbed/dynamo/engines/embedded/rows.py": "from seedbed.dynamo.table import Table",
            "seedbed/dynamo/table.py": "",
        },
        "seedbed.dynamo.engines.embedded.rows (engines) imports seedbed.dynamo.table (the table)",
    ),
    "the audit trusts a service": (
        upward_imports,
        {"services/audit/checks.py": "from services.feeds import FeedService", "services/feeds.py": ""},
        "services.audit.checks (the audit) imports services.feeds (feeds)",
    ),
    "one factory imports another": (
        upward_imports,
        {"factories/likes.py": "from factories.posts import PostFactory", "factories/posts.py": ""},
        "factories.likes (likes) imports factories.posts (posts)",
    ),
    "the strategy knows this app's factories": (
        upward_imports,
        {"seedbed/strategy/base.py": "from factories.social import SocialFactory", "factories/social.py": ""},
        "seedbed.strategy.base (the strategy) imports factories.social (this app's own)",
    ),
    "two modules of a room go round in a circle": (
        circles,
        {
            "services/rows/items.py": "from services.rows.keys import Key",
            "services/rows/keys.py": "def f():\n    from services.rows import items",
        },
        "services.rows.keys imports itself in a circle",
    ),
    "three go round": (
        circles,
        {
            "seedbed/dynamo/engines/__init__.py": "from seedbed.dynamo.engines.one import a",
            "seedbed/dynamo/engines/one.py": "from seedbed.dynamo.engines.two import b",
            "seedbed/dynamo/engines/two.py": "from seedbed.dynamo import engines",
        },
        "seedbed.dynamo.engines.two imports itself in a circle",
    ),
    "the library uses an app": (
        imports_of_those_above,
        {"seedbed/dynamo/table.py": "from services.rows.keys import post_key"},
        "seedbed.dynamo.table imports services.rows.keys",
    ),
    "the library asks an app by name": (
        imports_of_those_above,
        {"seedbed/strategy/base.py": 'import_module("factories.users")'},
        "seedbed.strategy.base imports factories.users",
    ),
    "the command of any suite uses DynamoDB": (
        stray_imports_of_dynamo,
        {"seedbed/command/console.py": "from seedbed.dynamo.addresses import AWS", "seedbed/dynamo/addresses.py": ""},
        "seedbed.command.console imports seedbed.dynamo.addresses",
    ),
    "services use factories": (
        imports_of_those_above,
        {"services/app.py": "import factories.users"},
        "services.app imports factories.users",
    ),
    "a service uses botocore": (
        stray_aws_imports,
        {"services/posts.py": "from botocore.exceptions import ClientError"},
        "services.posts imports botocore.exceptions",
    ),
    "the command uses boto3": (
        stray_aws_imports,
        {"factories/command/cli.py": "def run():\n    import boto3"},
        "factories.command.cli imports boto3",
    ),
    "a service spells a key": (
        stray_key_text,
        {"services/posts.py": 'pk = "POST#" + post_id'},
        "services.posts:1 writes 'POST#'",
    ),
    "a factory spells a key": (
        stray_key_text,
        {"factories/posts.py": 'pk = f"USER#{user_id}"'},
        "factories.posts:1 writes 'USER#'",
    ),
    "a signature is read with what it names": (
        stray_reads_of_annotations,
        {"seedbed/suite/opening.py": "import inspect\nwhere = inspect.signature(open)"},
        "seedbed.suite.opening:2 reads signature",
    ),
    "a model's own annotations are read": (
        stray_reads_of_annotations,
        {"seedbed/suite/models.py": "names = set(model.__annotations__)"},
        "seedbed.suite.models:1 reads __annotations__",
    ),
}


@pytest.mark.parametrize(("rule", "files", "finding"), BROKEN_LAYERS.values(), ids=BROKEN_LAYERS)
def test_a_broken_layer_is_found(tmp_path, rule, files, finding):
    for name, source in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")

    assert finding in rule(Tree(tmp_path, *PACKAGES))


# What a factory must not do, each in a file of its own; and what is said of it.
WAYS_AROUND = {
    "app.session.apply(change)": ":1 reaches for apply",
    "app.table.transact([])": ":1 reaches for transact",
    "current_app().table.get(key)": ":1 reaches for table",
    "store = app.table": ":1 reaches for table",
    "with app.unit_of_work() as unit:\n    unit.write_batch(rows, [])": ":2 reaches for write_batch",
    "write = app.session\nwrite.send()": ":1 reaches for session",
    "app.engine.meta": ":1 reaches for engine",
    "app.container.get(kind)": ":1 reaches for container",
    "unit.store.scan()": ":1 reaches for store",
    "app.table.put_item({})": ":1 reaches for put_item",
    'getattr(app, "session").send()': ":1 looks up session",
    'getattr(app, "table").get(key)': ":1 looks up table",
    'operator.attrgetter("table")(app)': ":1 looks up table",
    'operator.attrgetter("table.transact")(app)': ":1 spells 'table.transact'",
    'operator.methodcaller("transact", [])(store)': ":1 spells 'transact'",
    'vars(app)["session"]': ":1 looks up session",
    'app.__dict__["table"]': ":1 looks up table",
    'class F:\n    class Meta:\n        service = "session.apply"': ":3 spells 'session.apply'",
    "from seedbed.dynamo.changes import Change, Put": " imports seedbed.dynamo.changes",
    "from seedbed.dynamo import changes": " imports seedbed.dynamo.changes",
    "def f():\n    import seedbed.dynamo.table as rows": " imports seedbed.dynamo.table",
    "from seedbed.dynamo.session import Session": " imports seedbed.dynamo.session",
    "from services.audit.steps import Step": " imports services.audit.steps",
    "from services.app import Session": ":1 takes Session",
    "from seedbed.dynamo.usage import Change as Value": ":1 takes Change",
    "import seedbed\nseedbed.dynamo.changes.Change()": ":2 reaches for Change",
    "import services\nservices.rows.items.post_row": ":2 reaches for services.rows",
    'importlib.import_module("seedbed.dynamo.table")': ":1 spells 'seedbed.dynamo.table'",
    "Set = kind.Put": ":1 reaches for Put",
    "app.posts._session.send()": ":1 reaches for _session",
    "app.likes._LikeService__session.send()": ":1 reaches for _LikeService__session",
    'getattr(app.posts, "_session").send()': ":1 looks up _session",
    'app.posts.__dict__["_session"]': ":1 looks up _session",
    'class F:\n    class Meta:\n        service = "posts._session.send"': ":3 spells 'posts._session.send'",
    "match app:\n    case App(session=s):\n        s.send()": ":2 reaches for session",
    'object.__getattribute__(app, "session")': ":1 looks up session",
    'inspect.getattr_static(app, "table")': ":1 looks up table",
    'attrs.asdict(app)["session"]': ":1 looks up session",
    'vars(app).get("session")': ":1 looks up session",
    'app.__dict__.pop("table")': ":1 looks up table",
    'operator.itemgetter("session")(vars(app))': ":1 looks up session",
    'exec("app." + "session.send()")': ":1 reaches for exec",
    'importlib.import_module(".rows.items", "services")': ":1 reaches for a module by a part of its name",
    'import_module("serv" + "ices.rows.items")': ":1 reaches for a module by a part of its name",
    "app.load(path)": ":1 orders load",
    "self._app.repair(found)": ":1 orders repair",
    "current_app().load(path)": ":1 orders load",
    "from services.audit import repair": ":1 orders repair",
    "from urllib.request import urlopen": " imports urllib.request",
    "def f():\n    import aiobotocore.session": " imports aiobotocore.session",
}


@pytest.mark.parametrize(("source", "finding"), WAYS_AROUND.items(), ids=[*range(len(WAYS_AROUND))])
@pytest.mark.parametrize("place", ["factories/users.py", "factories/new/room.py"])
def test_a_way_around_the_services_is_found(tmp_path, place, source, finding):
    closed = (
        "seedbed/dynamo/changes.py",
        "seedbed/dynamo/table.py",
        "seedbed/dynamo/session.py",
        "services/audit/steps.py",
    )
    for name in (place, *closed, "services/__init__.py", "services/rows/items.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source if name == place else "", encoding="utf-8")

    module = dotted_name(Path(place))
    assert f"{module}{finding}" in ways_around_the_services(Tree(tmp_path, *PACKAGES))


def test_what_factories_may_say_is_not_found(tmp_path):
    (tmp_path / "factories").mkdir()
    (tmp_path / "factories" / "users.py").write_text(
        '''"""app.session.apply is what this must not do, nor "USER#id"."""
from services.entities import User
from factories import session
report = {"table": target.table, "place": self.table, "engine": 1, "session": 2}
getattr(app, "clock")
app.unit_of_work()
known.add(session.find_session())
self._session = rows["handle"], json.load(file), import_module(f"factories.{name}")
app.likes.like_post(user_id="a store of texts", post_id="table")
''',
        encoding="utf-8",
    )

    tree = Tree(tmp_path, "factories")

    assert [finding for rule in RULES for finding in rule(tree)] == []


def test_calls_may_lean_on_engines_but_a_docstring_may_show_a_key(tmp_path):
    dynamo = tmp_path / "seedbed" / "dynamo"
    (dynamo / "engines").mkdir(parents=True)
    (dynamo / "engines" / "__init__.py").write_text("import boto3\nimport moto.dynamodb", encoding="utf-8")
    (dynamo / "calls.py").write_text('"""USER#id."""\nfrom . import engines\nimport boto3', encoding="utf-8")

    tree = Tree(tmp_path, "seedbed")

    assert [finding for rule in RULES for finding in rule(tree)] == []


def test_importing_factories_imports_neither_moto_nor_boto3_resources():
    program = (
        "import sys, factories\n"
        "assert factories.__file__, 'an empty namespace proves nothing'\n"
        "print(*sorted({'moto', 'boto3.resources'} & set(sys.modules)))"
    )

    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (answer.stdout.strip(), answer.stderr) == ("", "")
