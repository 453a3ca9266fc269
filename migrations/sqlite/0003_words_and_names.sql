-- Which words there are, so that beginnings of words become whole words (`domain/search/vocabulary.rs`).
CREATE TABLE vocabulary (
    entry TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
-- Words of logs that were stored before are missing: an empty entry says so.
INSERT INTO vocabulary (entry) SELECT '' WHERE EXISTS (SELECT 1 FROM log);
