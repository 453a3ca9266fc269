-- People: users of customers, and links that let somebody in once.
CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    email TEXT NOT NULL,
    -- The address as it is compared; of somebody who was removed the id, so that the address is free again.
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    password_hash TEXT,
    failures BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0,
    last_login_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX person_customer ON person (customer_id, id);

-- Links for an invitation or a new password. The link is the id with a keyed digest: what stands here opens nothing.
CREATE TABLE access_link (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customer (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    purpose TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX access_link_person ON access_link (person_id);
CREATE INDEX access_link_customer ON access_link (customer_id);

ALTER TABLE session ADD COLUMN person_id TEXT REFERENCES person (id);
CREATE INDEX session_person ON session (person_id);
-- The link that a mail is about; it is filled in when the mail is sent.
ALTER TABLE mail ADD COLUMN access_link_id TEXT;
-- Who may do what with the access code as soon as an owner is named; without one nobody signs in with it.
ALTER TABLE customer ADD COLUMN code_role TEXT DEFAULT 'member';
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON person USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id));
ALTER TABLE access_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_link FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON access_link USING (mvai_sees(customer_id)) WITH CHECK (mvai_sees(customer_id));
