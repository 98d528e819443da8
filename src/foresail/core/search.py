"""Finding records by a few letters of what they are called: keys kept beside a record, and keys that a query wants.

A record keeps `keys_of` its texts in a column integer[] with a GIN index; `column @> wanted(query)` finds it by
- any piece of its Chinese (one character or more),
- the beginning of any word in Latin or another alphabet,
- the pinyin of its Chinese, or the initials alone, from any character on, as far as it is typed,
- the first one or two digits of any number, and any piece of three digits or more,
- several of these, together or apart: each must be found, anywhere.
Width and capitals do not count. Traditional and simplified characters differ.

Letters are kept as pieces of three, and how a word begins as "^" with one or two letters; Chinese as
characters and pairs. Of a piece a number is kept, which an index takes in in half the time of a text. Longer
queries ask for all their pieces, so now and then a record is found that has the pieces elsewhere, or others of the
same number; none is missed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final, cast
from zlib import crc32

MOST_KEYS: Final = 200
"""So many keys a record has at most; what its texts sound like gives way first, the last text's before others."""
_HALF: Final = 2**31
LONGEST: Final = 60
"""So many characters of a text, and of a query, count."""

# Chinese, and Japanese kana: written without gaps, so every character may be where a search begins.
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U000323af"
_GAPLESS: Final = f"{_HAN}\u3041-\u30ff"
_RUNS: Final = re.compile(
    f"(?P<gapless>[{_GAPLESS}]+)|(?P<digits>[0-9]+)|(?P<letters>(?:(?![{_GAPLESS}])[^\\W\\d_])+)"
)
_CHINESE: Final = re.compile(f"[{_HAN}]+")

# Common characters with two ways to sound that are both in use: each has both in at least 3 % of the phrases
# that pypinyin knows with it. Of the other common ones only the first counts; their second is of old books.
_TWO_WAYS: Final = frozenset(
    "乐乘了仔传便俩冯刨刹削剥劲匙卒卜卡参吁吓否和咽圈埋堡塞壳奇宿屏属差度弹恶扎扒折抹拓择攒暴曾朝朴柏栅校椎槛模没泊澄爪牟率畜的盛省着磅称"
    "粘系纤纶给绿耙脉臭艾著蔓薄藉藏蛤血行被觉角调贾辟还迫都重钥长阿陆降雀露颤"
)
# Surnames that sound otherwise than the word: added where Chinese begins, as it does in a name.
_SURNAMES: Final[Mapping[str, str]] = {
    "仇": "qiu", "俞": "yu", "区": "ou", "单": "shan", "召": "shao", "员": "yun", "哈": "ha", "句": "gou", "宓": "mi",
    "尉": "yu", "幺": "yao", "应": "ying", "折": "she", "朴": "piao", "查": "zha", "洗": "xian", "盖": "ge", "祭": "zhai",
    "秘": "bi", "种": "chong", "繁": "po", "缪": "miao", "翟": "zhai", "覃": "qin", "解": "xie", "隗": "wei", "黑": "he",
}  # fmt: skip


def keys_of(*texts: str) -> list[int]:
    """Return the keys of a record that is called by `texts`, the most telling first; at most MOST_KEYS.

    Give them again whenever one of the texts changes.
    """
    folded = [_folded(text) for text in texts]
    keys: list[int] = []
    for text in folded:
        keys += _spelled(text)
    for text in folded:
        for run in _CHINESE.findall(text):
            keys += _sounds(run)
    return list(dict.fromkeys(keys))[:MOST_KEYS]


def wanted(query: str) -> list[int]:
    """Return the keys that a record must have, all of them, for `query` to find it.

    None are wanted by a query without letters or digits: it finds every record.
    """
    found: dict[int, None] = {}
    for kind, run in _runs(_folded(query)):
        if kind == "gapless":
            pieces = _pairs(run) or [run]
        elif kind == "digits" and len(run) > 2:
            pieces = _pieces(run)
        else:
            pieces = [f"^{run[:2]}", *_pieces(run)]
        found |= dict.fromkeys(_keys(pieces))
    return list(found)


def matches(texts: Sequence[str], query: str) -> bool:
    """Whether `query` finds a record called by `texts`: what the database says too."""
    return set(wanted(query)) <= set(keys_of(*texts))


def _folded(text: str) -> str:
    """Return `text` without differences of width and of capitals, and ü as keyboards have it: v."""
    return unicodedata.normalize("NFKC", text[:LONGEST]).casefold().replace("ü", "v")


def _runs(text: str) -> Iterator[tuple[str, str]]:
    for run in _RUNS.finditer(text):
        yield str(run.lastgroup), run.group()


