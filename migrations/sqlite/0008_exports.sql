-- Exports: each taking out of logs, whether streamed or made by a job, with what became of it.
CREATE TABLE export_run (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    test BOOLEAN NOT NULL,
    -- Made by a job and kept as a file, or streamed to the caller at once.
    job BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    format TEXT NOT NULL,
    dialect TEXT NOT NULL,
    exact BOOLEAN NOT NULL,
    query TEXT NOT NULL,
    occurred_from BIGINT,
    occurred_to BIGINT,
    after_id BIGINT NOT NULL,
    up_to BIGINT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    file_name TEXT NOT NULL,
    rows_total BIGINT,
    rows_done BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT,
    first_id BIGINT,
    last_id BIGINT,
    problem TEXT,
    attempts BIGINT NOT NULL,
    lease TEXT,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    expires_at BIGINT
) WITHOUT ROWID;
CREATE INDEX export_run_customer ON export_run (customer_id, id);
CREATE INDEX export_run_state ON export_run (state, id);
