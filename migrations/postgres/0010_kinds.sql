-- Kinds of logs: what they are called, what their data must look like, and the lines that did not fit.
CREATE TABLE log_kind (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    name TEXT NOT NULL,
    title_nl TEXT,
    title_en TEXT,
    schema TEXT,
    mode TEXT NOT NULL,
    limits TEXT NOT NULL,
    not_kept BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (customer_id, name)
);

CREATE TABLE quarantine (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    test BOOLEAN NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    data TEXT,
    reading TEXT,
    bytes BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    way TEXT NOT NULL,
    actor TEXT NOT NULL,
    times BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    last_received_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    log_seq BIGINT,
    settled_at BIGINT,
    settled_by TEXT
);
-- The same line again is the same entry, as long as nothing was decided about it.
CREATE UNIQUE INDEX quarantine_same ON quarantine (customer_id, test, digest) WHERE state = 'open';
CREATE INDEX quarantine_customer ON quarantine (customer_id, state, kind, id);
CREATE INDEX quarantine_age ON quarantine (expires_at);

DO $$
DECLARE name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['log_kind', 'quarantine'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id))', name);
    END LOOP;
END $$;
