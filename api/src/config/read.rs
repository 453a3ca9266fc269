//! From variables to settings, with all problems at once.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use secrecy::SecretString;

use super::{Allowance, AppEnv, Config, Durability, LogFormat, NetworkMode, SETTINGS, Storage};
use crate::http::cors::WebOrigin;
use crate::util::zone;

/// Values by name of the variable.
pub type Vars = BTreeMap<String, String>;

/// One reason not to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The variable.
    pub name: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// Secrets that circulate in examples.
const SAMPLE_SECRETS: [&str; 6] = ["changeme", "change-me", "secret", "example", "your-secret", "dev-secret"];
const SAMPLE_PASSWORDS: [&str; 8] = [
    "administrator",
    "changeme1234",
    "password1234",
    "admin1234567",
    "123456789012",
    "welkom123456",
    "wachtwoord12",
    "mvai-connexx",
];

/// Reads the environment, and `.env` in the working directory outside production.
#[must_use]
pub fn environment() -> Vars {
    let env: Vars = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let production =
        ["APP_ENV", "FLASK_ENV"].iter().any(|name| env.get(*name).is_some_and(|v| v == "production"));
    let mut vars = if production { Vars::new() } else { dotenv(Path::new(".env")) };
    vars.extend(env);
    vars
}

/// Reads `NAME=value` lines; comments and blank lines are skipped, quotes around values removed.
fn dotenv(path: &Path) -> Vars {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Vars::new();
    };
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
        .collect()
}

pub(super) struct Reader<'a> {
    vars: &'a Vars,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn raw(&self, name: &str) -> Option<String> {
        let setting = SETTINGS.iter().find(|setting| setting.name == name)?;
        let found = self.vars.get(name).or_else(|| self.vars.get(setting.alias?));
        found.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, name: &str) -> String {
        let default =
            SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.default);
        self.raw(name).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn fail(&mut self, name: &str, detail: String) {
        self.problems.push(Problem { name: name.to_owned(), detail });
    }

    pub(super) fn parse<T: FromStr>(&mut self, name: &str, fallback: T) -> T {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| {
            self.refuse(name, &text);
            fallback
        })
    }

    /// A whole number within bounds.
    fn within(&mut self, name: &str, fallback: u32, bounds: std::ops::RangeInclusive<u32>) -> u32 {
        let value = self.parse(name, fallback);
        if bounds.contains(&value) {
            return value;
        }
        self.refuse(name, &value.to_string());
        fallback
    }

    /// What stands between separators, each read by itself; what cannot be read is refused.
    fn list<T>(&mut self, name: &str, separator: char, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let text = self.text(name);
        let mut all = Vec::new();
        for part in text.split(separator).map(str::trim).filter(|part| !part.is_empty()) {
            match read(part) {
                Some(value) => all.push(value),
                None => self.refuse(name, part),
            }
        }
        all
    }

    pub(super) fn refuse(&mut self, name: &str, value: &str) {
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        let accepts = setting.map_or("", |setting| setting.accepts);
        let shown = if setting.is_some_and(|setting| setting.secret) { "the value" } else { value };
        self.fail(name, format!("{shown} is not accepted; use {accepts}"));
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], fallback: T) -> T {
        let text = self.text(name);
        choices.iter().find(|(word, _)| *word == text).map_or_else(
            || {
                self.refuse(name, &text);
                fallback
            },
            |(_, value)| *value,
        )
    }
}

