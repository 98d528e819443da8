"""Where Foresail keeps what it knows: one folder, for one organisation."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

SECRET_BYTES = 48


class Unusable(Exception):
    """What Foresail stands on cannot be used. `zh` and `en` say why and what to do."""

    code = "unusable"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class HomeUnusable(Unusable):
    """The folder cannot be used."""

    code = "home_unusable"


class DiskFull(HomeUnusable):
    """There is no space left where the folder lies."""

    code = "disk_full"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} 所在的磁盘已满。请腾出空间后重试；已保存的数据不会丢失。",
            f"The disk of {folder} is full. Free some space and try again: what was kept is not lost.",
        )


@dataclass(frozen=True)
class Home:
    """The folder of one installation, `FORESAIL_HOME`."""

    folder: Path

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Home:
        """Return the folder that `FORESAIL_HOME` names; else /var/lib/foresail for root, ~/.foresail for others."""
        named = environment.get("FORESAIL_HOME")
        if named:
            return cls(Path(named).expanduser().absolute())
        return cls(Path("/var/lib/foresail") if os.geteuid() == 0 else Path.home() / ".foresail")

    def prepare(self) -> None:
        """Make the folder if it is missing. Raises HomeUnusable where it cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / ".writable"
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFull(self.folder) from error
            raise HomeUnusable(
                f"{self.folder} 不能写入（{error.strerror}）。请用 FORESAIL_HOME 换一个文件夹。",
                f"{self.folder} cannot be written ({error.strerror}). Choose another folder with FORESAIL_HOME.",
            ) from error

    def secret(self, name: str) -> str:
        """Return the secret `name`, made at random the first time it is asked for; only its owner can read it."""
        folder = self.folder / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / name
        if not path.exists():
            with NamedTemporaryFile("w", dir=folder, prefix=".") as made:  # which only its owner can read
                made.write(secrets.token_urlsafe(SECRET_BYTES))
                made.flush()
                with suppress(FileExistsError):  # whoever comes first has made it
                    os.link(made.name, path)
        return path.read_text()
