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

SERVICES = ("profiles", "posts", "likes", "comments", "follows", "feeds")
# A module may reach only what stands in a lower row, itself or through others. audit trusts no service.
ROWS = (
    ("entities", "errors"),
    ("keys",),
    ("items",),
    ("table", "engines"),
    ("unit_of_work",),
    (*SERVICES, "audit"),
    ("app",),
    ("",),
)
LEVELS = {name: level for level, row in enumerate(ROWS) for name in row}
# Within these rows modules may lean on each other, as long as they do not go round in a circle.
SOCIABLE_LEVELS = {LEVELS["entities"], LEVELS["table"]}

AWS_LIBRARIES = {"boto3", "botocore", "moto", "mypy_boto3_dynamodb"}
AWS_HOMES = {"services.table", "services.engines"}
HIDDEN_FROM_FACTORIES = {
    "services.table",
    "services.keys",
    "services.items",
    "services.unit_of_work",
    "services.engines",
}
ROW_WRITES = {
    "batch_write_item",
    "delete_item",
    "execute_statement",
    "execute_transaction",
    "put_item",
    "transact_write_items",
    "update_item",
}
KEY_TEXT = re.compile(r"\b[A-Z][A-Z0-9_]*#")


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


def part_of_services(module: str) -> str:
    """services.engines.embedded belongs to engines; the package itself is the empty part."""
    return [*module.split("."), ""][1]


def reached_parts(tree: Tree, part: str) -> set[str]:
    """The parts of services that one part reaches, through however many others."""
    edges: dict[str, set[str]] = {}
    for module in tree.modules:
        if within(module, {"services"}):
            targets = {part_of_services(name) for name in tree.imports(module) if within(name, {"services"})}
            edges.setdefault(part_of_services(module), set()).update(targets)
    edges = {name: targets - {name} for name, targets in edges.items()}
    reached: set[str] = set()
    waiting = set(edges.get(part, ()))
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= edges.get(name, set()) - reached
    return reached


def upward_imports(tree: Tree) -> list[str]:
    findings = []
    for part, level in LEVELS.items():
        for target in sorted(reached_parts(tree, part)):
            target_level = LEVELS.get(target, -1)
            sideways = target_level == level and level not in SOCIABLE_LEVELS
            if target == part or target_level > level or sideways:
                findings.append(f"services.{part} reaches services.{target}")
    return findings


def imports_of_factories(tree: Tree) -> list[str]:
    return [
        f"{module} imports {target}"
        for module in tree.modules
        if within(module, {"services"})
        for target in sorted(tree.imports(module))
        if within(target, {"factories"})
    ]


def stray_aws_imports(tree: Tree) -> list[str]:
    return [
        f"{module} imports {target}"
        for module in tree.modules
        if not within(module, AWS_HOMES)
        for target in sorted(tree.imports(module))
        if within(target, AWS_LIBRARIES)
    ]


def ways_around_the_services(tree: Tree) -> list[str]:
    findings = []
    for module, source in tree.modules.items():
        if not within(module, {"factories"}):
            continue
        hidden = [name for name in sorted(tree.imports(module)) if within(name, HIDDEN_FROM_FACTORIES)]
        writes = [node.attr for node in ast.walk(source) if isinstance(node, ast.Attribute) and node.attr in ROW_WRITES]
        findings += [f"{module} imports {name}" for name in hidden] + [f"{module} calls {name}" for name in writes]
    return findings


def stray_key_text(tree: Tree) -> list[str]:
    return [
        f"{module}:{line} writes {text!r}"
        for module, source in tree.modules.items()
        if module != "services.keys"
        for line, text in strings(source)
        if KEY_TEXT.search(text)
    ]


