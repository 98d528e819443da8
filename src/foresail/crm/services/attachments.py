"""Files kept with records: looked at byte by byte before they are kept, and never shown by a browser from here.

They lie below the home folder, under names made at random: what somebody called a file is only ever told, and
names no path. A file is written before its row and removed after it, so a row without a file is damage, and a file
without a row is only waste.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.errors import NotFound
from foresail.core.home import Home
from foresail.core.outbox import tell
from foresail.crm.errors import FileDamaged, FileEmpty, FileRuns, FileTooLarge, FileUnlike
from foresail.crm.fields import record_type, type_of
from foresail.crm.models import Attachment, Listed
from foresail.crm.services.changing import hold, require_change
from foresail.crm.services.telling import keep

if TYPE_CHECKING:
    from foresail.people.models import User

FOLDER: Final = "attachments"
"""Below the home folder."""
MOST_MEGABYTES: Final = 25
MOST_BYTES: Final = MOST_MEGABYTES * 2**20
LONGEST_NAME: Final = 200
LONGEST_ENDING: Final = 20
PART: Final = ".part"
"""How a file ends that is not whole yet."""
HEAD: Final = 512
"""So many bytes at the beginning tell what a file is."""

# What a file begins with → its kind. The longer first where one begins like another.
_BEGINNINGS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xfe\xed\xfa\xce", "program"),
    (b"\xfe\xed\xfa\xcf", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"#!", "program"),
)
# Endings whose bytes are known → what they may be. Locked Office files are OLE; old programs write texts as .xls.
_KINDS: Final = {
    **{kind: {kind} for kind in ("pdf", "png", "gif", "webp", "zip", "7z", "rar")},
    **{ending: {"jpeg"} for ending in ("jpg", "jpeg")},
    **{ending: {"zip", "ole"} for ending in ("docx", "xlsx", "pptx", "odt", "ods", "odp")},
    **{ending: {"ole", "zip", "text"} for ending in ("doc", "xls", "ppt", "msg")},
    **{ending: {"text"} for ending in ("txt", "csv", "md", "json", "xml", "eml")},
}
# What a desktop starts by its ending, whatever the bytes are.
_RUNNING: Final = frozenset(
    "exe com scr pif msi msp bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta jar lnk reg dll cpl sh app apk dmg".split()
)


def attach(
    *, record: Listed, name: str, content: IO[bytes], size: int, by: User | None, at: datetime
) -> Attachment:
    """Keep the `size` bytes of `content` with `record`.

    Raises NotAllowed, NotFound, FileTooLarge, FileEmpty, FileRuns, or FileUnlike where the bytes are not what the
    name says. Nothing is left of what is refused.
    """
    name = safe_name(name)
    if size > MOST_BYTES:
        raise FileTooLarge(most=MOST_MEGABYTES)
    with transaction.atomic():
        hold(record)
        require_change(record, by=by)
        place = secrets.token_hex(16)
        path = path_of(place)
        try:
            kept, sha256, kind = _write(path, content, name)
            attachment = Attachment.objects.create(
                record_type=type_of(record).key,
                record=record.pk,
                name=name,
                kind=kind,
                size=kept,
                sha256=sha256,
                place=place,
                author=by,
                created_at=at,
            )
            _tell("attach", attachment, by=by, at=at)
        except BaseException:
            for each in (path, path.with_suffix(PART)):
                each.unlink(missing_ok=True)
            raise
        return attachment


def detach(*, attachment: Attachment, by: User | None, at: datetime) -> None:
    """Take an attachment away for good, by who may change its record. Raises NotAllowed or NotFound."""
    with transaction.atomic():
        record = record_type(attachment.record_type).model.objects.filter(pk=attachment.record).first()
        if record is None:
            raise NotFound
        require_change(record, by=by)
        _tell("detach", attachment, by=by, at=at)
        _remove([attachment.place])
        attachment.delete()


def read(attachment: Attachment) -> bytes:
    """Return what was attached, byte for byte. Raises FileDamaged where that is not what lies there."""
    try:
        content = path_of(attachment.place).read_bytes()
    except FileNotFoundError as error:
        raise FileDamaged(name=attachment.name) from error
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise FileDamaged(name=attachment.name)
    return content


def let_go(kind: str, record: int) -> None:
    """Remove all attachments of a record that is purged, inside the transaction that does it."""
    found = Attachment.objects.filter(record_type=kind, record=record)
    _remove(list(found.values_list("place", flat=True)))
    found.delete()


def safe_name(name: str) -> str:
    """Return `name` as it may be told: no folders, nothing invisible or turned round, at most 200 characters.

    >>> safe_name("../../etc/passwd")
    'passwd'
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(each if each.isprintable() else " " for each in name)
    name = "".join("_" if each in '<>:"|?*' else each for each in " ".join(name.split())).strip(". ")
    if not name:
        return "未命名"
    if len(name) <= LONGEST_NAME:
        return name
    ending = _ending(name)
    return f"{name[: LONGEST_NAME - len(ending) - 1]}.{ending}" if ending else name[:LONGEST_NAME]


def kind_of(head: bytes) -> str:
    """Return what a file is by its first bytes: "pdf", "png", "zip", "text" and so on; "data" for anything else."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return "text" if _is_text(head) else "data"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\0" not in head and not any(each < 9 or 13 < each < 27 for each in head)


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem and len(ending) <= LONGEST_ENDING else ""


def _write(path: Path, content: IO[bytes], name: str) -> tuple[int, str, str]:
    """Write `content` to the disk, and return its size, SHA-256 and kind. Raises what `attach` does of files."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = content.read(HEAD)
    kind = kind_of(head)
    if not head:
        raise FileEmpty(name=name)
    ending = _ending(name)
    if kind == "program" or ending in _RUNNING:
        raise FileRuns(name=name)
    if kind not in _KINDS.get(ending, {kind}):
        raise FileUnlike(name=name)
    digest, size = hashlib.sha256(), 0
    part = path.with_suffix(PART)  # under its own name it is whole: a backup may look at any moment
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        chunk = head
        while chunk:
            size += len(chunk)
            if size > MOST_BYTES:
                raise FileTooLarge(most=MOST_MEGABYTES)
            digest.update(chunk)
            file.write(chunk)
            chunk = content.read(2**16)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    return size, digest.hexdigest(), kind


def path_of(place: str) -> Path:
    """Return where an attachment lies."""
    return Home.of_environment(os.environ).folder / FOLDER / place[:2] / place


def _remove(places: Collection[str]) -> None:
    """Remove files once the rows that named them are gone."""

    def remove() -> None:
        for place in places:
            with suppress(FileNotFoundError):
                path_of(place).unlink()

    if places:
        transaction.on_commit(remove, robust=True)


def _tell(verb: str, attachment: Attachment, *, by: User | None, at: datetime) -> None:
    """Tell of it. The trail gets the hash, not the name: that may be about somebody."""
    tell(attachment.record_type, attachment.record)
    values = {
        attachment.record_type: attachment.record,
        "size": attachment.size,
        "sha256": attachment.sha256,
    }
    keep(verb, attachment, values, by=by, at=at)
