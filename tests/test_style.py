"""The house rules that no linter knows, over the library's syntax trees; each rule is also shown what it must refuse."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "docparse_loaders"
TESTS = ROOT / "tests"

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
MEDIAN_FUNCTION = 10

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

VENDORS = re.compile("somark|paddleocr|mineru|parse4ai|scnet|liteparse", re.IGNORECASE)
HOMES = {"liteparse": "local"}
VAGUE = re.compile(r"manager|helper|util", re.IGNORECASE)
UNFINISHED = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
EXCUSE = re.compile(r"#\s*(?P<kind>type: ignore|noqa)(?P<rest>.*)")
CODE_AND_REASON = re.compile(r"(\[[a-z, -]+\]|:\s*[A-Z]+\d+(, ?[A-Z]+\d+)*)\W+\w+\W*\s\W*\w+")
MOCKS = re.compile(r"(unittest\.mock|mock|pytest_mock|respx|responses)\b")
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MAKERS = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"}
MUTATORS = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove"),
    *("reverse", "setdefault", "sort", "update"),
}


@dataclass(frozen=True)
class Module:
    """A source file: where it is inside its root, and what it says."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def size(self, function: Function) -> int:
        """Its lines that are not blank, from `def` to its end."""
        return sum(bool(line.strip()) for line in self.lines[function.lineno - 1 : function.end_lineno])


