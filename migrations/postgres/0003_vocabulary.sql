-- The index of PostgreSQL answers beginnings of words by itself; SQLite gets a table of words here.
SELECT 1;
