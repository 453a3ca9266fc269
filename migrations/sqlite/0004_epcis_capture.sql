-- Capture jobs of EPCIS: what became of each document. The events themselves are logs.
CREATE TABLE epcis_capture (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    test BOOLEAN NOT NULL,
    behaviour TEXT NOT NULL,
    errors TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX epcis_capture_customer ON epcis_capture (customer_id, test, id);
CREATE INDEX epcis_capture_age ON epcis_capture (finished_at);
