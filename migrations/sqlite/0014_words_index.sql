-- Nothing to do: SQLite has no row policies that would keep a search from its index (see the other engine).
SELECT 1;
