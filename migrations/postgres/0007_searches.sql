-- Searches: what was looked for, and what is looked for again and again.
CREATE TABLE search_log (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    actor TEXT NOT NULL,
    query TEXT NOT NULL,
    occurred_from BIGINT,
    occurred_to BIGINT,
    times BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    hits_capped BOOLEAN NOT NULL,
    duration_ms BIGINT NOT NULL,
    searched_at BIGINT NOT NULL
);
CREATE INDEX search_log_customer ON search_log (customer_id, searched_at);
CREATE INDEX search_log_age ON search_log (searched_at);

CREATE TABLE saved_search (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    query TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (customer_id, owner, name_key)
);

ALTER TABLE customer ADD COLUMN search_history BOOLEAN NOT NULL DEFAULT TRUE;

DO $$
DECLARE name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['search_log', 'saved_search'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id))', name);
    END LOOP;
END $$;
