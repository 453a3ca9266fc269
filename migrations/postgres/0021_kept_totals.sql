-- LOG-11: whether a customer keeps totals of logs that retention deletes, and these: logs by the quarter of an hour
-- (unix milliseconds / 900,000) in which they happened.
ALTER TABLE customer ADD COLUMN retention_totals BOOLEAN NOT NULL DEFAULT false;
CREATE TABLE log_kept (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    quarter BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (customer_id, quarter)
);

ALTER TABLE log_kept ENABLE ROW LEVEL SECURITY;
ALTER TABLE log_kept FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON log_kept USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id));
