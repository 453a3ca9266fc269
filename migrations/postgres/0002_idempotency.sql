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
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id));

-- A policy on a partitioned table does not hold for a partition that is named directly.
DO $$
DECLARE
    part TEXT;
BEGIN
    FOR part IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent IN ('log'::regclass, 'log_words'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY tenant ON %s USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id))', part);
    END LOOP;
END $$;
