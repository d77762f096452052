"""What changes a database of an older schema version into the next, one file a version.

``NNN_name.py`` leads to version NNN. It has two scripts, ``REGISTRY`` and ``LEDGER``, for the two databases;
either may be empty. A fresh database is made from schema.sql instead, and must come out the same.
"""
