-- API-08: web sites whose pages may use a key, a JSON list of origins.
ALTER TABLE api_key ADD COLUMN origins TEXT NOT NULL DEFAULT '[]';
