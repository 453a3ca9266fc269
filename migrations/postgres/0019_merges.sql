-- The word index of PostgreSQL has no segments to merge.
SELECT 1;
