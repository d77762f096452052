"""Version 2: the status of a module tells how healthy it is and how often it was restarted."""

from __future__ import annotations

from typing import Final

REGISTRY: Final = """
ALTER TABLE status RENAME TO status_before;
DROP INDEX idx_status_module;
DROP INDEX idx_status_state;

CREATE TABLE status (
    id INTEGER PRIMARY KEY,
    module_id INTEGER NOT NULL UNIQUE REFERENCES modules (id) ON DELETE CASCADE,
    state TEXT NOT NULL DEFAULT 'stopped'
        CHECK (state IN ('stopped', 'starting', 'running', 'error', 'crashed')),
    process_id INTEGER,
    started_at TEXT,
    stopped_at TEXT,
    last_health_check TEXT,
    health_status TEXT CHECK (health_status IN ('healthy', 'degraded', 'unhealthy')),
    error_message TEXT NOT NULL DEFAULT '',
    restart_count INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX idx_status_module ON status (module_id);
CREATE INDEX idx_status_state ON status (state);

INSERT INTO status (id, module_id, state, process_id, started_at, stopped_at, error_message)
SELECT id, module_id, state, process_id, started_at, stopped_at, error_message FROM status_before;

DROP TABLE status_before;
"""

LEDGER: Final = ""
