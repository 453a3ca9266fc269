-- Mail: the outbox. A mail is written in the transaction of its cause; it holds no secret.
CREATE TABLE mail (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT REFERENCES customer (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    -- The export that it is about; its file travels with the mail, or its link is filled in when the mail is sent.
    export_id TEXT,
    file_name TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    answer TEXT,
    lease TEXT,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX mail_due ON mail (state, next_attempt_at);
CREATE INDEX mail_customer ON mail (customer_id, id);
CREATE INDEX mail_recipient ON mail (recipient, state);
-- Who gets the file of an export by mail.
ALTER TABLE export_run ADD COLUMN email_to TEXT;
-- KEY-08: days before its end at which the owner of a key was told last.
ALTER TABLE api_key ADD COLUMN warned_days BIGINT;
ALTER TABLE mail ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mail USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id));