impl Config {
    /// Reads settings from variables.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn read(vars: &Vars) -> Result<Self, Vec<Problem>> {
        let mut r = Reader { vars, problems: Vec::new() };
        let environments = [("development", AppEnv::Development), ("production", AppEnv::Production)];
        let app_env = r.choice("APP_ENV", &environments, AppEnv::Production);
        let production = app_env == AppEnv::Production;
        let secret_key = r.raw("SECRET_KEY");
        match &secret_key {
            None if production => {
                r.fail("SECRET_KEY", "is missing; make one with `mvai-connexx secret generate`".to_owned())
            }
            Some(key) if key.len() < 32 => r.fail(
                "SECRET_KEY",
                "is shorter than 32 bytes; make one with `mvai-connexx secret generate`".to_owned(),
            ),
            Some(key) if is_sample(key) => r.fail(
                "SECRET_KEY",
                "is a sample value; make one with `mvai-connexx secret generate`".to_owned(),
            ),
            _ => {}
        }
        let admin_password = r.raw("ADMIN_PASSWORD");
        if let Some(password) = &admin_password {
            if password.chars().count() < 12 {
                r.fail("ADMIN_PASSWORD", "is shorter than 12 characters".to_owned());
            } else if SAMPLE_PASSWORDS.contains(&password.to_lowercase().as_str()) {
                r.fail("ADMIN_PASSWORD", "is a common password; choose another".to_owned());
            }
        }
        let storage = match r.raw("DATABASE_URL") {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Storage::Postgres(url.into())
            }
            Some(url) => {
                r.refuse("DATABASE_URL", &url);
                Storage::Postgres(url.into())
            }
            None => Storage::Sqlite(PathBuf::from(r.text("DATABASE_PATH"))),
        };
        let durability = r.choice(
            "DURABILITY",
            &[("full", Durability::Full), ("relaxed", Durability::Relaxed)],
            Durability::Full,
        );
        if production && durability == Durability::Relaxed {
            r.fail(
                "DURABILITY",
                "relaxed loses acknowledged writes on a power cut; production needs full".to_owned(),
            );
        }
        let time_zone = r.text("TIME_ZONE");
        if zone::find(&time_zone).is_none() {
            r.refuse("TIME_ZONE", &time_zone);
        }
        let public_url = r.raw("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url
            && !(url.starts_with("https://") || (!production && url.starts_with("http://")))
        {
            r.refuse("PUBLIC_URL", url);
        }
        let trusted_proxies = r.list("TRUSTED_PROXIES", ',', crate::http::client_ip::parse_net);
        let cors_origins = r.list("CORS_ORIGINS", ',', WebOrigin::parse);
        let audit_months = r.within("AUDIT_MONTHS", 24, 12..=84);
        let session_lifetime_hours = r.within("SESSION_LIFETIME_HOURS", 24, 1..=168);
        let port = r.parse("PORT", 5000_u16);
        if port == 0 {
            r.refuse("PORT", "0");
        }
        let switch = [("true", true), ("1", true), ("false", false), ("0", false)];
        let threat_detection = r.choice("ENABLE_THREAT_DETECTION", &switch, true);
        let network_mode = r.choice(
            "NETWORK_MODE",
            &[
                ("public", NetworkMode::Public),
                ("hybrid", NetworkMode::Hybrid),
                ("private", NetworkMode::Private),
            ],
            NetworkMode::Public,
        );
        let allowed_networks = r.list("ALLOWED_NETWORKS", ',', crate::http::client_ip::parse_net);
        if network_mode != NetworkMode::Public && allowed_networks.is_empty() {
            r.fail("ALLOWED_NETWORKS", "is needed with this NETWORK_MODE, or nobody gets in".to_owned());
        }
        let auto_blacklist_threshold = r.within("AUTO_BLACKLIST_THRESHOLD", 5, 1..=1_000);
        let sign_in_failures = r.within("SIGN_IN_FAILURES", 5, 1..=1_000);
        let sign_in_block_hours = r.within("SIGN_IN_BLOCK_HOURS", 24, 1..=8_760);
        let blacklist_duration_hours = r.within("BLACKLIST_DURATION_HOURS", 24, 1..=8_760);
        let honeypot_block_hours = r.within("HONEYPOT_BLOCK_HOURS", 168, 1..=8_760);
        let ratelimit_enabled = r.choice("RATELIMIT_ENABLED", &switch, true);
        if production && !ratelimit_enabled {
            r.fail("RATELIMIT_ENABLED", "can be false in development only".to_owned());
        }
        let ratelimit_default = r.list("RATELIMIT_DEFAULT", ';', Allowance::parse);
        let rate_limit_storage = Some(r.text("RATE_LIMIT_STORAGE_URL")).filter(|url| url != "memory");
        if let Some(url) = &rate_limit_storage
            && !crate::domain::usage::shared_rates::is_address(url)
        {
            r.refuse("RATE_LIMIT_STORAGE_URL", url);
        }
        let smtp = super::smtp::read(&mut r, production);
        let log_level = r.choice(
            "LOG_LEVEL",
            &["trace", "debug", "info", "warn", "error"].map(|level| (level, level)),
            "info",
        );
        let log_format = match r.raw("LOG_FORMAT").as_deref() {
            Some("json") => LogFormat::Json,
            Some("text") => LogFormat::Text,
            Some(other) => {
                r.refuse("LOG_FORMAT", other);
                LogFormat::Json
            }
            None if production => LogFormat::Json,
            None => LogFormat::Text,
        };
        let config = Self {
            app_env,
            secret_key: secret_key.map(SecretString::from),
            secret_key_previous: r.list("SECRET_KEY_PREVIOUS", ',', |part| Some(SecretString::from(part))),
            admin_password: admin_password.map(SecretString::from),
            bind: r.parse("BIND", std::net::IpAddr::from([0, 0, 0, 0])),
            port,
            storage,
            export_dir: r.raw("EXPORT_DIR").map(PathBuf::from),
            audit_checkpoints: r.raw("AUDIT_CHECKPOINTS").map(PathBuf::from),
            audit_months,
            durability,
            public_url,
            default_language: r.choice(
                "DEFAULT_LANGUAGE",
                &shared::lang::Lang::ALL.map(|lang| (lang.code(), lang)),
                shared::lang::Lang::Nl,
            ),
            time_zone,
            trusted_proxies,
            cors_origins,
            session_lifetime_hours,
            sign_in_failures,
            sign_in_block_hours,
            trust_lists: r.choice("ENABLE_IP_WHITELIST", &switch, true),
            trusted_ips: r.list("TRUSTED_IPS", ',', crate::http::client_ip::parse_net),
            admin_ips: r.list("ADMIN_IPS", ',', crate::http::client_ip::parse_net),
            network_mode,
            allowed_networks,
            threat_detection,
            auto_blacklist_threshold,
            blacklist_duration_hours,
            honeypot: r.choice("ENABLE_HONEYPOT", &switch, true),
            honeypot_paths: r.list("HONEYPOT_PATHS", ',', crate::domain::security::honeypot::parse_own),
            honeypot_block_hours,
            ratelimit_enabled,
            ratelimit_default,
            rate_limit_storage: rate_limit_storage.map(SecretString::from),
            default_plan: r.choice(
                "DEFAULT_PRICING_TIER",
                &shared::tenancy::Plan::ALL.map(|plan| (plan.as_str(), plan)),
                shared::tenancy::Plan::Demo,
            ),
            smtp,
            log_level: log_level.to_owned(),
            log_format,
        };
        if r.problems.is_empty() { Ok(config) } else { Err(r.problems) }
    }

    /// Names that look like ours and mean nothing: probably misspelt.
    #[must_use]
    pub fn unknown_names(vars: &Vars) -> Vec<String> {
        let known: HashSet<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        vars.keys()
            .filter(|name| name.starts_with("MVAI_") && !known.contains(name.as_str()))
            .cloned()
            .collect()
    }

    /// The effective settings, secrets masked, one `NAME=value` a line.
    #[must_use]
    pub fn show(vars: &Vars) -> String {
        let reader = Reader { vars, problems: Vec::new() };
        let mut lines = String::new();
        for setting in SETTINGS {
            let origin = if reader.raw(setting.name).is_some() { "set" } else { "default" };
            let value = match (setting.secret, reader.raw(setting.name)) {
                (true, Some(_)) => "********".to_owned(),
                _ => reader.text(setting.name),
            };
            lines.push_str(&format!("{}={value}  # {origin}\n", setting.name));
        }
        lines
    }
}

