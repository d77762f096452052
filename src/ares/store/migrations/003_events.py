"""Version 3: the view of events says the name of a module once."""

from __future__ import annotations

from typing import Final

REGISTRY: Final = ""

LEDGER: Final = """
DROP VIEW events;

CREATE VIEW events AS
SELECT
    records.seq AS id,
    records.ref AS module_id,
    records.event AS event_type,
    CAST(payloads.body AS TEXT) AS event_data,
    records.time AS timestamp
FROM records LEFT JOIN payloads ON payloads.seq = records.seq
WHERE records.kind = 'event';
"""
