-- What a customer says a search and an export save, in minutes; nothing where it does not say.
CREATE TABLE saving_assumption (
    customer_id BIGINT NOT NULL PRIMARY KEY REFERENCES customer (id),
    minutes_per_search BIGINT,
    minutes_per_export BIGINT,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
