"""One seed, many independent streams of random numbers, each found by its name.

A new kind of event or attribute takes a new name and leaves every other draw as it was.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of `seed` for `name`: the same on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(name.encode())])))
