-- Customers, people, sessions, keys, logs with their word index and roll-ups.

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE customer (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    contact_email TEXT NOT NULL,
    company_info TEXT,
    vat_number TEXT,
    country TEXT NOT NULL,
    segment TEXT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    plan TEXT NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT,
    demo BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE access_code (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    digest TEXT NOT NULL UNIQUE,
    key_version TEXT NOT NULL,
    hint TEXT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX access_code_customer ON access_code (customer_id, created_at);

CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    last_login_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT REFERENCES customer (id),
    staff_id TEXT REFERENCES staff (id),
    access_code_id TEXT REFERENCES access_code (id),
    role TEXT NOT NULL,
    generation BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    ip_address TEXT,
    client TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoke_reason TEXT
);
CREATE INDEX session_customer ON session (customer_id);
CREATE INDEX session_staff ON session (staff_id);

CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    key_id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    key_version TEXT NOT NULL,
    last4 TEXT NOT NULL,
    name TEXT NOT NULL,
    mode TEXT NOT NULL,
    scopes TEXT NOT NULL,
    cidrs TEXT NOT NULL,
    expires_at BIGINT,
    rotated_from TEXT,
    overlap_until BIGINT,
    revoked_at BIGINT,
    created_by TEXT NOT NULL,
    last_used_at BIGINT,
    last_used_ip TEXT,
    last_used_route TEXT,
    usage_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX api_key_customer ON api_key (customer_id, created_at);

-- One row per customer and space (live or test): the counter of log numbers and the totals.
CREATE TABLE log_book (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    test BOOLEAN NOT NULL,
    seq BIGINT NOT NULL,
    total BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_occurred_at BIGINT,
    last_occurred_at BIGINT,
    last_received_at BIGINT,
    PRIMARY KEY (customer_id, test)
);

-- id = customer_id << 40 | test << 39 | seq: a customer's rows lie together, newest last.
CREATE TABLE log (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT,
    data TEXT NOT NULL,
    metadata TEXT,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    ip_address TEXT,
    actor_ref TEXT,
    external_id TEXT,
    digest BIGINT,
    corrects_id BIGINT,
    flags TEXT NOT NULL
);
CREATE UNIQUE INDEX log_external_id ON log (customer_id, test, external_id) WHERE external_id IS NOT NULL;
-- `test` leads, so that no plan takes this index for a range of ids.
CREATE INDEX log_occurred ON log (test, customer_id, occurred_at, id);

-- Words and field tokens of each log. The server folds and splits: a token holds no white space.
CREATE VIRTUAL TABLE log_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none,
    tokenize = "ascii tokenchars ':._-@#'"
);

-- Roll-ups by the hour of occurrence (unix hours, UTC), live logs only.
CREATE TABLE log_hour (
    customer_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    total BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_id BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    PRIMARY KEY (customer_id, hour)
) WITHOUT ROWID;

CREATE TABLE log_hour_kind (
    customer_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (customer_id, hour, kind, level)
) WITHOUT ROWID;

-- Counted use per calendar month in the customer's zone.
CREATE TABLE usage_counter (
    customer_id BIGINT NOT NULL,
    period TEXT NOT NULL,
    metric TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (customer_id, period, metric)
) WITHOUT ROWID;
