-- What a customer says a search and an export save, in minutes; nothing where it does not say.
CREATE TABLE saving_assumption (
    customer_id BIGINT NOT NULL PRIMARY KEY REFERENCES customer (id),
    minutes_per_search BIGINT,
    minutes_per_export BIGINT,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

ALTER TABLE saving_assumption ENABLE ROW LEVEL SECURITY;
ALTER TABLE saving_assumption FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON saving_assumption USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id));
