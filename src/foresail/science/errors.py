"""What can be wrong with the caller's data or question. Each error says what to do about it."""

from __future__ import annotations


class ScienceError(Exception):
    """Base of every error that a caller can mend. `code` is stable; the message is for people."""

    code = "science_error"


class MappingError(ScienceError):
    """The mapping file is wrong, or does not fit the columns of the data."""

    code = "mapping_invalid"


class ReadError(ScienceError):
    """The data cannot be read at all: absent, damaged, too large, or of an unknown format."""

    code = "data_unreadable"


class TooManyRejects(ScienceError):
    """More rows than allowed could not be read."""

    code = "too_many_rejects"


class LogError(ScienceError):
    """The log can be read but cannot answer the question asked of it."""

    code = "log_unsuitable"


class ModelError(ScienceError):
    """A saved model is damaged, of another version, or not fitted yet."""

    code = "model_unusable"