def strings(source: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string constant, pieces of f-strings too, but no docstring: those may show a row."""
    prose = {node.value for node in ast.walk(source) if isinstance(node, ast.Expr)}
    for node in ast.walk(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node.lineno, node.value


RULES = (upward_imports, imports_of_factories, stray_aws_imports, ways_around_the_services, stray_key_text)


@pytest.fixture(scope="module")
def checkout() -> Tree:
    return Tree(ROOT, "services", "factories")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_checkout_keeps_its_layers(checkout, rule):
    assert rule(checkout) == []


def test_every_module_on_disk_is_looked_at(checkout):
    on_disk = {path for package in ("services", "factories") for path in (ROOT / package).rglob("*.py")}
    assert len(checkout.modules) == len(on_disk)
    for name in filter(None, LEVELS):
        if (ROOT / "services" / f"{name}.py").exists() or (ROOT / "services" / name / "__init__.py").exists():
            assert f"services.{name}" in checkout.modules


BROKEN_LAYERS = {
    "keys use items": (
        upward_imports,
        {"services/keys.py": "from services.items import to_row", "services/items.py": ""},
        "services.keys reaches services.items",
    ),
    "a service uses its sibling": (
        upward_imports,
        {"services/likes.py": "from .posts import PostService", "services/posts.py": ""},
        "services.likes reaches services.posts",
    ),
    "a service uses its sibling through a third module": (
        upward_imports,
        {
            "services/likes.py": "import services.pages",
            "services/pages.py": "from services import posts",
            "services/posts.py": "",
        },
        "services.likes reaches services.posts",
    ),
    "an import in a function": (
        upward_imports,
        {"services/table.py": "def f():\n    from services.app import App", "services/app.py": ""},
        "services.table reaches services.app",
    ),
    "a service uses the public names": (
        upward_imports,
        {"services/posts.py": "from services import connect", "services/__init__.py": ""},
        "services.posts reaches services.",
    ),
    "table and engines go round in a circle": (
        upward_imports,
        {
            "services/engines/__init__.py": "",
            "services/engines/embedded.py": "from ..table import Table",
            "services/table.py": "from . import engines",
        },
        "services.table reaches services.table",
    ),
    "the audit trusts a service": (
        upward_imports,
        {"services/audit.py": "from services.feeds import FeedService", "services/feeds.py": ""},
        "services.audit reaches services.feeds",
    ),
    "services use factories": (
        imports_of_factories,
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
        {"factories/cli.py": "def run():\n    import boto3"},
        "factories.cli imports boto3",
    ),
    "a factory uses the table": (
        ways_around_the_services,
        {"factories/users.py": "from services import table", "services/table.py": ""},
        "factories.users imports services.table",
    ),
    "a factory writes a row": (
        ways_around_the_services,
        {"factories/users.py": "app.table.put_item({})"},
        "factories.users calls put_item",
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
}


@pytest.mark.parametrize(("rule", "files", "finding"), BROKEN_LAYERS.values(), ids=BROKEN_LAYERS)
def test_a_broken_layer_is_found(tmp_path, rule, files, finding):
    for name, source in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")

    assert finding in rule(Tree(tmp_path, "services", "factories"))


def test_table_may_lean_on_engines_but_a_docstring_may_show_a_key(tmp_path):
    (tmp_path / "services" / "engines").mkdir(parents=True)
    (tmp_path / "services" / "engines" / "__init__.py").write_text(
        "import boto3\nimport moto.dynamodb", encoding="utf-8"
    )
    (tmp_path / "services" / "table.py").write_text(
        '"""USER#id."""\nfrom . import engines\nimport boto3', encoding="utf-8"
    )

    tree = Tree(tmp_path, "services")

    assert [finding for rule in RULES for finding in rule(tree)] == []


@pytest.mark.skipif(not (ROOT / "factories" / "__init__.py").exists(), reason="factories has no __init__ yet")
def test_importing_factories_imports_neither_moto_nor_boto3_resources():
    program = (
        "import sys, factories\n"
        "assert factories.__file__, 'an empty namespace proves nothing'\n"
        "print(*sorted({'moto', 'boto3.resources'} & set(sys.modules)))"
    )

    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (answer.stdout.strip(), answer.stderr) == ("", "")
