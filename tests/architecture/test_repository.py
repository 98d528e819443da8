"""What the repository may hold, and what its pages promise."""

import re

import pytest

from tests.architecture.repository import ROOT, tracked_texts

# Where packages come from is for each machine to say, and a folder of one person's machine helps nobody.
ADDRESS = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npm\w*\.\w+|deb\.debian\.org|archive\.ubuntu\.com"
    r"|--(extra-)?index-url|--find-link[s]|--trusted-hos[t]|\"resolved\": \"http"
)
WORKPLACE = re.compile(r"(?<![\w.~}])/(work|root|home|Users)/\w")


@pytest.mark.parametrize("pattern", [ADDRESS, WORKPLACE], ids=["registry address", "path of a workplace"])
def test_no_file_names_a_place_of_one_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}:{number}"
        for name, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_data_sets_stay_outside() -> None:
    assert [name for name, _ in tracked_texts() if name.endswith((".csv", ".parquet", ".xes", ".pkl"))] == []


def test_decisions_are_numbered_without_gaps_and_say_why() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:5] for page in pages] == [f"{n:04d}-" for n in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert headings[0].startswith(f"{int(page.name[:4])}. "), page.name
        assert headings[1:] == ["Context", "Decision", "Consequences"], page.name


def test_words_have_both_languages_and_a_meaning() -> None:
    rows = re.findall(r"^\| (.+) \|$", (ROOT / "docs" / "words.md").read_text(encoding="utf-8"), re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows if not set(row) <= set("-| ")]
    for row in cells:
        assert [bool(cell) for cell in row] == [True, True, True], row
    english = [row[1] for row in cells if row != cells[0]]
    assert len(english) == len(set(english)), "a word is explained twice"


def test_both_readmes_tell_the_same() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    if not english.exists() and not chinese.exists():
        pytest.skip("there is no README yet")
    assert outline(english.read_text(encoding="utf-8")) == outline(chinese.read_text(encoding="utf-8"))


def outline(text: str) -> list[int]:
    """Return the levels of the headings of `text`, code blocks left out."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, flags=re.MULTILINE)]