def _modules(root: Path) -> list[Module]:
    files = sorted(root.rglob("*.py"))
    return [Module(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")) for file in files]


LIBRARY = _modules(PACKAGE)
Rule = Callable[[Module], Iterator[tuple[int, str]]]


def long_functions(module: Module) -> Iterator[tuple[int, str]]:
    for function in module.functions:
        if (size := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION:
            yield function.lineno, f"{function.name} has {size} lines"


def long_files(module: Module) -> Iterator[tuple[int, str]]:
    if (size := sum(bool(line.strip()) for line in module.lines)) > LONGEST_FILE:
        yield 1, f"the file has {size} lines"


def missing_docstrings(module: Module) -> Iterator[tuple[int, str]]:
    for node in _public(module.tree):
        if not ast.get_docstring(node):
            yield getattr(node, "lineno", 1), f"{getattr(node, 'name', 'the module')} has no docstring"


def _public(node: Documented) -> Iterator[Documented]:
    """The node and everything public in it that is not inside a function."""
    yield node
    if isinstance(node, Function):
        return
    for child in node.body:
        if isinstance(child, ast.ClassDef | Function) and not child.name.startswith("_"):
            yield from _public(child)


def prints(module: Module) -> Iterator[tuple[int, str]]:
    if module.path.startswith("cli/"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "pprint"}:
            yield node.lineno, "prints"


def mutated_globals(module: Module) -> Iterator[tuple[int, str]]:
    """`global`, and any change to a name of the module from inside a function."""
    outer = {name for statement in module.tree.body for name in _bound(statement)}
    for function in module.functions:
        inner = {name for node in ast.walk(function) for name in _bound(node)}
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield node.lineno, f"global {', '.join(node.names)}"
            elif (name := _changed(node)) in outer - inner:
                yield getattr(node, "lineno", 1), f"changes the module's {name}"


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a statement gives a value, or that an argument list holds."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from _bound(target)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name) for alias in node.names)


def _changed(node: ast.AST) -> str | None:
    """The name whose value a node changes in place."""
    target: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        target = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        target = node.func.value
    return target.id if isinstance(target, ast.Name) else None


def mutable_globals(module: Module) -> Iterator[tuple[int, str]]:
    """Module-level lists, dicts and sets that are not named like a constant."""
    for statement in module.tree.body:
        value = getattr(statement, "value", None)
        made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in MAKERS
        for name in _bound(statement) if made or isinstance(value, MUTABLE) else ():
            if not name.isupper() and name != "__all__":
                yield statement.lineno, f"{name} is a mutable global"


def vague_names(module: Module) -> Iterator[tuple[int, str]]:
    if VAGUE.search(module.path):
        yield 1, f"the file is named {module.path}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef | Function) and VAGUE.search(node.name):
            yield node.lineno, f"{node.name} says nothing"


def vendors_in_decisions(module: Module) -> Iterator[tuple[int, str]]:
    """A vendor's name in a condition, a comparison or a `case`, other than at home."""
    if module.path.startswith("emulator/"):
        return
    for part in _decisions(module.tree):
        for vendor in VENDORS.findall(ast.unparse(part)):
            home = HOMES.get(vendor.lower(), vendor.lower())
            if not module.path.startswith(f"vendors/{home}/"):
                yield getattr(part, "lineno", 1), f"decides by {vendor}"
        if any(isinstance(node, ast.Constant) and node.value == "local" for node in ast.walk(part)):
            yield getattr(part, "lineno", 1), "decides by local"


def _decisions(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
            yield node.test
        elif isinstance(node, ast.Compare | ast.match_case):
            yield node.pattern if isinstance(node, ast.match_case) else node
        elif isinstance(node, ast.comprehension):
            yield from node.ifs
        elif isinstance(node, ast.Match):
            yield node.subject


def bare_excuses(module: Module) -> Iterator[tuple[int, str]]:
    """`type: ignore` and `noqa` without a code, or without a reason of at least two words."""
    for number, line in enumerate(module.lines, 1):
        for match in EXCUSE.finditer(line):
            if not CODE_AND_REASON.match(match["rest"]):
                yield number, f"{match['kind']} without code and reason"


def swallowed_errors(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield node.lineno, "bare except"
            elif _broad(node.type) and all(isinstance(part, ast.Pass | ast.Continue | ast.Expr) for part in node.body):
                yield node.lineno, "swallows every exception"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "suppress" and any(map(_broad, node.args)):
            yield node.lineno, "suppresses every exception"


def _broad(kind: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id in {"Exception", "BaseException"} for node in ast.walk(kind))


def unfinished(module: Module) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(module.lines, 1):
        if UNFINISHED.search(line):
            yield number, line.strip()


def mocks(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            origin = getattr(node, "module", None)
            if any(MOCKS.match(f"{origin}.{alias.name}" if origin else alias.name) for alias in node.names):
                yield node.lineno, "imports a mock"
        elif isinstance(node, ast.arg) and node.arg == "mocker":
            yield node.lineno, "takes a mocker"


# Each rule with a file that breaks it and one, as like it as can be, that does not.
BODY = "\n".join(["    x = 1"] * LONGEST_FUNCTION)
RULES: list[tuple[Rule, str, str]] = [
    (long_functions, f"def f():\n{BODY}", f"def f():\n{BODY[:-10]}"),
    (long_files, "x = 1\n" * (LONGEST_FILE + 1), "x = 1\n\n" * LONGEST_FILE),
    (missing_docstrings, '"""A."""\nclass A:\n    """B."""\n    def b(self): ...', '"""A."""\nclass _A:\n    def b(self): ...'),
    (missing_docstrings, "x = 1", '"""A."""\ndef f():\n    """B."""\n    def g(): ...'),
    (prints, "print(1)", '"""\nprint(1)\n"""\nconsole.print(1)'),
    (mutated_globals, "A = 1\ndef f():\n    global A\n    A = 2", "A = 1\ndef f():\n    A = 2"),
    (mutated_globals, "A = {}\ndef f():\n    A[1] = 2", "A = {}\ndef f():\n    A = {}\n    A[1] = 2"),
    (mutated_globals, "from b import A\ndef f():\n    A.append(2)", "A = []\ndef f(A):\n    A.append(2)"),
    (mutable_globals, "seen = set()", "SEEN = frozenset()\n__all__ = ['a']"),
    (vague_names, "class JobManager: ...", "class Job: ..."),
    (vague_names, "def _utils(): ...", "def _until(): ..."),
    (vendors_in_decisions, "if name == 'somark': ...", "name = 'somark'"),
    (vendors_in_decisions, "match x:\n    case 'MinerU': ...", "match x:\n    case 'other': f('MinerU')"),
    (vendors_in_decisions, "a = 1 if isinstance(x, PaddleOCR) else 2", "a = PaddleOCR() if x else 2"),
    (vendors_in_decisions, "a = [b for b in c if b.vendor != 'local']", "a = [b for b in c if b.vendor != 'locale']"),
    (bare_excuses, "x = 1  # type: ignore", "x = 1  # type: ignore[misc]  # the stub is wrong"),
    (bare_excuses, "x = 1  # noqa: A001", "x = 1  # noqa: A001  # its own word"),
    (bare_excuses, "x = 1  # noqa", "x = 1  # noqa: A001, B002 - its own word"),
    (swallowed_errors, "try: ...\nexcept: f()", "try: ...\nexcept OSError: pass"),
    (swallowed_errors, "try: ...\nexcept Exception:\n    pass", "try: ...\nexcept Exception:\n    raise"),
    (swallowed_errors, "with suppress(Exception): ...", "with suppress(OSError): ..."),
    (unfinished, "x = 1  # TODO: two", "todo = 1  # as promised"),
    (mocks, "from unittest.mock import Mock", "from unittest import TestCase"),
    (mocks, "from unittest import mock", "from trio.testing import MockClock"),
    (mocks, "def test(mocker): ...", "def test(monkeypatch): ..."),
]
NAMES = sorted({rule.__name__ for rule, _, _ in RULES})
BY_NAME = {rule.__name__: rule for rule, _, _ in RULES}


def _found(rule: Rule, modules: list[Module]) -> list[str]:
    return [f"{module.path}:{line}: {what}" for module in modules for line, what in rule(module)]


@pytest.mark.parametrize(("rule", "breach", "fine"), RULES, ids=lambda part: getattr(part, "__name__", ""))
def test_a_rule_sees_what_it_forbids_and_nothing_else(rule: Rule, breach: str, fine: str) -> None:
    assert _found(rule, [Module("made_up.py", breach)])
    assert not _found(rule, [Module("made_up.py", fine)])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mocks"])
def test_the_library_keeps_the_rule(name: str) -> None:
    assert len(LIBRARY) > 50
    assert _found(BY_NAME[name], LIBRARY) == []


def test_the_tests_keep_their_rules() -> None:
    modules = [module for module in _modules(TESTS) if module.path != Path(__file__).name]
    assert len(modules) > 20
    assert [*chain.from_iterable(_found(rule, modules) for rule in (mocks, swallowed_errors, long_functions))] == []


def test_a_vendor_is_named_where_it_lives() -> None:
    breach = "if status == 'somark': ..."
    assert _found(vendors_in_decisions, [Module("vendors/mineru/wire.py", breach)])
    assert not _found(vendors_in_decisions, [Module("vendors/somark/wire.py", breach)])
    assert not _found(vendors_in_decisions, [Module("emulator/server.py", breach)])


def test_functions_are_short() -> None:
    sizes = [module.size(function) for module in LIBRARY for function in module.functions]
    assert len(sizes) > 500
    assert median(sizes) < MEDIAN_FUNCTION


def test_no_two_test_files_share_a_name() -> None:
    names = [file.name for file in TESTS.rglob("*.py") if file.name not in {"__init__.py", "conftest.py"}]
    assert sorted(names) == sorted(set(names))
