"""The backtest: how a forecast is judged, and by what."""

from foresail.science.backtest.backtest import Backtest, backtest
from foresail.science.backtest.report import report_data

__all__ = ["Backtest", "backtest", "report_data"]
