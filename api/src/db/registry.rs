//! LEG-09: every stored column, what it holds and how sensitive that is. What customers take with them (`exports::archive`)
//! follows from it; a test compares it with the tables of both databases.

use Content::{Derived, Installation, Machinery, Own};
use Kind::{Flag, Number, Text, Time};
use Sensitivity::{Personal, Plain, Secret};

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A customer's: entrusted by it, or about it.
    Own,
    /// A customer's, and found anew from what is its own: indexes, sums.
    Derived,
    /// Work in progress, of no value afterwards.
    Machinery,
    /// Of the installation, no customer's.
    Installation,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// An instant, unix milliseconds.
    Time,
}

/// How sensitive a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Says nothing about people.
    Plain,
    /// May say something about people.
    Personal,
    /// Lets somebody in, or would help with it; leaves the database never.
    Secret,
}

/// A column: name, what it holds, how sensitive that is.
pub type Column = (&'static str, Kind, Sensitivity);

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What its rows are.
    pub content: Content,
    /// The columns that tell rows of one customer apart, in the order in which rows are read; of tables with own content.
    pub key: &'static [&'static str],
    /// All columns.
    pub columns: &'static [Column],
}

impl Table {
    /// The column with the number of the customer.
    #[must_use]
    pub fn owner(&self) -> &'static str {
        if self.name == "customer" { "id" } else { "customer_id" }
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|(known, ..)| *known == name)
    }
}

/// Tables with content of customers.
pub fn own() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(|table| table.content == Own)
}

