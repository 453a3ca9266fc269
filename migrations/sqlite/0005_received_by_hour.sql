-- Logs by the hour in which they were received, beside the hour in which they happened: silence in what is received
-- is a gap, whatever arrives later. A row without logs that happened in its hour has no range of identities.
ALTER TABLE log_hour ADD COLUMN received BIGINT NOT NULL DEFAULT 0;
INSERT INTO log_hour (customer_id, hour, total, bytes, first_id, last_id, received)
SELECT customer_id, received_at / 3600000, 0, 0, 9223372036854775807, 0, COUNT(*) FROM log
WHERE NOT test GROUP BY customer_id, received_at / 3600000
ON CONFLICT (customer_id, hour) DO UPDATE SET received = excluded.received;
