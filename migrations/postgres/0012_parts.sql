-- Parts of words: which logs of a block have three letters in a row (`domain/logs/parts`). `ids` is a short text of offsets.
CREATE TABLE log_part (
    customer_id BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    block BIGINT NOT NULL,
    gram BIGINT NOT NULL,
    ids TEXT NOT NULL,
    PRIMARY KEY (customer_id, test, block, gram)
);

-- Up to which number the logs of a space are in it; later ones are read.
CREATE TABLE log_part_mark (
    customer_id BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (customer_id, test)
);

DO $$
DECLARE name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['log_part', 'log_part_mark'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id))', name);
    END LOOP;
END $$;
