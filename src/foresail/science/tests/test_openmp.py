"""LightGBM must train on a machine without OpenMP, beside scikit-learn, in one process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from foresail.science.openmp import ensure_openmp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="libgomp is Linux's OpenMP")

TRAIN = """
import numpy as np
from lightgbm import LGBMClassifier
x = np.random.default_rng(0).normal(size=(2000, 4))
y = x[:, 0] > 0
print(LGBMClassifier(n_estimators=10, n_jobs=2, verbose=-1).fit(x, y).score(x, y) > 0.95)
"""
TRAIN_SKLEARN = """
from sklearn.ensemble import HistGradientBoostingClassifier
print(HistGradientBoostingClassifier(max_iter=5).fit(x, y).score(x, y) > 0.95)
"""
ENSURE = "from foresail.science.openmp import ensure_openmp\nensure_openmp()\n"
ONLY_DISK = "import os\ndel os.memfd_create\n"


def system_libgomp() -> list[str]:
    """Return where this machine's own libgomp lies, found in a fresh process that has loaded it."""
    code = "import ctypes; ctypes.CDLL('libgomp.so.1'); print(open('/proc/self/maps').read())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    return sorted({line.split(maxsplit=5)[5] for line in run.stdout.splitlines() if "libgomp" in line})


def bundled_libgomp() -> list[str]:
    import sklearn

    return [str(path) for path in Path(sklearn.__file__).parents[1].glob("scikit_learn.libs/libgomp*")]


def run_without(hidden: list[str], code: str) -> subprocess.CompletedProcess[str]:
    """Run `code` where the files `hidden` are empty, in a mount namespace that only this process sees."""
    hide = "".join(f"mount --bind /dev/null '{path}' && " for path in hidden)
    command = [*namespace(), "sh", "-c", hide + 'exec "$0" -c "$1"', sys.executable, code]
    return subprocess.run(command, capture_output=True, check=False, text=True, timeout=120)


def namespace() -> list[str]:
    if unshare := shutil.which("unshare"):
        for options in ["--mount"], ["--mount", "--map-root-user"]:
            if subprocess.run([unshare, *options, "true"], capture_output=True, check=False).returncode == 0:
                return [unshare, *options]
    pytest.skip("this machine does not let its users make mount namespaces, so libgomp cannot be hidden")


def test_hiding_works() -> None:
    hidden = system_libgomp()
    if not hidden:
        pytest.skip("this machine has no libgomp to hide")
    run = run_without(hidden, TRAIN)
    assert run.returncode != 0
    assert "libgomp" in run.stderr


@pytest.mark.parametrize(
    "code",
    [
        ENSURE + TRAIN + TRAIN_SKLEARN,
        "import sklearn.ensemble\n" + ENSURE + TRAIN + TRAIN_SKLEARN + TRAIN,
        ENSURE + ENSURE + TRAIN,
        ONLY_DISK + ENSURE + TRAIN + TRAIN_SKLEARN,
    ],
    ids=["LightGBM first", "scikit-learn first", "twice", "no memory files"],
)
def test_trains_without_the_systems_libgomp(code: str) -> None:
    run = run_without(system_libgomp(), code)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["True"] * run.stdout.count("\n")


def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert run_without(system_libgomp(), ONLY_DISK + ENSURE).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_says_what_to_install_where_there_is_no_copy_either() -> None:
    run = run_without(system_libgomp() + bundled_libgomp(), ENSURE)
    assert run.returncode != 0
    assert "OpenMPMissing: LightGBM needs OpenMP (libgomp.so.1). Install it with: apt-get" in run.stderr


def test_changes_neither_environment_nor_loaded_libraries_where_all_is_well() -> None:
    if not system_libgomp():
        pytest.skip("this machine has no libgomp of its own")
    before = dict(os.environ)
    ensure_openmp()
    assert dict(os.environ) == before
    assert "memfd:libgomp" not in Path("/proc/self/maps").read_text()


def test_lightgbm_is_loaded_without_scikit_learn_which_others_still_find() -> None:
    code = (
        "import importlib.util, sys; from foresail.science.openmp import load_lightgbm; "
        "print(load_lightgbm().Booster.__name__, load_lightgbm() is sys.modules['lightgbm'], "
        "any(name.split('.')[0] == 'sklearn' for name in sys.modules), "
        "importlib.util.find_spec('sklearn') is not None)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout.split() == ["Booster", "True", "False", "True"]
