-- Times of their own that logs of some kinds are kept, a JSON list; and which kinds an erasure is about if not all.
ALTER TABLE customer ADD COLUMN retention_kinds TEXT NOT NULL DEFAULT '[]';
ALTER TABLE log_erasure ADD COLUMN kinds TEXT;
