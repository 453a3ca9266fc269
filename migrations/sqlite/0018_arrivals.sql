-- Logs of all customers in the order in which they arrived, for staff (`domain/logs/across`). Live logs only.
CREATE INDEX log_arrival ON log (received_at, id) WHERE NOT test;