def key_of_piece(piece: str) -> int:
    """Return what is kept of a piece: a number of four bytes, the same on every machine."""
    return _keys((piece,))[0]


def _keys(pieces: Iterable[str]) -> list[int]:
    return [crc32(piece.encode()) - _HALF for piece in pieces]


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


def _pieces(run: str) -> list[str]:
    return [run[place : place + 3] for place in range(len(run) - 2)]


@lru_cache(maxsize=20_000)
def _spelled(text: str) -> tuple[int, ...]:
    """Return the keys of `text` as it is written. Many records share a name."""
    found: list[int] = []
    for kind, run in _runs(text):
        if kind == "gapless":
            found += _keys((*run, *_pairs(run)))
        else:
            found += _keys((f"^{run[0]}", f"^{run[:2]}", *_pieces(run)))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=30_000)  # a megabyte for each thousand, in who writes so many
def _sounds(run: str) -> tuple[int, ...]:
    """Return the keys of `run` by its initials, then by all of its pinyin. Many deals name the same customer."""
    readings = _readings(run)
    return tuple(dict.fromkeys(_spoken(map(_initials, readings)) + _spoken(readings)))


@lru_cache(maxsize=10_000)
def _initials(sounds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sound[:1] for sound in sounds))


def _spoken(places: Iterable[tuple[str, ...]]) -> list[int]:
    """Return the keys of words spoken one after the other, each in one of its ways, begun at any of them."""
    found: list[int] = []
    after: tuple[str, ...] = ("",)
    for words in reversed(tuple(places)):
        keys, after = _place(words, after)
        found += keys
    return found


def _begun(words: tuple[str, ...], after: tuple[str, ...]) -> tuple[list[int], tuple[str, ...]]:
    """Return the keys of what begins with one of `words`, and its first two letters; `after` are those of what follows."""
    found: list[str] = []
    here: set[str] = set()
    for word in words:
        for rest in after:
            spoken = word + rest
            start = spoken[:2]
            here.add(start)
            if word:
                found += ("^" + word[0], "^" + start)
                found += [spoken[place : place + 3] for place in range(len(spoken) - 2)]
    return _keys(found), tuple(sorted(here))


_place: Final = lru_cache(maxsize=10_000)(_begun)
"""Names are made of the same few hundred syllables, and of a syllable only the first two letters after it count."""


def _readings(run: str) -> list[tuple[str, ...]]:
    """Return how each character of `run` may sound: as in the phrase that it stands in, else in its usual ways."""
    found = _pinyin(run)
    if surname := _SURNAMES.get(run[0]):
        found[0] = tuple(dict.fromkeys((*found[0], surname)))
    return found


@lru_cache(maxsize=10_000)
def _ways(letter: str) -> int:
    """Return in how many ways `letter` is usually read."""
    return 2 if letter in _TWO_WAYS or not _common(letter) else 1


def _common(letter: str) -> bool:
    """Whether `letter` is one of the 3,755 most common: the first level of GB 2312."""
    return b"\xb0" <= letter.encode("gb2312", errors="replace")[:1] <= b"\xd7"


def _pinyin(run: str) -> list[tuple[str, ...]]:
    """Return the usual readings of each character, without tones; a character without any sounds like nothing."""
    return _speaker()(run)


@cache
def _speaker() -> Callable[[str], list[tuple[str, ...]]]:
    # Its dictionaries take a quarter of a second to read, and 57 MB: only who writes records needs them.
    from pypinyin import Style  # noqa: PLC0415
    from pypinyin.constants import RE_HANS  # noqa: PLC0415
    from pypinyin.converter import DefaultConverter  # noqa: PLC0415
    from pypinyin.core import Pinyin  # noqa: PLC0415
    from pypinyin.seg import mmseg  # noqa: PLC0415

    words, sounds = Pinyin(), DefaultConverter()

    def mute(unknown: str) -> list[list[str]]:
        return [[""] for _ in unknown]

    @lru_cache(maxsize=20_000)
    def speak_word(word: str) -> list[tuple[str, ...]]:
        # Its types allow a text alone, which would take the place of several characters.
        spoken = sounds.convert(word, Style.NORMAL, True, cast(Any, mute), strict=True)
        return [
            tuple(dict.fromkeys(each[: _ways(letter)])) if len(each) > 1 else tuple(each)
            for letter, each in zip(word, spoken, strict=True)
        ]

    def speak(run: str) -> list[tuple[str, ...]]:
        # Word by word: names are made of the same ones again and again, and a word sounds the same in each.
        # Where all of it is known to be Chinese, that is not looked for character by character.
        found = mmseg.seg.cut(run) if RE_HANS.match(run) else words.seg(run)
        return [each for word in found for each in speak_word(word)]

    return speak
