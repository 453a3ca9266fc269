-- Requests of a customer's systems: the latest ones, how long they took, and who still uses a key that is being replaced.
CREATE TABLE api_request (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    id TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    status BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    test BOOLEAN NOT NULL,
    request_id TEXT NOT NULL,
    code TEXT,
    refused TEXT,
    PRIMARY KEY (customer_id, id)
);
CREATE INDEX api_request_age ON api_request (answered_at);

-- Durations by local day, sender (key, or nothing for people), operation and bucket; rows of several servers add up.
CREATE TABLE request_latency (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    day TEXT NOT NULL,
    key_id TEXT NOT NULL,
    route TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    n BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    total_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, day, key_id, route, bucket)
);
CREATE INDEX request_latency_age ON request_latency (day);

CREATE TABLE key_use (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    key_id TEXT NOT NULL,
    ip TEXT NOT NULL,
    client TEXT NOT NULL,
    route TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, key_id, ip, client, route)
);

-- What people and systems used, in counts, by day of the installation's zone.
CREATE TABLE activity_day (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    day TEXT NOT NULL,
    actor TEXT NOT NULL,
    -- Part of the product; empty for requests that are no use of one.
    feature TEXT NOT NULL,
    is_system BOOLEAN NOT NULL,
    requests BIGINT NOT NULL,
    -- Those of them that succeeded.
    actions BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, day, actor, feature)
);
CREATE INDEX activity_day_age ON activity_day (day);

-- What a person did in one session without a pause of half an hour.
CREATE TABLE visit (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    session TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    actions BIGINT NOT NULL,
    PRIMARY KEY (customer_id, session, started_at)
);
CREATE INDEX visit_age ON visit (started_at);

DO $$
DECLARE name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['api_request', 'request_latency', 'key_use', 'activity_day', 'visit'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id))', name);
    END LOOP;
END $$;
