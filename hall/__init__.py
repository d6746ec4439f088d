"""The hall management server: ingest, store, API, desk and the reference platform."""
