-- What protects from outside: security events, decisions about addresses, modes.
CREATE TABLE security_event (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT REFERENCES customer (id),
    at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    outcome TEXT NOT NULL,
    ip_address TEXT NOT NULL,
    network TEXT NOT NULL,
    method TEXT,
    path TEXT,
    client TEXT,
    part TEXT,
    score BIGINT,
    rules TEXT NOT NULL,
    decision_id TEXT,
    request_id TEXT,
    acknowledged_at BIGINT,
    acknowledged_by TEXT
) WITHOUT ROWID;
CREATE INDEX security_event_at ON security_event (at);
CREATE INDEX security_event_network ON security_event (network, id);
CREATE INDEX security_event_customer ON security_event (customer_id);

CREATE TABLE decision (
    id TEXT NOT NULL PRIMARY KEY,
    network TEXT NOT NULL,
    action TEXT NOT NULL,
    scope TEXT NOT NULL,
    reason TEXT NOT NULL,
    origin TEXT NOT NULL,
    -- Ids of events, separated by blanks.
    evidence TEXT NOT NULL,
    simulated BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    -- The instant of its end; the end of time for one without.
    expires_at BIGINT NOT NULL,
    lifted_at BIGINT,
    hits BIGINT NOT NULL,
    last_hit_at BIGINT
) WITHOUT ROWID;
CREATE INDEX decision_end ON decision (expires_at);

-- One row. The version grows with each change, in its transaction: a server that knows it knows all decisions and modes.
CREATE TABLE security_state (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    mode_anonymous TEXT NOT NULL,
    mode_signed_in TEXT NOT NULL
);
INSERT INTO security_state (id, version, mode_anonymous, mode_signed_in) VALUES (1, 1, 'enforce', 'observe');

-- ACC-10: failures in a row at an account, by devices that it does not know, and until when the next of them waits.
ALTER TABLE staff ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN locked_until BIGINT NOT NULL DEFAULT 0;
