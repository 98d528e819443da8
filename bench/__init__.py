"""What Foresail measures of itself: `make bench`, or `python -m bench [name…]`."""
