-- Answers to requests that carried an `Idempotency-Key`. The key itself is not kept: `digest` is keyed and covers
-- caller, method, path and key; the answer is sealed under a key that only the sender's own key leads to.
CREATE TABLE idempotency (
    digest TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT REFERENCES customer (id),
    fingerprint TEXT NOT NULL,
    claim TEXT NOT NULL,
    answer TEXT,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
