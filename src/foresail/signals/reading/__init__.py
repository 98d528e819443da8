"""What comes in, in the shapes that others send it: CloudEvents, Segment's, and tables. Pure."""

from foresail.signals.reading.cloudevents import read_cloudevent
from foresail.signals.reading.incoming import USER, Incoming, Wrong, fingerprint_of
from foresail.signals.reading.segment import read_segment

__all__ = ["USER", "Incoming", "Wrong", "fingerprint_of", "read_cloudevent", "read_segment"]
