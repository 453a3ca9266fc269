-- Beginnings of words are answered by the index here; SQLite gets a table of words.
-- Names sort by their characters, as on SQLite, and not by the locale that the server happens to have.
ALTER TABLE customer ALTER COLUMN name_key TYPE TEXT COLLATE "C";
ALTER TABLE staff ALTER COLUMN username_key TYPE TEXT COLLATE "C";
