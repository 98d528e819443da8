"""`foresail backup` and `restore`: all that an installation knows, in one file.

The file is a tar of a manifest, PostgreSQL's own dump, the models and the attachments. It holds everything, so only its owner
can read it. What is restored replaces the database in one step: killed before it, the old one is still there. Who was erased since the backup was
made is erased again, by the journal that the home keeps of it (`governance.journal`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from foresail import __version__
from foresail.core.cluster import ClusterUnusable, tool
from foresail.core.home import Home
from foresail.site.ground import RESTORED
from foresail.site.settings import database

FORMAT: Final = 1
DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
MODELS: Final = "models"
ATTACHMENTS: Final = "attachments"
"""Files kept with records, each under a name of its own that is never used again."""
AUDIT_HEAD: Final = "audit-head.json"
"""Where the last row of the audit trail is noted outside the database, so that a tail cut off is found."""
KNOWS_TRANSACTION_TIMEOUT: Final = 17
"""The first major version of PostgreSQL that does."""
_RESTORE: Final = ("--no-owner", "--no-acl")
_PASSING: Final = ("core_notice", "core_allowance")
"""Notices for browsers that are open now, and who asked how often: nobody waits for them after a restore."""


class BackupUnusable(Exception):
    """A backup cannot be made or restored. `code` names the text to show, `told` what goes into it."""

    def __init__(self, code: str, **told: object) -> None:
        super().__init__(code)
        self.code = code
        self.told = told


@dataclass(frozen=True)
class Server:
    """The database server in use, as libpq's programs are told of it."""

    settings: Mapping[str, Any]

    @classmethod
    def of_environment(cls) -> Server:
        return cls(database(os.environ.get("DATABASE_URL")))

    @property
    def name(self) -> str:
        return str(self.settings["NAME"])

    def address(self, name: str | None = None) -> str:
        given = {
            "host": self.settings["HOST"],
            "port": self.settings.get("PORT"),
            "user": self.settings["USER"],
            "password": self.settings.get("PASSWORD"),
            "passfile": self.settings.get("OPTIONS", {}).get("passfile"),
            "dbname": name or self.name,
        }
        return make_conninfo(**{key: str(value) for key, value in given.items() if value})

    def run(self, program: str, *arguments: str, name: str | None = None) -> None:
        """Run one of PostgreSQL's programs on the database `name`. Raises BackupUnusable."""
        with self.running(program, *arguments, name=name):
            pass

    @contextmanager
    def running(
        self, program: str, *arguments: str, name: str | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start one of PostgreSQL's programs on the database `name`, yield it, and wait for its end.

        The password stays out of the process list. Raises BackupUnusable where it fails.
        """
        environment = os.environ | {"PGPASSWORD": str(self.settings.get("PASSWORD") or "")}
        if not environment["PGPASSWORD"]:
            del environment["PGPASSWORD"]
        parts = psycopg.conninfo.conninfo_to_dict(self.address(name))
        parts.pop("password", None)
        address = make_conninfo("", **{key: str(value) for key, value in parts.items()})
        command = [_program(program), *arguments, f"--dbname={address}"]
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(  # noqa: S603  PostgreSQL's own program, and no text that anybody typed
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints, env=environment
            )
            assert process.stdin
            try:
                with suppress(BrokenPipeError):  # why it ended before it had read all, it says itself
                    yield process
                with suppress(BrokenPipeError):
                    process.stdin.close()
            except BaseException:
                process.kill()
                process.wait()
                raise
            if process.wait():
                complaints.seek(0)
                said = complaints.read().decode(errors="replace").strip().splitlines()
                raise BackupUnusable("backup.program", program=program, why=said[-1] if said else "?")

    def load(self, dump: Path, *, name: str) -> None:
        """Put what `dump` holds into the empty database `name`, all of it or nothing. Raises BackupUnusable."""
        with psycopg.connect(self.address(name)) as connection:
            version = connection.info.server_version // 10000
        if version >= KNOWS_TRANSACTION_TIMEOUT:
            self.run("pg_restore", *_RESTORE, "--exit-on-error", "--single-transaction", str(dump), name=name)
            return
        # pg_restore sets what an older server does not know. So what it would do goes through our hands.
        script = [_program("pg_restore"), *_RESTORE, "--file=-", str(dump)]
        reading = subprocess.Popen(  # noqa: S603  the same
            script, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        quiet = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        with reading, self.running("psql", *quiet, name=name) as writing:
            assert reading.stdout
            assert writing.stdin
            begun = False
            for line in reading.stdout:
                # Only before the first table: later the same words may be somebody's data.
                begun = begun or line.startswith(b"CREATE")
                if begun or line != b"SET transaction_timeout = 0;\n":
                    writing.stdin.write(line)
            if reading.wait():
                raise BackupUnusable("backup.program", program="pg_restore", why=dump)


def back_up(*, home: Home, file: Path) -> None:
    """Write everything into `file`, whole or not at all. The database may be in use. Raises BackupUnusable."""
    server = Server.of_environment()
    with _writing(file), _scratch(file.parent) as scratch:
        # Before and after: what is removed meanwhile is there from the first time, what is added from the second.
        _add_files(home.folder / ATTACHMENTS, scratch / ATTACHMENTS)
        without = [f"--exclude-table-data={table}" for table in _PASSING]
        server.run("pg_dump", "--format=custom", *without, f"--file={scratch / DUMP}")
        _add_files(home.folder / ATTACHMENTS, scratch / ATTACHMENTS)
        models = home.folder / MODELS
        if models.is_dir():
            shutil.copytree(models, scratch / MODELS, ignore=shutil.ignore_patterns(".*"))
        files = {
            str(path.relative_to(scratch)): _digest(path)
            for path in sorted(scratch.rglob("*"))
            if path.is_file()
        }
        with psycopg.connect(server.address()) as connection:
            version = connection.info.server_version // 10000
        manifest = {"format": FORMAT, "foresail": __version__, "postgresql": version, "files": files}
        (scratch / MANIFEST).write_text(json.dumps(manifest, indent=1))
        made = scratch / "backup.tar"
        with tarfile.open(made, "w") as tar:
            for name in (MANIFEST, *files):
                tar.add(scratch / name, arcname=name)
        made.chmod(0o600)
        made.rename(file)


def restore(*, home: Home, file: Path, replace: bool) -> None:
    """Put what `file` holds in the place of the database and the models. Nothing else may be running.

    Raises BackupUnusable where the file is no backup or damaged, of a newer Foresail or PostgreSQL, or where
    there is data already and `replace` is not said.
    """
    server = Server.of_environment()
    home.prepare()
    with _scratch(home.folder) as scratch:
        _unpack(file, scratch)
        with psycopg.connect(server.address()) as connection:
            if not replace and _holds_data(connection):
                raise BackupUnusable("restore.data")
        new, old = f"{server.name}_restoring", f"{server.name}_before"
        with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
            for name in (new, old):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(new)))
            server.load(scratch / DUMP, name=new)
            _put_models(scratch / MODELS, home.folder / MODELS)
            _add_files(scratch / ATTACHMENTS, home.folder / ATTACHMENTS)
            (home.folder / RESTORED).touch()
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            with connection.transaction():
                connection.execute(rename.format(sql.Identifier(server.name), sql.Identifier(old)))
                connection.execute(rename.format(sql.Identifier(new), sql.Identifier(server.name)))
            (home.folder / AUDIT_HEAD).unlink(missing_ok=True)  # it speaks of what was replaced
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))


def _put_models(new: Path, place: Path) -> None:
    """Add the models of the backup to those that are there: a version is never changed, so none is in the way."""
    for version in sorted(new.glob("*/*")):
        target = place / version.relative_to(new)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        version.rename(target)


def _add_files(from_: Path, to: Path) -> None:
    """Copy the files below `from_` that are not below `to` yet; they never change under their names."""
    for path in sorted(from_.glob("*/*")):
        target = to / path.relative_to(from_)
        if target.exists() or path.suffix:  # what is not whole yet has one
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        with suppress(FileNotFoundError):  # removed in this moment
            shutil.copyfile(path, part)
            part.chmod(0o600)
            part.rename(target)


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as tar:
            for member in filter(tarfile.TarInfo.isfile, tar):
                _extract(tar, member, folder)
        manifest = json.loads((folder / MANIFEST).read_text())
        whole = all(_digest(folder / name) == digest for name, digest in manifest["files"].items())
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise BackupUnusable("restore.no_backup", file=file) from error
    if not whole or DUMP not in manifest["files"]:
        raise BackupUnusable("restore.damaged", file=file)
    if manifest["format"] != FORMAT:
        raise BackupUnusable("restore.newer", version=manifest["foresail"])


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a file of the archive below `folder`. Raises TarError where its name leads elsewhere.

    Python before 3.11.4 does not look at names by itself.
    """
    target = (folder / member.name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise tarfile.TarError(member.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None, "it is a file"
    with source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)


def _holds_data(connection: psycopg.Connection[Any]) -> bool:
    """Whether anybody works with this database yet."""
    if connection.execute("SELECT to_regclass('people_user')").fetchone() == (None,):
        return False
    return connection.execute("SELECT 1 FROM people_user LIMIT 1").fetchone() is not None


def _program(name: str) -> str:
    """Return one of PostgreSQL's programs: our own, or the system's where there is none of ours."""
    try:
        return str(tool(name))
    except ClusterUnusable:
        found = shutil.which(name)
        if found is None:
            raise BackupUnusable("backup.no_program", program=name) from None
        return found


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """Raise BackupUnusable where `file` cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise BackupUnusable("backup.unwritable", file=file, why=error.strerror) from error


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A folder on the same disk that only its owner can read."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
