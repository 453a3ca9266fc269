-- Who did what, when, from where. A chain for each customer, and number 0 for the installation. Rows stay when a customer goes.
CREATE TABLE audit_event (
    customer_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    impersonator TEXT,
    action TEXT NOT NULL,
    target TEXT,
    outcome TEXT NOT NULL,
    request_id TEXT,
    changes TEXT NOT NULL,
    -- Digest of what lies in audit_private: that can go without breaking the chain.
    private_digest TEXT,
    key_version TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (customer_id, number)
) WITHOUT ROWID;
CREATE INDEX audit_event_order ON audit_event (customer_id, id);

-- What may be about a person: addresses, programs, texts that people typed. The salt goes with it.
CREATE TABLE audit_private (
    customer_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    salt TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (customer_id, number)
) WITHOUT ROWID;

-- The end of each chain, its newest signed checkpoint (mark), and where what is kept no longer was cut off.
CREATE TABLE audit_chain (
    customer_id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    mark_number BIGINT NOT NULL,
    mark_hash TEXT NOT NULL,
    mark_at BIGINT NOT NULL,
    mark_key TEXT NOT NULL,
    mark_signature TEXT NOT NULL,
    cut_number BIGINT NOT NULL,
    cut_hash TEXT NOT NULL,
    cut_at BIGINT NOT NULL,
    cut_key TEXT NOT NULL,
    cut_signature TEXT NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER audit_event_stays BEFORE UPDATE ON audit_event BEGIN
    SELECT RAISE(ABORT, 'audit_event is append-only');
END;
CREATE TRIGGER audit_event_is_cut BEFORE DELETE ON audit_event
WHEN OLD.number > coalesce((SELECT c.cut_number FROM audit_chain c WHERE c.customer_id = OLD.customer_id), 0) BEGIN
    SELECT RAISE(ABORT, 'audit_event is append-only');
END;
CREATE TRIGGER audit_private_stays BEFORE UPDATE ON audit_private BEGIN
    SELECT RAISE(ABORT, 'audit_private is append-only');
END;
