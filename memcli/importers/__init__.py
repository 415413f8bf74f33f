"""One file per format: bytes in, records out, no database.

An importer is a function ``read(data, path) -> Document``; ``choose.py`` decides which one a file
is for. ``memcli/importing.py`` takes what they return into the store.
"""
