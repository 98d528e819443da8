"""The mathematics of Foresail as a library: logs and tables in, tables out."""
