-- LOG-16: what was received is sealed day by day; `domain/logs/seals` says what exactly is hashed.
-- Chance that goes into the digest of a log and is forgotten with its content: what is left tells nobody who guesses.
-- Logs from before have none; they are not sealed.
ALTER TABLE log ADD COLUMN salt TEXT;

-- The chain of seals of a customer. `removed_*`: nothing of the day is kept any more but its seal.
CREATE TABLE log_seal (
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    position BIGINT NOT NULL,
    day BIGINT NOT NULL,
    first_number BIGINT NOT NULL,
    total BIGINT NOT NULL,
    root TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    sealed_at BIGINT NOT NULL,
    removed_by TEXT,
    removed_at BIGINT,
    PRIMARY KEY (customer_id, position)
) WITHOUT ROWID;
CREATE INDEX log_seal_numbers ON log_seal (customer_id, first_number);

-- Digests within a day, one for 256 numbers, and the beginnings of the digests of its logs.
CREATE TABLE log_seal_block (
    customer_id BIGINT NOT NULL,
    first_number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    marks TEXT NOT NULL,
    PRIMARY KEY (customer_id, first_number)
) WITHOUT ROWID;

-- Where each chain ends, and up to which day it is sealed.
CREATE TABLE log_seal_head (
    customer_id BIGINT NOT NULL PRIMARY KEY REFERENCES customer (id),
    position BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    day BIGINT NOT NULL,
    through_day BIGINT NOT NULL,
    leased_until BIGINT NOT NULL
) WITHOUT ROWID;

-- Digests of logs whose content is gone or was changed by an erasure.
CREATE TABLE log_leaf (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    day BIGINT,
    cause TEXT NOT NULL,
    digest TEXT NOT NULL,
    now_digest TEXT,
    erasure_id TEXT
);

-- Sealing begins with what is received from now on.
INSERT INTO log_seal_head (customer_id, position, last_number, digest, day, through_day, leased_until)
SELECT customer_id, 0, seq, '', 0, 0, 0 FROM log_book WHERE NOT test AND seq > 0;
