//! Everything that the two engines say differently. Each entry has a contract test on both.

/// The engine of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded.
    Sqlite,
    /// Server.
    Postgres,
}

impl Dialect {
    /// 1. Rows of a JSON array bound as `$1`: a table `r` with the column `v`, read by `v ->> 0`, `v ->> 1` … `json_each`
    ///    would write each row as text, and each `->>` read that text again: 13 instead of 5 µs for a log.
    #[must_use]
    pub const fn json_rows(self) -> &'static str {
        match self {
            Self::Sqlite => "(SELECT value AS v FROM jsonb_each($1)) AS r",
            Self::Postgres => "(SELECT v FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e (v)) AS r",
        }
    }

    /// Ends a subquery of JSON rows that is compared with a large table. PostgreSQL guesses badly what `v ->> 0` compares
    /// to behind a row policy, and reads the whole table instead of an index (165 ms instead of 0.2 ms for one external
    /// id among 200,000 logs). Behind this fence the values are computed first and looked up one by one.
    #[must_use]
    pub const fn fence(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " OFFSET 0",
        }
    }

    /// 2. Suffix that locks the rows read, where the engine has more than one writer.
    #[must_use]
    pub const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// 3. Stores word lists: `v ->> 0` customer, `v ->> 1` id, `v ->> 2` words separated by blanks.
    #[must_use]
    pub fn insert_words(self) -> String {
        let rows = self.json_rows();
        match self {
            Self::Sqlite => {
                format!(
                    "INSERT INTO log_words (rowid, words) SELECT CAST(v ->> 1 AS BIGINT), v ->> 2 FROM {rows}"
                )
            }
            Self::Postgres => format!(
                "INSERT INTO log_words (customer_id, id, words) SELECT CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT), \
                 array_to_tsvector(string_to_array(v ->> 2, ' ')) FROM {rows}"
            ),
        }
    }

    /// 4. Ids with certain words in order: `$1` match expression, `$2` customer, `$3` and `$4` ids from and to,
    ///    `$5` how many; logs that are being erased are none of them. PostgreSQL collects the hits first, or it would walk
    ///    the primary key.
    #[must_use]
    pub fn ids_with_words(self, ascending: bool) -> String {
        let order = if ascending { "ASC" } else { "DESC" };
        let seen = |id: &str| format!("NOT EXISTS (SELECT 1 FROM log_hidden x WHERE x.id = {id})");
        match self {
            Self::Sqlite => format!(
                "SELECT rowid AS id FROM log_words WHERE log_words MATCH $1 AND rowid BETWEEN $3 AND $4 \
                 AND $2 > 0 AND {} ORDER BY rowid {order} LIMIT $5",
                seen("log_words.rowid")
            ),
            Self::Postgres => format!(
                "SELECT id FROM (WITH hits AS MATERIALIZED (SELECT id FROM log_words WHERE customer_id = $2 \
                 AND words @@ CAST($1 AS tsquery) AND id BETWEEN $3 AND $4) \
                 SELECT id FROM hits WHERE {} ORDER BY id {order} LIMIT $5) AS found",
                seen("hits.id")
            ),
        }
    }

    /// 5. A condition of the word index that matches a token, or tokens that begin with it.
    #[must_use]
    pub fn word(self, token: &str, prefix: bool) -> String {
        let quoted = match self {
            Self::Sqlite => format!("\"{}\"", token.replace('"', "\"\"")),
            Self::Postgres => format!("'{}'", token.replace('\\', "\\\\").replace('\'', "''")),
        };
        match (self, prefix) {
            (_, false) => quoted,
            (Self::Sqlite, true) => format!("{quoted} *"),
            (Self::Postgres, true) => format!("{quoted}:*"),
        }
    }

    /// 6. Joins conditions of the word index.
    #[must_use]
    pub fn join_words(self, all: bool, parts: &[String]) -> String {
        let glue = match (self, all) {
            (Self::Sqlite, true) => " AND ",
            (Self::Sqlite, false) => " OR ",
            (Self::Postgres, true) => " & ",
            (Self::Postgres, false) => " | ",
        };
        format!("({})", parts.join(glue))
    }

    /// 7. The smaller and the larger of two values.
    #[must_use]
    pub const fn least_greatest(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => ("min", "max"),
            Self::Postgres => ("least", "greatest"),
        }
    }

    /// 8. A statement that fails unless the engine keeps its promises at start.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT sqlite_version() AS text",
            Self::Postgres => "SELECT current_setting('server_version') AS text",
        }
    }

    /// 9. Deletes word lists: `$1` customer, `$2` and `$3` ids from and to (both included). SQLite knows rows by id
    ///    alone, and an id says whose it is.
    #[must_use]
    pub const fn delete_words(self) -> &'static str {
        match self {
            Self::Sqlite => "DELETE FROM log_words WHERE rowid BETWEEN $2 AND $3 AND $1 > 0",
            Self::Postgres => "DELETE FROM log_words WHERE customer_id = $1 AND id BETWEEN $2 AND $3",
        }
    }

    /// 10. Rows of a query as one JSON list of lists, so that a page crosses to us as one value: `columns` of `rows`,
    ///     ordered by `order`.
    #[must_use]
    pub fn page(self, columns: &str, rows: &str, order: &str) -> String {
        match self {
            Self::Sqlite => {
                format!(
                    "SELECT json_group_array(json_array({columns}) ORDER BY {order}) AS page FROM ({rows}) AS l"
                )
            }
            Self::Postgres => format!(
                "SELECT coalesce(json_agg(json_build_array({columns}) ORDER BY {order}), '[]')::text AS page FROM ({rows}) AS l"
            ),
        }
    }

    /// 11. Deletes word lists of the ids in the JSON rows bound as `$1` (`v ->> 0`): `$2` customer.
    #[must_use]
    pub fn delete_words_of(self) -> String {
        let ids = format!("(SELECT CAST(v ->> 0 AS BIGINT) FROM {}{})", self.json_rows(), self.fence());
        match self {
            Self::Sqlite => format!("DELETE FROM log_words WHERE rowid IN {ids} AND $2 > 0"),
            Self::Postgres => format!("DELETE FROM log_words WHERE customer_id = $2 AND id IN {ids}"),
        }
    }

    /// 12. A row as one JSON object: names of columns, and whether they are truth values.
    #[must_use]
    pub fn object(self, columns: &[(&str, bool)]) -> String {
        let member = |(name, flag): &(&str, bool)| match self {
            Self::Sqlite if *flag => {
                format!("'{name}', CASE {name} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END")
            }
            Self::Sqlite | Self::Postgres => format!("'{name}', {name}"),
        };
        let members = columns.iter().map(member).collect::<Vec<_>>().join(", ");
        match self {
            Self::Sqlite => format!("json_object({members})"),
            Self::Postgres => format!("json_build_object({members})::text"),
        }
    }

    /// 13. Ids of all customers with certain words, in no order: `$1` match expression, `$2` how many. Those that are
    ///     being erased and those of test spaces are among them.
    #[must_use]
    pub const fn all_ids_with_words(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT rowid AS id FROM log_words WHERE log_words MATCH $1 LIMIT $2",
            Self::Postgres => "SELECT id FROM log_words WHERE words @@ CAST($1 AS tsquery) LIMIT $2",
        }
    }
}
