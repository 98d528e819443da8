"""The web app: its built files, and its first page for every address that is the app's own."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from foresail.site.problems import no_address

INDEX: Final = "index.html"
ASSETS: Final = "assets/"
"""What is below has a hash in its name: what it holds never changes."""
FOREVER: Final = "public, max-age=31536000, immutable"
SMALLEST: Final = 1024
"""Bytes below which compressing saves no packet."""
_TEXTS: Final = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
_TYPES: Final = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_UNBUILT: Final = (
    "网页界面还没有构建，接口可以正常使用。安装发行包，或按 README 在源代码目录里构建网页界面后再打开此页。\n"
    "The web app has not been built; the API works. Install a release, or build the web app from its sources "
    "as the README says, then open this page again.\n"
)


@dataclass(frozen=True)
class Asset:
    """A built file, read when first asked for and kept: all of them together are a few megabytes."""

    path: Path
    name: str

    @cached_property
    def plain(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.plain).hexdigest()[:32]}"'

    @cached_property
    def kind(self) -> str:
        """The media type. Said here where a system's own list may say otherwise."""
        known = _TYPES.get(self.path.suffix) or mimetypes.guess_type(self.name)[0]
        return known or "application/octet-stream"

    @cached_property
    def encodings(self) -> dict[str, bytes]:
        """What can be sent instead of the plain file, best first."""
        found = {
            encoding: sibling.read_bytes()
            for encoding, ending in (("br", ".br"), ("gzip", ".gz"))
            if (sibling := self.path.with_name(self.path.name + ending)).is_file()
        }
        if "gzip" not in found and len(self.plain) >= SMALLEST and self.kind.startswith(_TEXTS):
            found["gzip"] = gzip.compress(self.plain, mtime=0)
        return found


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer with the file at `path`, else with the app's first page: it knows its own addresses."""
    files = _files(settings.WEB_FOLDER)
    if INDEX not in files:
        return HttpResponse(_UNBUILT, status=503, content_type="text/plain; charset=utf-8")
    asset = files.get(path)
    if asset is None:
        if path.startswith(ASSETS) or "." in path.rpartition("/")[2]:
            return no_address(request)
        asset = files[INDEX]
    return answer(request, asset)


def answer(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    """Answer with `asset`, compressed as the browser likes it, or say that it has it already."""
    accepted = _accepted(request.headers.get("Accept-Encoding", ""))
    encoding = next((each for each in asset.encodings if each in accepted), None)
    text = "; charset=utf-8" if asset.kind.startswith(_TEXTS) else ""
    response = HttpResponse(
        asset.encodings[encoding] if encoding else asset.plain, content_type=asset.kind + text
    )
    if encoding:
        response["Content-Encoding"] = encoding
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = FOREVER if asset.name.startswith(ASSETS) else "no-cache"
    tag = f'{asset.tag[:-1]}-{encoding}"' if encoding else asset.tag
    response["ETag"] = tag
    conditional = get_conditional_response(request, etag=tag, response=response)
    return conditional if conditional is not None else response


def _accepted(header: str) -> set[str]:
    """Return the encodings that a browser accepts: those named, but for a weight of nought."""
    found = set()
    for part in header.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if weight.strip("0.") or not weight:
            found.add(name)
    return found


def _files(folder: Path) -> dict[str, Asset]:
    """Return the built files by their addresses. A new build of the first page is noticed."""
    try:
        built = (folder / INDEX).stat().st_mtime_ns
    except OSError:
        return {}
    return _listed(folder, built)


@lru_cache(maxsize=1)
def _listed(folder: Path, built: int) -> dict[str, Asset]:
    """List what may be asked for: an address that leads elsewhere is not among it, however it is written."""
    del built
    root = folder.resolve()
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in files if path.resolve().is_relative_to(root))
    return {name: Asset(folder / name, name) for name in names if not name.endswith((".br", ".gz"))}
