//! What has to stand in a value before rules of a category can find anything: a quick look that spares most values the
//! slow one.

use super::Category::{
    self, Command, Crlf, Jndi, Ldap, NoSql, Prototype, Script, Sql, Ssrf, Template, Traversal, Xxe,
};
use super::canonical::Canonical;

/// Categories that are worth a look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints(u16);

impl Hints {
    const fn add(&mut self, category: Category) {
        self.0 |= 1 << category as u16;
    }

    /// Whether rules of the category may find something.
    pub const fn contains(self, category: Category) -> bool {
        self.0 & 1 << category as u16 != 0
    }
}

/// Whether a value consists of one word or number, which no rule finds anything in.
pub fn is_plain(value: &str) -> bool {
    value.len() <= 64 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Characters and words of categories.
const MARKS: [(Category, &str); 12] = [
    (Sql, "'\"`#@|&*(=<>"),
    (Script, "<>:=(`[+\\&"),
    (Traversal, "/\\%?:"),
    (Command, ";|&`$\n\r(){}<>/=%\"'\\[*^-"),
    (Template, "{<@#"),
    (Jndi, "$:"),
    (Xxe, "<:(%"),
    (NoSql, "$.;&|("),
    (Prototype, "_[.{:"),
    (Crlf, "\r\n\\"),
    (Ldap, ")("),
    (Ssrf, ":./"),
];

/// Words without any of those characters.
const WORDS: [(Category, &[&str]); 3] = [
    (
        Sql,
        &[
            "select",
            "union",
            " or ",
            " and ",
            "order",
            "group",
            "having",
            "--",
            "drop ",
            "truncate ",
            "delete ",
            "update ",
            "alter ",
            "create ",
            "insert ",
            "exec",
            "schema",
            "sys",
            "xp_",
            "sp_",
            "pg_",
            "dbms_",
            "utl_",
            "v$",
            "sqlite",
            "table",
            "users",
            "waitfor",
            "outfile",
            "infile",
            "boolean mode",
            "procedure",
            "bulk",
            "openrow",
            "openquery",
            "shutdown",
            "declare",
            "0x",
            "login",
            "pass",
            "email",
            "uname",
            "user",
            "case ",
            "rename",
            "handler",
            "merge",
            "call ",
            "grant",
            "prepare",
            "master",
            "load_",
            "like",
            "null",
            "source",
            ";",
        ],
    ),
    (
        Command,
        &[
            "cat",
            "sleep",
            "sudo",
            "nohup",
            "time",
            "env",
            "xargs",
            "flock",
            "setarch",
            "watch",
            "busybox",
            "command",
            "exec",
            "eval",
            "if ",
            "if/",
            "for ",
            "set ",
            "goto",
            "bash",
            "whoami",
            "ifconfig",
            "ipconfig",
            "netstat",
            "uname",
            "hostname",
            "wget",
            "curl",
            "ksh",
            "zsh",
            "pwd",
            "chmod",
            "chown",
            "useradd",
            "crontab",
            "nslookup",
            "dig",
            "powershell",
            "perl",
            "python",
            "ruby",
            "php",
            "ssh",
            "ls",
            "rm",
            "id",
            "ps",
            "nc",
            "sh",
            "ping",
            "bin",
            "ansible",
            "chef",
            "dir",
            "type",
        ],
    ),
    (Ssrf, &["interactsh"]),
];

/// What the quick look says of a value.
pub fn hints(value: &str, canonical: &Canonical) -> Hints {
    let mut hints = Hints::default();
    for (category, marks) in MARKS {
        let marked = |text: &str| text.bytes().any(|byte| marks.as_bytes().contains(&byte));
        if marked(&canonical.text) || marked(value) {
            hints.add(category);
        }
    }
    for (category, words) in WORDS {
        if !hints.contains(category) && words.iter().any(|word| canonical.text.contains(word)) {
            hints.add(category);
        }
    }
    hints
}
