//! The settings as data: names, defaults and meaning. Documentation and `.env.example` are made from this.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Name of the environment variable.
    pub name: &'static str,
    /// Former name that still works.
    pub alias: Option<&'static str>,
    /// Value if nothing is set; empty for none.
    pub default: &'static str,
    /// Values that are accepted.
    pub accepts: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
}

const fn plain(
    name: &'static str,
    default: &'static str,
    accepts: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, alias: None, default, accepts, help, secret: false }
}

const fn secret(name: &'static str, accepts: &'static str, help: &'static str) -> Setting {
    Setting { name, alias: None, default: "", accepts, help, secret: true }
}

/// All settings, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    Setting {
        alias: Some("FLASK_ENV"),
        ..plain(
            "APP_ENV",
            "development",
            "development | production",
            "Production requires real secrets and logs JSON.",
        )
    },
    secret(
        "SECRET_KEY",
        "32 bytes or more",
        "Root of all keys of the installation. Required in production; development makes one in the data directory.",
    ),
    secret(
        "SECRET_KEY_PREVIOUS",
        "comma list",
        "Former secrets, accepted for reading while they are replaced.",
    ),
    secret(
        "ADMIN_PASSWORD",
        "12 characters or more",
        "Password of the first staff member `admin`, used when the database is made. Without it a one-time password is printed once.",
    ),
    plain("BIND", "0.0.0.0", "address", "Address that the server listens on."),
    plain("PORT", "5000", "1 – 65535", "Port that the server listens on."),
    plain(
        "DATABASE_PATH",
        "data/mvai_connexx.db",
        "path",
        "File of the embedded database; its directory is the data directory.",
    ),
    Setting {
        secret: true,
        ..plain("DATABASE_URL", "", "postgres://…", "Selects PostgreSQL and overrides DATABASE_PATH.")
    },
    plain(
        "EXPORT_DIR",
        "",
        "path",
        "Folder of finished exports; `exports` in the data directory if empty. Several servers on one PostgreSQL need one that they share, or a file can be fetched from the server that made it alone.",
    ),
    plain(
        "AUDIT_CHECKPOINTS",
        "",
        "path",
        "File that signed checkpoints of the audit log are added to; `audit-checkpoints.ndjson` in the data directory if empty. On another machine or volume it shows what somebody with the database alone would hide.",
    ),
    plain("AUDIT_MONTHS", "24", "12 – 84", "Months that the audit log is kept."),
    plain(
        "DURABILITY",
        "full",
        "full | relaxed",
        "With `relaxed` a power cut may lose acknowledged writes; refused in production.",
    ),
    plain(
        "PUBLIC_URL",
        "",
        "https://…",
        "Address under which people reach the installation; the only origin that may use its session cookie.",
    ),
    plain("DEFAULT_LANGUAGE", "nl", "nl | en", "Language of new customers and of callers that name none."),
    plain("TIME_ZONE", "Europe/Amsterdam", "IANA name", "Zone of new customers and of the back office."),
    plain(
        "TRUSTED_PROXIES",
        "",
        "comma list of CIDR",
        "Proxies whose X-Forwarded-For is believed; empty for none.",
    ),
    plain(
        "CORS_ORIGINS",
        "",
        "comma list of origins, such as https://www.example.com",
        "Web sites whose pages may use every API key from a browser, beside those that a key lists itself; cookies are never shared.",
    ),
    plain("SESSION_LIFETIME_HOURS", "24", "1 – 168", "Hours after which a session ends, whatever happens."),
    plain(
        "SIGN_IN_FAILURES",
        "5",
        "1 – 1000",
        "Failed sign-ins of one network within ten minutes that close sign-in for it.",
    ),
    plain("SIGN_IN_BLOCK_HOURS", "24", "1 – 8760", "Hours that sign-in stays closed for it."),
    plain(
        "ENABLE_IP_WHITELIST",
        "true",
        "true | false",
        "Whether networks that are trusted (TRUSTED_IPS, and those that staff allows or exempts) are never denied automatically. It lets nobody in and keeps nobody out.",
    ),
    plain(
        "TRUSTED_IPS",
        "",
        "comma list of CIDR",
        "Networks that are never denied, neither automatically nor by staff.",
    ),
    plain(
        "ADMIN_IPS",
        "",
        "comma list of CIDR",
        "The only networks that reach the back office; empty for everywhere.",
    ),
    Setting {
        alias: Some("PRIVATE_NETWORK_MODE"),
        ..plain(
            "NETWORK_MODE",
            "public",
            "public | hybrid | private",
            "`private`: only ALLOWED_NETWORKS reach the server; `hybrid`: only they reach the back office.",
        )
    },
    plain("ALLOWED_NETWORKS", "", "comma list of CIDR", "See NETWORK_MODE."),
    plain(
        "ENABLE_THREAT_DETECTION",
        "true",
        "true | false",
        "Looks at paths, queries and headers for attacks; plain ones without a credential are refused. Never at what is stored.",
    ),
    plain(
        "AUTO_BLACKLIST_THRESHOLD",
        "5",
        "1 – 1000",
        "Requests of one network without a credential that look like attacks, within ten minutes, that have it denied.",
    ),
    plain("BLACKLIST_DURATION_HOURS", "24", "1 – 8760", "Hours that it is denied for them."),
    plain(
        "ENABLE_HONEYPOT",
        "true",
        "true | false",
        "Traps: paths that no honest client visits. Whoever asks for one is denied.",
    ),
    plain(
        "HONEYPOT_PATHS",
        "",
        "comma list of paths",
        "More traps, beside those that the security page lists.",
    ),
    plain("HONEYPOT_BLOCK_HOURS", "168", "1 – 8760", "Hours that whoever walked into a trap is denied."),
    plain(
        "RATELIMIT_ENABLED",
        "true",
        "true | false",
        "Limits on requests by address, key and customer; can be switched off in development only. Monthly quotas always hold.",
    ),
    plain(
        "RATELIMIT_DEFAULT",
        "200 per day;50 per hour",
        "list of `N per second|minute|hour|day`, separated by `;`",
        "How often one address may send a public form. Limits of customers come from their plan.",
    ),
    Setting {
        alias: Some("RATELIMIT_STORAGE_URL"),
        secret: true,
        ..plain(
            "RATE_LIMIT_STORAGE_URL",
            "memory",
            "memory | redis://…",
            "Where several servers share the limits of keys and customers: Redis or Valkey. While it is away, each server limits by itself.",
        )
    },
    plain(
        "DEFAULT_PRICING_TIER",
        "demo",
        "demo | particulier | starter | mkb | professional | enterprise",
        "Plan of new customers.",
    ),
    plain(
        "SMTP_SERVER",
        "",
        "name of a host, or an address",
        "Mail server that takes outgoing mail. Without one, mails stay in the outbox and nothing fails.",
    ),
    plain("SMTP_PORT", "587", "1 – 65535", "Its port; 465 is usual with `tls`."),
    plain("SMTP_USERNAME", "", "text", "User name at the mail server; empty to send without signing in."),
    secret("SMTP_PASSWORD", "text", "Password that belongs to SMTP_USERNAME."),
    plain(
        "SMTP_FROM_EMAIL",
        "",
        "e-mail address",
        "Sender of all mails; required with SMTP_SERVER. The mail server must let this address send.",
    ),
    plain("SMTP_FROM_NAME", "MVAI Connexx", "text on one line", "Name of the sender."),
    plain(
        "SMTP_TLS",
        "starttls",
        "starttls | tls | none",
        "How the way to the mail server is protected; its certificate is checked. `none` is refused in production unless the server is on this machine, and with a password.",
    ),
    plain(
        "SMTP_CA_FILE",
        "",
        "path",
        "Certificates (PEM) of the authority of a private mail server; the public authorities are not believed then.",
    ),
    plain("LOG_LEVEL", "info", "trace | debug | info | warn | error", "Least severe event that is logged."),
    plain("LOG_FORMAT", "", "json | text", "Form of the logs; JSON in production, text in development."),
];
