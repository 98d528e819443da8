"""Where the rooms of Foresail are put together: the `foresail` command, and `make run`."""
