"""OpenMP for LightGBM on machines that do not have it installed.

LightGBM's wheel for Linux needs the system's `libgomp.so.1`, which slim containers leave out.
scikit-learn's wheel carries the same library, renamed; a copy under its old name satisfies LightGBM.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from foresail.science.errors import ScienceError

ONE_THREAD: dict[str, Any] = {"verbose": -1, "num_threads": 1}
"""For every call of LightGBM, with no exception: its number of threads is one variable for the whole
process, and a call that sets another one while a fit runs beside it makes that fit write out of bounds."""

_LIBGOMP = "libgomp.so.1"


class OpenMPMissing(ScienceError):
    """LightGBM cannot start, because the machine has no OpenMP library."""

    code = "openmp_missing"


def ensure_openmp() -> None:
    """Make sure that `import lightgbm` finds OpenMP. Call it right before that import.

    Costs microseconds where the system has the library or an earlier call has loaded it, and
    changes neither the environment nor the installed packages. Raises OpenMPMissing, with the
    command that mends it, where there is no library to be had.
    """
    if sys.platform == "darwin":
        _require_libomp()
    elif sys.platform == "linux" and not _loads(_LIBGOMP):
        _load_bundled_libgomp()


def load_lightgbm() -> ModuleType:
    """Return LightGBM, loaded without scikit-learn, which takes three quarters of the time and which we never use.

    LightGBM imports it for wrappers in its manner, and does without those where it is missing. Where either is
    loaded already, it stays as it is. Raises OpenMPMissing.
    """
    ensure_openmp()
    return _lightgbm()


def _lightgbm() -> ModuleType:
    if "lightgbm" in sys.modules or "sklearn" in sys.modules:
        return importlib.import_module("lightgbm")
    known = cast("dict[str, ModuleType | None]", sys.modules)
    known["sklearn"] = None  # as Python marks what is not to be found
    try:
        return importlib.import_module("lightgbm")
    finally:
        if known.get("sklearn", known) is None:
            known.pop("sklearn", None)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _require_libomp() -> None:
    # A Mac's loader knows a library by its full path, so a copy under another name would not help.
    try:
        _lightgbm()  # only its import tells which folders it looks in
    except OSError as error:
        if "libomp" not in str(error):
            raise
        raise OpenMPMissing("LightGBM needs OpenMP. Install it with: brew install libomp") from error


def _load_bundled_libgomp() -> None:
    bundled = _find_bundled_libgomp()
    if bundled is None or not _load_renamed(bundled):
        raise OpenMPMissing(
            f"LightGBM needs OpenMP ({_LIBGOMP}). Install it with: apt-get install libgomp1"
            " (Debian, Ubuntu), or: dnf install libgomp (Fedora, Red Hat)"
        )


def _find_bundled_libgomp() -> Path | None:
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        return None
    libraries = Path(spec.origin).parents[1] / "scikit_learn.libs"
    return next(iter(sorted(libraries.glob("libgomp-*.so*"))), None)


def _load_renamed(bundled: Path) -> bool:
    """Load a copy of `bundled` as `libgomp.so.1`; False where this machine forbids it.

    The loader takes a library that is already loaded for any later one that asks for its SONAME, and
    the wheel's SONAME is its file name. scikit-learn goes on using the original: two OpenMP runtimes
    side by side, as on every machine that has the system's.
    """
    soname = bundled.name.encode()
    renamed = bundled.read_bytes().replace(soname, _LIBGOMP.encode().ljust(len(soname), b"\0"))
    return _load_from_memory(renamed) or _load_from_disk(renamed)


def _load_from_memory(library: bytes) -> bool:
    # First choice: it leaves no file behind and works where every folder is read-only or noexec.
    if not hasattr(os, "memfd_create"):  # Python built for a C library older than 2.27
        return False
    try:
        descriptor = os.memfd_create(_LIBGOMP)
    except OSError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(library)
        file.flush()
        return _loads(f"/proc/self/fd/{file.fileno()}")


def _load_from_disk(library: bytes) -> bool:
    try:
        with tempfile.TemporaryDirectory() as folder:  # only this user can write there
            path = Path(folder, _LIBGOMP)
            path.write_bytes(library)
            return _loads(str(path))
    except OSError:
        return False
