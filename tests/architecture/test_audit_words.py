"""What the audit trail tells of has words in the web app: a verb that nobody can read is no trail."""

import ast
import json
from collections.abc import Iterator

from tests.architecture.repository import PACKAGE, ROOT, sources

WORDS = ROOT / "web" / "src" / "features" / "admin" / "locales"


def told() -> Iterator[tuple[str, str]]:
    """Yield the verb and the subject that each `Change(…)` is made with, where they are written down there.

    Where the verb is an argument of a function around it, what that is called with counts, in the whole package.
    """
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources(PACKAGE)]
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Change":
                given = {one.arg: one.value for one in node.keywords}
                yield text(given.get("verb")), text(given.get("subject"))
        for name in tellers(tree):
            for other in trees if not name.startswith("_") else [tree]:
                if other is tree or imports(other, name):
                    yield from ((verb, "") for verb in first_arguments(other, name))


def tellers(tree: ast.Module) -> set[str]:
    """Return the functions of a module whose first argument is the verb."""
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "verb"
    }


def imports(tree: ast.Module, name: str) -> bool:
    """Whether `tree` imports `name` from a room's module `telling`."""
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith(".telling")
        and any(one.name == name for one in node.names)
        for node in ast.walk(tree)
    )


def first_arguments(tree: ast.Module, name: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name and node.args:
            yield text(node.args[0])


def text(node: ast.expr | None) -> str:
    """Return a text that is written down, or that a constant of governance's words stands for; "" for others."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return CONSTANTS.get(node.id, "") if isinstance(node, ast.Name) else ""


CONSTANTS = {
    target.id: node.value.value
    for node in ast.parse((PACKAGE / "governance" / "words.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    for target in node.targets
    if isinstance(target, ast.Name) and isinstance(node.value.value, str)
}


def test_every_verb_and_every_kind_of_record_has_words_in_both_languages() -> None:
    found = set(told())
    verbs = {verb for verb, _ in found if verb}
    kinds = {subject.replace(".", "_") for _, subject in found if subject}
    # Otherwise the search itself is at fault.
    assert {
        "assign_deal",
        "grant_role",
        "move_team",
        "add_deals",
        "erased",
        "retry_job",
        "open_deal",
    } <= verbs
    assert {"people_Team", "core_Job", "governance_AuditRow"} <= kinds
    for language in ("zh", "en"):
        words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
        assert verbs - set(words["verb"]) == set(), f"Say in {language}.json, under verb, what these are."
        assert kinds - set(words["kind"]) == set(), f"Say in {language}.json, under kind, what these are."
