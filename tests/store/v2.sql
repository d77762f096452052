-- The two databases of an ARES home, as the newest version of ARES makes them. Older ones reach the same
-- form through src/ares/store/migrations. Times are UTC, ISO 8601 with microseconds; columns called JSON
-- hold canonical JSON text.

-- database: ares.db

-- One row for each installed version of a module; at most one of a name is active.
CREATE TABLE modules (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    type TEXT NOT NULL,
    version TEXT NOT NULL,
    entry_point TEXT NOT NULL,
    main_function TEXT NOT NULL DEFAULT '',
    config_path TEXT NOT NULL DEFAULT '',
    installed_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    auto_start INTEGER NOT NULL DEFAULT 0 CHECK (auto_start IN (0, 1)),
    description TEXT NOT NULL DEFAULT '',
    author TEXT NOT NULL DEFAULT '',
    license TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1)),
    isolation TEXT NOT NULL DEFAULT 'process',
    source TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    configuration TEXT NOT NULL DEFAULT '{}',
    UNIQUE (name, version)
) STRICT;

CREATE INDEX idx_modules_name ON modules (name);
CREATE INDEX idx_modules_type ON modules (type);
CREATE INDEX idx_modules_enabled ON modules (enabled);
CREATE UNIQUE INDEX idx_modules_active ON modules (name) WHERE active = 1;

-- What each version of a module can do. The schemas, undo and examples are JSON.
CREATE TABLE capabilities (
    id INTEGER PRIMARY KEY,
    module_id INTEGER NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    capability TEXT NOT NULL,
    description TEXT NOT NULL,
    input_schema TEXT NOT NULL,
    output_schema TEXT NOT NULL,
    effect TEXT NOT NULL,
    reversible INTEGER NOT NULL CHECK (reversible IN (0, 1)),
    destructive INTEGER NOT NULL CHECK (destructive IN (0, 1)),
    outward INTEGER NOT NULL CHECK (outward IN (0, 1)),
    self_affecting INTEGER NOT NULL CHECK (self_affecting IN (0, 1)),
    keep INTEGER NOT NULL CHECK (keep IN (0, 1)),
    verify INTEGER NOT NULL CHECK (verify IN (0, 1)),
    offered INTEGER NOT NULL CHECK (offered IN (0, 1)),
    undo TEXT,
    summary TEXT NOT NULL DEFAULT '',
    examples TEXT NOT NULL DEFAULT '[]',
    UNIQUE (module_id, capability)
) STRICT;

CREATE INDEX idx_capabilities_module ON capabilities (module_id);
CREATE INDEX idx_capabilities_name ON capabilities (capability);

-- The words of each capability by their stem; rowid is capabilities.id.
CREATE VIRTUAL TABLE capability_words USING fts5 (
    name, description, examples, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '3'
);

-- Every word ever indexed under itself and under each spelling of it that lacks one letter: two words that
-- are one typing error apart have such a spelling in common.
CREATE TABLE spellings (
    variant TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (variant, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE dependencies (
    id INTEGER PRIMARY KEY,
    module_id INTEGER NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    dependency_type TEXT NOT NULL CHECK (dependency_type IN ('python', 'system', 'module', 'api')),
    dependency_name TEXT NOT NULL,
    version_constraint TEXT NOT NULL DEFAULT '',
    required INTEGER NOT NULL DEFAULT 1 CHECK (required IN (0, 1)),
    detail TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE INDEX idx_dependencies_module ON dependencies (module_id);

-- Exactly one row for each row of modules, made together with it.
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

-- Overrides of settings, value as JSON. module_id NULL: a setting of ARES itself.
CREATE TABLE configurations (
    id INTEGER PRIMARY KEY,
    module_id INTEGER REFERENCES modules (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (module_id, key)
) STRICT;

CREATE UNIQUE INDEX idx_configurations_own ON configurations (key) WHERE module_id IS NULL;

CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1))
) STRICT;

CREATE UNIQUE INDEX idx_models_active ON models (active) WHERE active = 1;

-- What was worked out of files and can be worked out again; stamp tells whether it is still good. Area ledger: the
-- number of the last record whose change is in this database, or is on record as not done.
CREATE TABLE cache (
    area TEXT NOT NULL,
    key TEXT NOT NULL,
    stamp TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (area, key)
) STRICT;

-- database: ledger.db

-- The chain. header is canonical JSON, hash its SHA-256; every other column says again what the header
-- says, so that it can be looked up, and is held against it when the ledger is verified.
CREATE TABLE records (
    seq INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    ref TEXT NOT NULL,
    capability TEXT,
    status TEXT,
    event TEXT,
    undoes TEXT,
    erases INTEGER,
    undoable INTEGER,
    header BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE INDEX idx_events_module ON records (ref, kind);
CREATE INDEX idx_events_type ON records (event) WHERE event IS NOT NULL;
CREATE INDEX idx_events_timestamp ON records (time) WHERE kind = 'event';
CREATE INDEX idx_records_capability ON records (capability, kind, status) WHERE kind = 'outcome';
CREATE INDEX idx_records_undoable ON records (seq) WHERE undoable = 1;
CREATE INDEX idx_records_undoes ON records (undoes) WHERE undoes IS NOT NULL;

-- What each record says. Both columns are NULL once it was erased.
CREATE TABLE payloads (
    seq INTEGER PRIMARY KEY REFERENCES records (seq),
    salt BLOB,
    body BLOB
) STRICT;

-- Actions with an intent and no outcome yet; follows from records, and is held against them.
CREATE TABLE unfinished (
    action_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL REFERENCES records (seq)
) STRICT;

-- Times here are seconds since the epoch.
CREATE TABLE grants (
    nonce TEXT PRIMARY KEY,
    action_id TEXT NOT NULL,
    binds TEXT NOT NULL,
    issued REAL NOT NULL,
    expires REAL NOT NULL,
    used_at REAL,
    claimed_at REAL
) STRICT;

CREATE VIEW events AS
SELECT
    records.seq AS id,
    records.ref AS module_id,
    records.ref AS module,
    records.event AS event_type,
    CAST(payloads.body AS TEXT) AS event_data,
    records.time AS timestamp
FROM records LEFT JOIN payloads ON payloads.seq = records.seq
WHERE records.kind = 'event';
