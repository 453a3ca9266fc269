-- Erasing logs: what was asked for and what came of it, which logs are no longer seen, and how long logs are kept.
CREATE TABLE log_erasure (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    test BOOLEAN NOT NULL,
    cause TEXT NOT NULL,
    fields TEXT NOT NULL,
    query TEXT NOT NULL,
    occurred_from BIGINT,
    occurred_to BIGINT,
    up_to BIGINT NOT NULL,
    reason TEXT,
    actor TEXT NOT NULL,
    expected BIGINT NOT NULL,
    done BIGINT NOT NULL,
    position BIGINT NOT NULL,
    state TEXT NOT NULL,
    leased_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    hidden_at BIGINT,
    purged_at BIGINT,
    finished_at BIGINT
) WITHOUT ROWID;
CREATE INDEX log_erasure_customer ON log_erasure (customer_id, id);
CREATE INDEX log_erasure_open ON log_erasure (state) WHERE finished_at IS NULL;

-- Logs that nobody sees any more and that are about to be removed.
CREATE TABLE log_hidden (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL
);

CREATE INDEX log_corrects ON log (customer_id, test, corrects_id) WHERE corrects_id IS NOT NULL;

-- Grows when stored logs change, so that what was computed from them is computed anew.
ALTER TABLE log_book ADD COLUMN edits BIGINT NOT NULL DEFAULT 0;

ALTER TABLE customer ADD COLUMN retention_days BIGINT;
ALTER TABLE customer ADD COLUMN retention_next_days BIGINT;
ALTER TABLE customer ADD COLUMN retention_next_at BIGINT;
ALTER TABLE customer ADD COLUMN retention_ran_at BIGINT;
