-- Segments of the word index are merged eight at a time instead of four: 9 instead of 13 microseconds for the words of a
-- log, for a few more segments to look into.
INSERT INTO log_words (log_words, rank) VALUES ('automerge', 8);
