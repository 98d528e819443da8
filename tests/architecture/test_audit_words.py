"""What the audit trail tells of has words in the web app: a verb that nobody can read is no trail."""

import ast
import json
from collections.abc import Iterator

from foresail.crm.fields import record_types
from tests.architecture.repository import PACKAGE, ROOT, sources

WORDS = ROOT / "web" / "src" / "features" / "admin" / "locales"
CONSTANTS = {
    target.id: node.value.value
    for node in ast.parse((PACKAGE / "governance" / "words.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    for target in node.targets
    if isinstance(target, ast.Name) and isinstance(node.value.value, str)
}
"""A verb or a kind that governance says by a name."""


def rooms() -> Iterator[ast.Module]:
    """Yield the modules that may tell of a change: mathematics, and what puts rooms together, do not."""
    for path in sources(PACKAGE):
        if path.relative_to(PACKAGE).parts[0] not in {"demo", "science", "site"}:
            yield ast.parse(path.read_text(encoding="utf-8"))


def verbs_told() -> Iterator[str]:
    """Yield what is given as the argument `verb`, by its name or in its place, where it is written down there."""
    trees = list(rooms())
    tellers = {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "verb"
    }
    for tree in trees:
        # `tell` is what people calls it, and what tells open pages of something else.
        known = tellers - others(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            for given in node.keywords:
                if given.arg == "verb":
                    yield from texts(given.value)
            if getattr(node.func, "id", "") in known and node.args:
                yield from texts(node.args[0])


def others(tree: ast.Module) -> set[str]:
    """Return what `tree` imports from the outbox."""
    return {
        one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".outbox")
        for one in node.names
    }


def subjects_told() -> Iterator[str]:
    for tree in rooms():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Change":
                for given in node.keywords:
                    if given.arg == "subject":
                        yield from texts(given.value)


def texts(node: ast.expr) -> Iterator[str]:
    """Yield what `node` may be: a text, a name of governance's, one or the other, or one with each kind of record."""
    match node:
        case ast.Constant(value=str(value)) if value:
            yield value
        case ast.Name(id=name) if name in CONSTANTS:
            yield CONSTANTS[name]
        case ast.BoolOp(values=values):
            for each in values:
                yield from texts(each)
        case ast.JoinedStr(values=[ast.Constant(value=str(before)), ast.FormattedValue()]) if (
            "." not in before
        ):
            for kind in record_types():
                yield before + kind.key


def test_every_verb_and_every_kind_of_record_has_words_in_both_languages() -> None:
    verbs, kinds = set(verbs_told()), {subject.replace(".", "_") for subject in subjects_told()}
    # Otherwise the search itself is at fault.
    assert {
        "assign_deal",
        "grant_role",
        "move_team",
        "add_deals",
        "erased",
        "retry_job",
        "purge_lead",
    } <= verbs
    assert not {"deal", "deals", "tasks"} & verbs
    assert {"people_Team", "core_Job", "governance_AuditRow"} <= kinds
    for language in ("zh", "en"):
        words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
        assert verbs - set(words["verb"]) == set(), f"Say in {language}.json, under verb, what these are."
        assert kinds - set(words["kind"]) == set(), f"Say in {language}.json, under kind, what these are."
