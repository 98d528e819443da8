"""The backtest: how a forecast is judged, and by what."""

from foresail.science.backtest.backtest import Backtest, backtest

__all__ = ["Backtest", "backtest"]