/// All tables, but those of the word index, which each database keeps in its own way: their content is derived.
pub const TABLES: &[Table] = &[
    Table {
        name: "access_code",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("digest", Text, Secret),
            ("key_version", Text, Plain),
            ("hint", Text, Plain),
            ("expires_at", Time, Plain),
            ("last_used_at", Time, Plain),
            ("revoked_at", Time, Plain),
            ("created_at", Time, Plain),
        ],
    },
    Table {
        name: "access_link",
        content: Machinery,
        key: &[],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("person_id", Text, Personal),
            ("purpose", Text, Plain),
            ("expires_at", Time, Plain),
            ("used_at", Time, Plain),
            ("created_at", Time, Plain),
        ],
    },
    Table {
        name: "activity_day",
        content: Own,
        key: &["day", "actor", "feature"],
        columns: &[
            ("customer_id", Number, Plain),
            ("day", Text, Plain),
            ("actor", Text, Personal),
            ("feature", Text, Plain),
            ("is_system", Flag, Plain),
            ("requests", Number, Plain),
            ("actions", Number, Plain),
            ("last_at", Time, Plain),
        ],
    },
    Table {
        name: "api_key",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("key_id", Text, Plain),
            ("digest", Text, Secret),
            ("key_version", Text, Plain),
            ("last4", Text, Plain),
            ("name", Text, Plain),
            ("mode", Text, Plain),
            ("scopes", Text, Plain),
            ("cidrs", Text, Plain),
            ("expires_at", Time, Plain),
            ("rotated_from", Text, Plain),
            ("overlap_until", Time, Plain),
            ("revoked_at", Time, Plain),
            ("created_by", Text, Personal),
            ("last_used_at", Time, Plain),
            ("last_used_ip", Text, Personal),
            ("last_used_route", Text, Plain),
            ("usage_count", Number, Plain),
            ("created_at", Time, Plain),
            ("updated_at", Time, Plain),
            ("warned_days", Number, Plain),
            ("origins", Text, Plain),
        ],
    },
    Table {
        name: "api_request",
        content: Own,
        key: &["id"],
        columns: &[
            ("customer_id", Number, Plain),
            ("id", Text, Plain),
            ("answered_at", Time, Plain),
            ("method", Text, Plain),
            ("route", Text, Plain),
            ("status", Number, Plain),
            ("duration_us", Number, Plain),
            ("key_id", Text, Plain),
            ("test", Flag, Plain),
            ("request_id", Text, Plain),
            ("code", Text, Plain),
            ("refused", Text, Plain),
        ],
    },
    Table {
        name: "audit_chain",
        content: Derived,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("number", Number, Plain),
            ("hash", Text, Plain),
            ("mark_number", Number, Plain),
            ("mark_hash", Text, Plain),
            ("mark_at", Time, Plain),
            ("mark_key", Text, Plain),
            ("mark_signature", Text, Plain),
            ("cut_number", Number, Plain),
            ("cut_hash", Text, Plain),
            ("cut_at", Time, Plain),
            ("cut_key", Text, Plain),
            ("cut_signature", Text, Plain),
        ],
    },
    Table {
        name: "audit_event",
        content: Own,
        key: &["number"],
        columns: &[
            ("customer_id", Number, Plain),
            ("number", Number, Plain),
            ("id", Text, Plain),
            ("at", Time, Plain),
            ("actor_kind", Text, Plain),
            ("actor_id", Text, Personal),
            ("impersonator", Text, Personal),
            ("action", Text, Plain),
            ("target", Text, Plain),
            ("outcome", Text, Plain),
            ("request_id", Text, Plain),
            ("changes", Text, Plain),
            ("private_digest", Text, Plain),
            ("key_version", Text, Plain),
            ("prev_hash", Text, Plain),
            ("hash", Text, Plain),
        ],
    },
    // Addresses and texts of staff are among them; owners take theirs out by the audit log itself.
    Table {
        name: "audit_private",
        content: Machinery,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("number", Number, Plain),
            ("salt", Text, Plain),
            ("data", Text, Personal),
        ],
    },
    Table {
        name: "customer",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Number, Plain),
            ("name", Text, Plain),
            ("name_key", Text, Plain),
            ("contact_email", Text, Personal),
            ("company_info", Text, Plain),
            ("vat_number", Text, Plain),
            ("country", Text, Plain),
            ("segment", Text, Plain),
            ("language", Text, Plain),
            ("time_zone", Text, Plain),
            ("plan", Text, Plain),
            ("status", Text, Plain),
            ("status_reason", Text, Personal),
            ("demo", Flag, Plain),
            ("version", Number, Plain),
            ("created_at", Time, Plain),
            ("updated_at", Time, Plain),
            ("retention_days", Number, Plain),
            ("retention_next_days", Number, Plain),
            ("retention_next_at", Time, Plain),
            ("retention_ran_at", Time, Plain),
            ("search_history", Flag, Plain),
            ("retention_kinds", Text, Plain),
            ("retention_totals", Flag, Plain),
            ("code_role", Text, Plain),
        ],
    },
    Table {
        name: "decision",
        content: Installation,
        key: &[],
        columns: &[
            ("id", Text, Plain),
            ("network", Text, Personal),
            ("action", Text, Plain),
            ("scope", Text, Plain),
            ("reason", Text, Personal),
            ("origin", Text, Plain),
            ("evidence", Text, Plain),
            ("simulated", Flag, Plain),
            ("created_at", Time, Plain),
            ("expires_at", Time, Plain),
            ("lifted_at", Time, Plain),
            ("hits", Number, Plain),
            ("last_hit_at", Time, Plain),
        ],
    },
    Table {
        name: "epcis_capture",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("test", Flag, Plain),
            ("behaviour", Text, Plain),
            ("errors", Text, Plain),
            ("created_at", Time, Plain),
            ("finished_at", Time, Plain),
        ],
    },
    Table {
        name: "export_run",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("test", Flag, Plain),
            ("job", Flag, Plain),
            ("state", Text, Plain),
            ("actor", Text, Personal),
            ("role", Text, Plain),
            ("format", Text, Plain),
            ("dialect", Text, Plain),
            ("exact", Flag, Plain),
            ("query", Text, Personal),
            ("occurred_from", Time, Plain),
            ("occurred_to", Time, Plain),
            ("after_id", Number, Plain),
            ("up_to", Number, Plain),
            ("language", Text, Plain),
            ("time_zone", Text, Plain),
            ("file_name", Text, Plain),
            ("rows_total", Number, Plain),
            ("rows_done", Number, Plain),
            ("bytes", Number, Plain),
            ("sha256", Text, Plain),
            ("first_id", Number, Plain),
            ("last_id", Number, Plain),
            ("problem", Text, Plain),
            ("attempts", Number, Plain),
            ("lease", Text, Plain),
            ("lease_until", Time, Plain),
            ("created_at", Time, Plain),
            ("started_at", Time, Plain),
            ("finished_at", Time, Plain),
            ("expires_at", Time, Plain),
            ("email_to", Text, Personal),
        ],
    },
    Table {
        name: "idempotency",
        content: Machinery,
        key: &[],
        columns: &[
            ("digest", Text, Secret),
            ("customer_id", Number, Plain),
            ("fingerprint", Text, Secret),
            ("claim", Text, Secret),
            ("answer", Text, Secret),
            ("started_at", Time, Plain),
            ("expires_at", Time, Plain),
        ],
    },
    Table {
        name: "key_use",
        content: Own,
        key: &["key_id", "ip", "client", "route"],
        columns: &[
            ("customer_id", Number, Plain),
            ("key_id", Text, Plain),
            ("ip", Text, Personal),
            ("client", Text, Personal),
            ("route", Text, Plain),
            ("times", Number, Plain),
            ("last_used_at", Time, Plain),
        ],
    },
    Table {
        name: "log",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Number, Plain),
            ("customer_id", Number, Plain),
            ("test", Flag, Plain),
            ("kind", Text, Plain),
            ("level", Text, Plain),
            ("message", Text, Personal),
            ("data", Text, Personal),
            ("metadata", Text, Personal),
            ("occurred_at", Time, Plain),
            ("received_at", Time, Plain),
            ("source", Text, Plain),
            ("ip_address", Text, Personal),
            ("actor_ref", Text, Personal),
            ("external_id", Text, Personal),
            ("digest", Number, Plain),
            ("corrects_id", Number, Plain),
            ("flags", Text, Plain),
            ("salt", Text, Plain),
        ],
    },
    Table {
        name: "log_book",
        content: Derived,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("test", Flag, Plain),
            ("seq", Number, Plain),
            ("total", Number, Plain),
            ("bytes", Number, Plain),
            ("first_occurred_at", Time, Plain),
            ("last_occurred_at", Time, Plain),
            ("last_received_at", Time, Plain),
            ("edits", Number, Plain),
        ],
    },
    Table {
        name: "log_erasure",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("test", Flag, Plain),
            ("cause", Text, Plain),
            ("fields", Text, Plain),
            ("query", Text, Personal),
            ("occurred_from", Time, Plain),
            ("occurred_to", Time, Plain),
            ("up_to", Number, Plain),
            ("reason", Text, Personal),
            ("actor", Text, Personal),
            ("expected", Number, Plain),
            ("done", Number, Plain),
            ("position", Number, Plain),
            ("state", Text, Plain),
            ("leased_until", Time, Plain),
            ("created_at", Time, Plain),
            ("hidden_at", Time, Plain),
            ("purged_at", Time, Plain),
            ("finished_at", Time, Plain),
            ("kinds", Text, Plain),
        ],
    },
    Table {
        name: "log_hidden",
        content: Machinery,
        key: &[],
        columns: &[("id", Number, Plain), ("customer_id", Number, Plain)],
    },
    Table {
        name: "log_hour",
        content: Derived,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("hour", Number, Plain),
            ("total", Number, Plain),
            ("bytes", Number, Plain),
            ("first_id", Number, Plain),
            ("last_id", Number, Plain),
            ("received", Number, Plain),
        ],
    },
    Table {
        name: "log_hour_kind",
        content: Derived,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("hour", Number, Plain),
            ("kind", Text, Plain),
            ("level", Text, Plain),
            ("total", Number, Plain),
        ],
    },
    Table {
        name: "log_kept",
        content: Own,
        key: &["quarter"],
        columns: &[("customer_id", Number, Plain), ("quarter", Number, Plain), ("total", Number, Plain)],
    },
    Table {
        name: "log_kind",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("name", Text, Plain),
            ("title_nl", Text, Plain),
            ("title_en", Text, Plain),
            ("schema", Text, Plain),
            ("mode", Text, Plain),
            ("limits", Text, Plain),
            ("not_kept", Number, Plain),
            ("version", Number, Plain),
            ("created_at", Time, Plain),
            ("updated_at", Time, Plain),
        ],
    },
    Table {
        name: "log_leaf",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Number, Plain),
            ("customer_id", Number, Plain),
            ("day", Number, Plain),
            ("cause", Text, Plain),
            ("digest", Text, Plain),
            ("now_digest", Text, Plain),
            ("erasure_id", Text, Plain),
        ],
    },
    Table {
        name: "log_part",
        content: Derived,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("test", Flag, Plain),
            ("block", Number, Plain),
            ("gram", Number, Plain),
            ("ids", Text, Plain),
        ],
    },
    Table {
        name: "log_part_mark",
        content: Derived,
        key: &[],
        columns: &[("customer_id", Number, Plain), ("test", Flag, Plain), ("seq", Number, Plain)],
    },
    Table {
        name: "log_seal",
        content: Own,
        key: &["position"],
        columns: &[
            ("customer_id", Number, Plain),
            ("position", Number, Plain),
            ("day", Number, Plain),
            ("first_number", Number, Plain),
            ("total", Number, Plain),
            ("root", Text, Plain),
            ("previous", Text, Plain),
            ("digest", Text, Plain),
            ("sealed_at", Time, Plain),
            ("removed_by", Text, Plain),
            ("removed_at", Time, Plain),
        ],
    },
    Table {
        name: "log_seal_block",
        content: Derived,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("first_number", Number, Plain),
            ("digest", Text, Plain),
            ("marks", Text, Plain),
        ],
    },
    Table {
        name: "log_seal_head",
        content: Derived,
        key: &[],
        columns: &[
            ("customer_id", Number, Plain),
            ("position", Number, Plain),
            ("last_number", Number, Plain),
            ("digest", Text, Plain),
            ("day", Number, Plain),
            ("through_day", Number, Plain),
            ("leased_until", Time, Plain),
        ],
    },
    Table {
        name: "mail",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("kind", Text, Plain),
            ("state", Text, Plain),
            ("recipient", Text, Personal),
            ("language", Text, Plain),
            ("subject", Text, Personal),
            ("body_text", Text, Personal),
            ("body_html", Text, Personal),
            ("export_id", Text, Plain),
            ("file_name", Text, Plain),
            ("attempts", Number, Plain),
            ("next_attempt_at", Time, Plain),
            ("answer", Text, Personal),
            ("lease", Text, Plain),
            ("lease_until", Time, Plain),
            ("created_at", Time, Plain),
            ("sent_at", Time, Plain),
            ("access_link_id", Text, Plain),
        ],
    },
    Table {
        name: "person",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("email", Text, Personal),
            ("email_key", Text, Personal),
            ("name", Text, Personal),
            ("role", Text, Plain),
            ("language", Text, Plain),
            ("state", Text, Plain),
            ("password_hash", Text, Secret),
            ("failures", Number, Plain),
            ("locked_until", Time, Plain),
            ("last_login_at", Time, Plain),
            ("created_at", Time, Plain),
            ("updated_at", Time, Plain),
        ],
    },
    Table {
        name: "quarantine",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("test", Flag, Plain),
            ("kind", Text, Plain),
            ("digest", Text, Plain),
            ("data", Text, Personal),
            ("reading", Text, Personal),
            ("bytes", Number, Plain),
            ("reasons", Text, Personal),
            ("way", Text, Plain),
            ("actor", Text, Personal),
            ("times", Number, Plain),
            ("received_at", Time, Plain),
            ("last_received_at", Time, Plain),
            ("expires_at", Time, Plain),
            ("state", Text, Plain),
            ("log_seq", Number, Plain),
            ("settled_at", Time, Plain),
            ("settled_by", Text, Personal),
        ],
    },
    Table {
        name: "request_latency",
        content: Own,
        key: &["day", "key_id", "route", "bucket"],
        columns: &[
            ("customer_id", Number, Plain),
            ("day", Text, Plain),
            ("key_id", Text, Plain),
            ("route", Text, Plain),
            ("bucket", Number, Plain),
            ("n", Number, Plain),
            ("refused", Number, Plain),
            ("failed", Number, Plain),
            ("total_us", Number, Plain),
        ],
    },
    Table {
        name: "saved_search",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("owner", Text, Personal),
            ("name", Text, Plain),
            ("name_key", Text, Plain),
            ("query", Text, Personal),
            ("shared", Flag, Plain),
            ("version", Number, Plain),
            ("created_at", Time, Plain),
            ("updated_at", Time, Plain),
        ],
    },
    Table {
        name: "saving_assumption",
        content: Own,
        key: &["customer_id"],
        columns: &[
            ("customer_id", Number, Plain),
            ("minutes_per_search", Number, Plain),
            ("minutes_per_export", Number, Plain),
            ("version", Number, Plain),
            ("updated_at", Time, Plain),
        ],
    },
    Table {
        name: "search_log",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("actor", Text, Personal),
            ("query", Text, Personal),
            ("occurred_from", Time, Plain),
            ("occurred_to", Time, Plain),
            ("times", Number, Plain),
            ("hits", Number, Plain),
            ("hits_capped", Flag, Plain),
            ("duration_ms", Number, Plain),
            ("searched_at", Time, Plain),
        ],
    },
    Table {
        name: "security_event",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("at", Time, Plain),
            ("last_at", Time, Plain),
            ("times", Number, Plain),
            ("kind", Text, Plain),
            ("severity", Text, Plain),
            ("outcome", Text, Plain),
            ("ip_address", Text, Personal),
            ("network", Text, Personal),
            ("method", Text, Plain),
            ("path", Text, Personal),
            ("client", Text, Personal),
            ("part", Text, Plain),
            ("score", Number, Plain),
            ("rules", Text, Plain),
            ("decision_id", Text, Plain),
            ("request_id", Text, Plain),
            ("acknowledged_at", Time, Plain),
            ("acknowledged_by", Text, Plain),
        ],
    },
    Table {
        name: "security_state",
        content: Installation,
        key: &[],
        columns: &[
            ("id", Number, Plain),
            ("version", Number, Plain),
            ("mode_anonymous", Text, Plain),
            ("mode_signed_in", Text, Plain),
        ],
    },
    Table {
        name: "session",
        content: Own,
        key: &["id"],
        columns: &[
            ("id", Text, Plain),
            ("customer_id", Number, Plain),
            ("staff_id", Text, Personal),
            ("access_code_id", Text, Plain),
            ("role", Text, Plain),
            ("generation", Number, Plain),
            ("rotated_at", Time, Plain),
            ("ip_address", Text, Personal),
            ("client", Text, Personal),
            ("created_at", Time, Plain),
            ("last_seen_at", Time, Plain),
            ("expires_at", Time, Plain),
            ("revoked_at", Time, Plain),
            ("revoke_reason", Text, Plain),
            ("person_id", Text, Personal),
        ],
    },
    Table {
        name: "setting",
        content: Installation,
        key: &[],
        columns: &[("name", Text, Plain), ("value", Text, Secret), ("updated_at", Time, Plain)],
    },
    Table {
        name: "staff",
        content: Installation,
        key: &[],
        columns: &[
            ("id", Text, Plain),
            ("username", Text, Personal),
            ("username_key", Text, Personal),
            ("role", Text, Plain),
            ("password_hash", Text, Secret),
            ("must_change_password", Flag, Plain),
            ("status", Text, Plain),
            ("last_login_at", Time, Plain),
            ("created_at", Time, Plain),
            ("updated_at", Time, Plain),
            ("failures", Number, Plain),
            ("locked_until", Time, Plain),
        ],
    },
    Table {
        name: "usage_counter",
        content: Own,
        key: &["period", "metric"],
        columns: &[
            ("customer_id", Number, Plain),
            ("period", Text, Plain),
            ("metric", Text, Plain),
            ("value", Number, Plain),
        ],
    },
    Table {
        name: "visit",
        content: Own,
        key: &["session", "started_at"],
        columns: &[
            ("customer_id", Number, Plain),
            ("session", Text, Plain),
            ("started_at", Time, Plain),
            ("ended_at", Time, Plain),
            ("actions", Number, Plain),
        ],
    },
    Table { name: "vocabulary", content: Installation, key: &[], columns: &[("entry", Text, Personal)] },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-08: tables and columns stand once; rows of customers have an owner and a key; what opens doors is secret.
    #[test]
    fn the_register_is_sound() {
        assert!(TABLES.is_sorted_by_key(|table| table.name));
        for table in TABLES {
            let names: std::collections::HashSet<_> = table.columns.iter().map(|(name, ..)| name).collect();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
            if table.content == Own {
                assert!(table.column(table.owner()).is_some(), "{}", table.name);
                assert!(!table.key.is_empty(), "{}", table.name);
                assert!(table.key.iter().all(|name| table.column(name).is_some()), "{}", table.name);
            }
            for (name, _, sensitivity) in table.columns {
                let opens = name.contains("password") || name.contains("secret") || name.contains("token");
                let flag = *name == "must_change_password";
                assert!(!opens || flag || *sensitivity == Secret, "{}.{name}", table.name);
            }
        }
    }
}
