-- Parts of words: which logs of a block have three letters in a row (`domain/logs/parts`). `ids` is a short text of offsets.
CREATE TABLE log_part (
    customer_id BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    block BIGINT NOT NULL,
    gram BIGINT NOT NULL,
    ids TEXT NOT NULL,
    PRIMARY KEY (customer_id, test, block, gram)
) WITHOUT ROWID;

-- Up to which number the logs of a space are in it; later ones are read.
CREATE TABLE log_part_mark (
    customer_id BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (customer_id, test)
) WITHOUT ROWID;
