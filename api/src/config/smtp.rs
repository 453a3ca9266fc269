//! The settings of outgoing mail.

use std::net::IpAddr;
use std::time::Duration;

use shared::validate::Checks;

use super::read::Reader;
use super::{Smtp, SmtpTls};

/// How long one step of a conversation with the mail server may take.
const PATIENCE: Duration = Duration::from_secs(30);
const MAX_NAME: usize = 120;

/// A name or an address, and nothing around it.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && text.split('.').all(label))
}

/// Whether a server is on this machine.
fn is_local(server: &str) -> bool {
    server.eq_ignore_ascii_case("localhost") || server.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether the text is an e-mail address.
fn is_email(text: &str) -> bool {
    let mut checks = Checks::default();
    checks.email("", text);
    checks.errors.is_empty() && text.is_ascii()
}

/// Reads `SMTP_…`. Every setting is judged, whether there is a server or not.
pub(super) fn read(r: &mut Reader<'_>, production: bool) -> Option<Smtp> {
    let server = r.raw("SMTP_SERVER");
    if let Some(server) = server.as_ref().filter(|server| !is_host(server)) {
        r.refuse("SMTP_SERVER", server);
    }
    let port = r.parse("SMTP_PORT", 587_u16);
    if port == 0 {
        r.refuse("SMTP_PORT", "0");
    }
    let choices = [SmtpTls::StartTls, SmtpTls::Tls, SmtpTls::None].map(|tls| (tls.as_str(), tls));
    let tls = r.choice("SMTP_TLS", &choices, SmtpTls::StartTls);
    let (username, password) = (r.raw("SMTP_USERNAME"), r.raw("SMTP_PASSWORD"));
    if username.is_none() && password.is_some() {
        r.fail("SMTP_PASSWORD", "belongs to no SMTP_USERNAME; set both or none".to_owned());
    }
    if username.is_some() && password.is_none() {
        r.fail("SMTP_USERNAME", "has no SMTP_PASSWORD; set both or none".to_owned());
    }
    if let Some(server) = &server
        && tls == SmtpTls::None
        && !is_local(server)
        && (production || password.is_some())
    {
        r.fail(
            "SMTP_TLS",
            "none would show mails and passwords to the network; use starttls or tls".to_owned(),
        );
    }
    let from_email = r.raw("SMTP_FROM_EMAIL");
    match &from_email {
        Some(email) if !is_email(email) => r.refuse("SMTP_FROM_EMAIL", email),
        None if server.is_some() => {
            r.fail(
                "SMTP_FROM_EMAIL",
                "is missing; mails need a sender that the mail server accepts".to_owned(),
            );
        }
        _ => {}
    }
    let from_name = r.text("SMTP_FROM_NAME");
    if from_name.chars().count() > MAX_NAME || from_name.chars().any(char::is_control) {
        r.refuse("SMTP_FROM_NAME", &from_name.escape_debug().to_string());
    }
    let ca = r.raw("SMTP_CA_FILE").and_then(|path| match std::fs::read(&path) {
        Ok(pem) => Some(pem),
        Err(error) => {
            r.fail("SMTP_CA_FILE", format!("cannot be read ({error}); name a file of certificates in PEM"));
            None
        }
    });
    Some(Smtp {
        server: server?,
        port,
        credentials: username.zip(password).map(|(name, password)| (name, password.into())),
        from_email: from_email?,
        from_name,
        tls,
        ca,
        patience: PATIENCE,
    })
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, SmtpTls, Vars};

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let vars: Vars =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::read(&vars).map_err(|problems| problems.into_iter().map(|problem| problem.name).collect())
    }

    /// MAIL-01, MAIL-02, OPS-05: no server is fine; a server needs a sender; what is not said is protected.
    #[test]
    fn a_server_is_read() {
        assert!(read(&[]).unwrap().smtp.is_none());
        let from = ("SMTP_FROM_EMAIL", "noreply@mvai.example");
        let smtp = read(&[("SMTP_SERVER", "mail.example"), from]).unwrap().smtp.unwrap();
        assert_eq!((smtp.server.as_str(), smtp.port, smtp.tls), ("mail.example", 587, SmtpTls::StartTls));
        assert_eq!(
            (smtp.from_email.as_str(), smtp.from_name.as_str()),
            ("noreply@mvai.example", "MVAI Connexx")
        );
        assert!(smtp.credentials.is_none());
        assert_eq!(read(&[("SMTP_SERVER", "mail.example")]).unwrap_err(), ["SMTP_FROM_EMAIL"]);
        for server in ["192.0.2.1", "::1", "mail"] {
            assert!(read(&[("SMTP_SERVER", server), from]).is_ok(), "{server}");
        }
        for server in ["a b", "mail.example:25", "https://mail", "mail..example", "a\nb"] {
            assert_eq!(read(&[("SMTP_SERVER", server), from]).unwrap_err(), ["SMTP_SERVER"], "{server}");
        }
    }

    /// MAIL-02: passwords and mails never cross a network in the clear; secrets are masked.
    #[test]
    fn nothing_goes_in_the_clear() {
        let from = ("SMTP_FROM_EMAIL", "noreply@mvai.example");
        let (away, here) = (("SMTP_SERVER", "mail.example"), ("SMTP_SERVER", "127.0.0.1"));
        let (none, user, pass) = (("SMTP_TLS", "none"), ("SMTP_USERNAME", "u"), ("SMTP_PASSWORD", "hunter2"));
        let live = [("APP_ENV", "production"), ("SECRET_KEY", "kJ8s0d9f7g6h5j4k3l2m1n0b9v8c7x6z")];
        assert_eq!(read(&[away, from, none, user, pass]).unwrap_err(), ["SMTP_TLS"]);
        assert_eq!(read(&[away, from, none, live[0], live[1]]).unwrap_err(), ["SMTP_TLS"]);
        assert!(read(&[here, from, none, live[0], live[1]]).is_ok());
        assert!(
            read(&[away, from, user, pass, live[0], live[1]]).unwrap().smtp.unwrap().credentials.is_some()
        );
        assert_eq!(read(&[away, from, user]).unwrap_err(), ["SMTP_USERNAME"]);
        assert_eq!(read(&[away, from, pass]).unwrap_err(), ["SMTP_PASSWORD"]);
        let vars: Vars = [user, pass].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert!(Config::show(&vars).contains("SMTP_PASSWORD=********"));
    }
}
