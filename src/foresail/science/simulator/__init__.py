"""A simulated sales organisation with a causal story, and the exact truth behind it.

`simulate` draws a company, its deals and what happens in them from one seed; `Simulation.log()` is what
a CRM would know, `Simulation.truth` the planted causes and the exact hidden chances of every deal on
every day. How the hidden course works is told in `chain`.
"""

from foresail.science.simulator.causes import CAUSES, Cause
from foresail.science.simulator.simulation import Simulation, simulate
from foresail.science.simulator.truth import Hidden, Truth

__all__ = ["CAUSES", "Cause", "Hidden", "Simulation", "Truth", "simulate"]