fn is_sample(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    SAMPLE_SECRETS.iter().any(|sample| lower.contains(sample))
        || secret.chars().collect::<HashSet<char>>().len() < 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> Vars {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// OPS-05: an empty environment is a working development machine.
    #[test]
    fn defaults_work_in_development() {
        let config = Config::read(&Vars::new()).unwrap();
        assert_eq!((config.port, config.session_lifetime_hours), (5000, 24));
        assert!(matches!(config.storage, Storage::Sqlite(path) if path == Path::new("data/mvai_connexx.db")));
    }

    /// OPS-02, OPS-05: all problems are listed at once, and none of them shows a secret.
    #[test]
    fn all_problems_are_listed() {
        let broken = vars(&[
            ("APP_ENV", "production"),
            ("SECRET_KEY", "changeme-changeme-changeme-changeme"),
            ("ADMIN_PASSWORD", "short"),
            ("PORT", "70000"),
            ("BIND", "nowhere"),
            ("DATABASE_URL", "mysql://user:hunter2@host/db"),
            ("DURABILITY", "relaxed"),
            ("PUBLIC_URL", "http://x.example"),
            ("DEFAULT_LANGUAGE", "de"),
            ("TIME_ZONE", "Mars/Olympus"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, banana"),
            ("CORS_ORIGINS", "https://www.example.com, *"),
            ("SESSION_LIFETIME_HOURS", "169"),
            ("RATELIMIT_ENABLED", "false"),
            ("RATELIMIT_DEFAULT", "50 per hour;many"),
            ("RATE_LIMIT_STORAGE_URL", "memcached://:hunter2@host"),
            ("DEFAULT_PRICING_TIER", "gold"),
            ("SMTP_SERVER", "smtp://mail.example"),
            ("SMTP_PORT", "0"),
            ("SMTP_PASSWORD", "hunter2"),
            ("SMTP_FROM_EMAIL", "nobody"),
            ("SMTP_FROM_NAME", "MVAI\r\nBcc: x@y.example"),
            ("SMTP_TLS", "ssl"),
            ("SMTP_CA_FILE", "/nowhere/ca.pem"),
            ("LOG_LEVEL", "loud"),
            ("LOG_FORMAT", "xml"),
        ]);
        let problems = Config::read(&broken).unwrap_err();
        for name in broken.keys().filter(|name| *name != "APP_ENV") {
            assert!(problems.iter().any(|problem| problem.name == *name), "{name} is not reported");
        }
        assert!(!problems.iter().any(|p| p.detail.contains("hunter2") || p.detail.contains("changeme-")));
    }

    /// OPS-05: production starts with real secrets only.
    #[test]
    fn production_needs_a_secret() {
        assert!(Config::read(&vars(&[("APP_ENV", "production")])).is_err());
        assert!(Config::read(&vars(&[("FLASK_ENV", "production")])).is_err(), "the alias counts");
        let good = vars(&[("APP_ENV", "production"), ("SECRET_KEY", "kJ8s0d9f7g6h5j4k3l2m1n0b9v8c7x6z")]);
        let config = Config::read(&good).unwrap();
        assert_eq!(config.log_format, LogFormat::Json);
        assert!(Config::show(&good).contains("SECRET_KEY=********"));
    }

    /// API-06: limits by address as they were written in an earlier installation.
    #[test]
    fn allowances_are_read() {
        let config = Config::read(&Vars::new()).unwrap();
        assert_eq!(config.ratelimit_default, [Allowance::new(200, 86_400), Allowance::new(50, 3_600)]);
        assert_eq!(config.ratelimit_default, Config::development("x".into()).ratelimit_default);
        assert!(config.rate_limit_storage.is_none());
        let own = vars(&[
            ("RATELIMIT_DEFAULT", "7 per minute; 3/second"),
            ("RATELIMIT_STORAGE_URL", "redis://:hunter2@valkey:6379/1"),
        ]);
        let config = Config::read(&own).unwrap();
        assert_eq!(config.ratelimit_default, [Allowance::new(7, 60), Allowance::new(3, 1)]);
        assert!(config.rate_limit_storage.is_some() && !Config::show(&own).contains("hunter2"));
        for wrong in ["0 per hour", "-1 per hour", "5 per week", "5", "per hour", "99999999999 per day"] {
            assert_eq!(Allowance::parse(wrong), None, "{wrong}");
        }
    }

    /// API-08: the web sites of an installation are read as browsers write them; there are none by default.
    #[test]
    fn web_sites_are_read() {
        assert!(Config::read(&Vars::new()).unwrap().cors_origins.is_empty());
        let own = vars(&[("CORS_ORIGINS", "https://Www.Example.com/, http://localhost:3000")]);
        let origins: Vec<String> =
            Config::read(&own).unwrap().cors_origins.iter().map(ToString::to_string).collect();
        assert_eq!(origins, ["https://www.example.com", "http://localhost:3000"]);
    }

    /// OPS-05: a misspelt name of ours is reported.
    #[test]
    fn unknown_names_are_reported() {
        assert_eq!(Config::unknown_names(&vars(&[("MVAI_PROT", "1"), ("PATH", "/bin")])), ["MVAI_PROT"]);
    }

    /// OPS-05: every setting stands in the example file and in the table.
    #[test]
    fn documentation_names_every_setting() {
        for setting in SETTINGS {
            assert!(super::super::env_example().contains(&format!("#{}=", setting.name)));
            assert!(super::super::markdown().contains(&format!("`{}`", setting.name)));
        }
    }
}
