"""The journeys share what serves and the browser; both end with them, before other tests run."""
