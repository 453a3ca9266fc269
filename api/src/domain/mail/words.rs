//! What stands in each kind of mail, in Dutch and English. Pure.

use jiff::tz::TimeZone;
use shared::access::Role;
use shared::lang::Lang;
use shared::mail::MailKind;
use shared::time::Millis;

use super::LINK;
use super::letter::{Letter, one_line};
use crate::http::auth::BY_ACCESS_CODE;
use crate::util::zone;

const MONTHS_NL: [&str; 12] =
    ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"];
const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS: i64 = 86_400_000;

/// Who reads a mail.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Language.
    pub lang: Lang,
    /// Zone of times, with its name.
    pub zone: zone::Zone,
    /// Name of the customer; `None` for staff.
    pub customer: Option<String>,
    /// Address of the installation.
    pub address: String,
}

/// A key as a mail shows it.
#[derive(Debug, Clone)]
pub struct KeyFacts {
    /// Name.
    pub name: String,
    /// Beginning and end of the key; never the key itself.
    pub shown: String,
    /// When it ends, if it does.
    pub expires_at: Option<Millis>,
    /// Who did it: `access_code`, `key:…`, `staff:…`.
    pub actor: String,
}

/// What a mail is about.
#[derive(Debug, Clone)]
pub enum Occasion {
    /// A key was made.
    KeyCreated(KeyFacts),
    /// A key was replaced; until when the former one works as well.
    KeyRotated(KeyFacts, Option<Millis>),
    /// A key was revoked.
    KeyRevoked(KeyFacts),
    /// A key ends within so many days.
    KeyExpiring(KeyFacts, i64),
    /// An export is ready.
    ExportReady {
        /// Name of the file.
        file_name: String,
        /// Logs in it.
        rows: i64,
        /// Size of the file.
        bytes: i64,
        /// Whether the file travels with the mail; else the mail has a link.
        attached: bool,
        /// When the file goes.
        expires_at: Millis,
    },
    /// Somebody is invited.
    UserInvite {
        /// Name of who is invited.
        name: String,
        /// The role that waits.
        role: Role,
        /// Until when the link works.
        until: Millis,
    },
    /// Somebody asked for a new password.
    PasswordReset {
        /// Until when the link works.
        until: Millis,
    },
    /// A password was replaced.
    PasswordChanged,
    /// Staff tries the way out.
    Test,
}

impl Occasion {
    /// The kind of mail.
    #[must_use]
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::KeyCreated(_) => MailKind::KeyCreated,
            Self::KeyRotated(..) => MailKind::KeyRotated,
            Self::KeyRevoked(_) => MailKind::KeyRevoked,
            Self::KeyExpiring(..) => MailKind::KeyExpiring,
            Self::ExportReady { .. } => MailKind::ExportReady,
            Self::UserInvite { .. } => MailKind::UserInvite,
            Self::PasswordReset { .. } => MailKind::PasswordReset,
            Self::PasswordChanged => MailKind::PasswordChanged,
            Self::Test => MailKind::Test,
        }
    }

    /// An occasion of a kind with sample data (MAIL-03).
    #[must_use]
    pub fn sample(kind: MailKind, now: Millis) -> Self {
        let key = || KeyFacts {
            name: "Magazijn Venlo".to_owned(),
            shown: "mvai_live_a1B2c3D4…x9Yz".to_owned(),
            expires_at: Some(Millis(now.0 + 30 * DAY_MS)),
            actor: BY_ACCESS_CODE.to_owned(),
        };
        match kind {
            MailKind::KeyCreated => Self::KeyCreated(key()),
            MailKind::KeyRotated => Self::KeyRotated(key(), Some(Millis(now.0 + DAY_MS))),
            MailKind::KeyRevoked => Self::KeyRevoked(key()),
            MailKind::KeyExpiring => Self::KeyExpiring(key(), 30),
            MailKind::ExportReady => Self::ExportReady {
                file_name: "mvai_Van-Dijk-Transport_logs_20261122-1300.csv".to_owned(),
                rows: 48_210,
                bytes: 7_340_032,
                attached: false,
                expires_at: Millis(now.0 + 3 * DAY_MS),
            },
            MailKind::UserInvite => Self::UserInvite {
                name: "Sanne de Wit".to_owned(),
                role: Role::Member,
                until: Millis(now.0 + 3 * DAY_MS),
            },
            MailKind::PasswordReset => Self::PasswordReset { until: Millis(now.0 + 30 * 60_000) },
            MailKind::PasswordChanged => Self::PasswordChanged,
            MailKind::Test => Self::Test,
        }
    }

    /// The mail for a reader.
    #[must_use]
    pub fn write(&self, reader: &Reader) -> Letter {
        let say = |nl: &str, en: &str| reader.say(nl, en);
        let mut letter = match self {
            Self::KeyCreated(key) => Letter {
                subject: say("Nieuwe API-sleutel: {}", "New API key: {}").replace("{}", &key.name),
                paragraphs: vec![reader.lead(
                    "Voor {} is een API-sleutel aangemaakt. De sleutel zelf staat niet in deze e-mail.",
                    "An API key was created for {}. The key itself is not in this e-mail.",
                )],
                facts: reader.key(key),
                closing: vec![say(
                    "Herkent u dit niet? Trek de sleutel dan in; dat werkt meteen.",
                    "Was this not you? Then revoke the key; that works at once.",
                )],
                ..Letter::default()
            },
            Self::KeyRotated(key, until) => Letter {
                subject: say("API-sleutel vervangen: {}", "API key replaced: {}").replace("{}", &key.name),
                paragraphs: vec![
                    reader.lead(
                        "Een API-sleutel van {} is vervangen door een nieuwe.",
                        "An API key of {} was replaced by a new one.",
                    ),
                    match until {
                        Some(at) => say(
                            "De oude sleutel werkt nog tot {}. Zet uw systemen voor die tijd over.",
                            "The old key works until {}. Move your systems to the new one before then.",
                        )
                        .replace("{}", &reader.moment(*at)),
                        None => say("De oude sleutel werkt niet meer.", "The old key no longer works."),
                    },
                ],
                facts: reader.key(key),
                closing: vec![say(
                    "Herkent u dit niet? Trek de nieuwe sleutel dan in.",
                    "Was this not you? Then revoke the new key.",
                )],
                ..Letter::default()
            },
            Self::KeyRevoked(key) => Letter {
                subject: say("API-sleutel ingetrokken: {}", "API key revoked: {}").replace("{}", &key.name),
                paragraphs: vec![
                    reader.lead(
                        "Een API-sleutel van {} is ingetrokken. Verzoeken met deze sleutel worden geweigerd.",
                        "An API key of {} was revoked. Requests with this key are refused.",
                    ),
                    say(
                        "Systemen die de sleutel nog gebruiken, hebben een nieuwe nodig.",
                        "Systems that still use the key need a new one.",
                    ),
                ],
                facts: reader.key(&KeyFacts { expires_at: None, ..key.clone() }),
                ..Letter::default()
            },
            Self::KeyExpiring(key, days) => Letter {
                subject: match days {
                    1 => say("API-sleutel verloopt binnen een dag: {}", "API key expires within a day: {}"),
                    _ => say(
                        "API-sleutel verloopt binnen {days} dagen: {}",
                        "API key expires within {days} days: {}",
                    )
                    .replace("{days}", &days.to_string()),
                }
                .replace("{}", &key.name),
                paragraphs: vec![
                    reader.lead(
                        "Een API-sleutel van {} verloopt binnenkort.",
                        "An API key of {} expires soon.",
                    ),
                    say(
                        "Vervang de sleutel op tijd: de oude blijft dan nog werken zolang u kiest.",
                        "Replace the key in time: the old one keeps working for as long as you choose.",
                    ),
                ],
                facts: reader.key(&KeyFacts { actor: String::new(), ..key.clone() }),
                ..Letter::default()
            },
            Self::ExportReady { file_name, rows, bytes, attached, expires_at } => Letter {
                subject: say("Uw export is klaar", "Your export is ready"),
                paragraphs: vec![if *attached {
                    reader.lead(
                        "De export die voor {} is gevraagd, zit als bijlage bij deze e-mail.",
                        "The export that was asked for {} is attached to this e-mail.",
                    )
                } else {
                    reader.lead(
                        "De export die voor {} is gevraagd, is te groot voor een bijlage. U kunt het bestand ophalen.",
                        "The export that was asked for {} is too large to attach. You can fetch the file.",
                    )
                }],
                facts: vec![
                    (say("Bestand", "File"), file_name.clone()),
                    (say("Aantal logs", "Number of logs"), reader.number(*rows)),
                    (say("Grootte", "Size"), reader.size(*bytes)),
                    (say("Beschikbaar tot", "Available until"), reader.moment(*expires_at)),
                ],
                action: (!attached).then(|| (say("Bestand ophalen", "Fetch the file"), LINK.to_owned())),
                closing: if *attached {
                    Vec::new()
                } else {
                    vec![say(
                        "Wie deze link heeft, kan het bestand ophalen. Stuur deze e-mail niet door. Verwijdert u de export, dan werkt de link niet meer.",
                        "Whoever has this link can fetch the file. Do not forward this e-mail. When you delete the export, the link stops working.",
                    )]
                },
                ..Letter::default()
            },
            Self::UserInvite { name, role, until } => Letter {
                subject: reader.lead("Uitnodiging van {} voor MVAI Connexx", "Invitation from {} to MVAI Connexx"),
                paragraphs: vec![
                    say("Beste {},", "Dear {},").replace("{}", name),
                    reader.lead(
                        "{} nodigt u uit voor MVAI Connexx, waar de organisatie haar logistieke gebeurtenissen vastlegt en terugvindt. Kies een wachtwoord om te beginnen.",
                        "{} invites you to MVAI Connexx, where the organisation records and finds its logistics events. Choose a password to begin.",
                    ),
                ],
                facts: vec![
                    (say("Uw rol", "Your role"), reader.role(*role)),
                    (say("De link werkt tot", "The link works until"), reader.moment(*until)),
                ],
                action: Some((say("Wachtwoord kiezen", "Choose a password"), LINK.to_owned())),
                closing: vec![say(
                    "De link werkt één keer en is voor u persoonlijk: stuur deze e-mail niet door. Kent u de afzender niet? Dan hoeft u niets te doen.",
                    "The link works once and is for you in person: do not forward this e-mail. Do you not know the sender? Then you need not do anything.",
                )],
                ..Letter::default()
            },
            Self::PasswordReset { until } => Letter {
                subject: say("Nieuw wachtwoord kiezen", "Choose a new password"),
                paragraphs: vec![reader.lead(
                    "Iemand vroeg om een nieuw wachtwoord voor uw account bij {}.",
                    "Somebody asked for a new password for your account at {}.",
                )],
                facts: vec![(say("De link werkt tot", "The link works until"), reader.moment(*until))],
                action: Some((say("Nieuw wachtwoord kiezen", "Choose a new password"), LINK.to_owned())),
                closing: vec![say(
                    "Was u dit niet? Dan hoeft u niets te doen: uw wachtwoord blijft zoals het is.",
                    "Was this not you? Then you need not do anything: your password stays as it is.",
                )],
                ..Letter::default()
            },
            Self::PasswordChanged => Letter {
                subject: say("Uw wachtwoord is gewijzigd", "Your password was changed"),
                paragraphs: vec![
                    reader.lead(
                        "Het wachtwoord van uw account bij {} is zojuist gewijzigd. Andere apparaten zijn uitgelogd.",
                        "The password of your account at {} was changed just now. Other devices were signed out.",
                    ),
                ],
                action: Some((say("Nieuw wachtwoord aanvragen", "Ask for a new password"), format!("{}/wachtwoord", reader.address))),
                closing: vec![say(
                    "Was u dit niet? Vraag dan meteen een nieuw wachtwoord aan en meld het de eigenaar van het account.",
                    "Was this not you? Then ask for a new password at once and tell the owner of the account.",
                )],
                ..Letter::default()
            },
            Self::Test => Letter {
                subject: say("Testbericht van MVAI Connexx", "Test message from MVAI Connexx"),
                paragraphs: vec![say(
                    "Deze e-mail is verstuurd om te zien of de mailserver werkt. U hoeft niets te doen.",
                    "This e-mail was sent to see whether the mail server works. You need not do anything.",
                )],
                facts: vec![(say("Installatie", "Installation"), reader.address.clone())],
                ..Letter::default()
            },
        };
        if letter.action.is_none()
            && matches!(
                self.kind(),
                MailKind::KeyCreated | MailKind::KeyRotated | MailKind::KeyRevoked | MailKind::KeyExpiring
            )
        {
            let address = format!("{}/app/sleutels", reader.address);
            letter.action = Some((say("Uw API-sleutels bekijken", "View your API keys"), address));
        }
        letter.footer = match &reader.customer {
            Some(_) => reader.lead(
                "Dit is een servicebericht van MVAI Connexx over het account van {}. U kunt hierop niet antwoorden.",
                "This is a service message from MVAI Connexx about the account of {}. Replies are not read.",
            ),
            None => say(
                "Dit is een servicebericht van MVAI Connexx voor beheerders.",
                "This is a service message from MVAI Connexx for administrators.",
            ),
        };
        letter.subject = one_line(&letter.subject);
        letter
    }
}

impl Reader {
    fn say(&self, nl: &str, en: &str) -> String {
        match self.lang {
            Lang::Nl => nl.to_owned(),
            Lang::En => en.to_owned(),
        }
    }

    /// A sentence with the name of the customer at `{}`.
    fn lead(&self, nl: &str, en: &str) -> String {
        let name = self.customer.clone().unwrap_or_else(|| self.say("uw organisatie", "your organisation"));
        self.say(nl, en).replace("{}", &name)
    }

    fn role(&self, role: Role) -> String {
        match role {
            Role::Owner => self.say("eigenaar", "owner"),
            Role::Viewer => self.say("lezer", "viewer"),
            _ => self.say("medewerker", "member"),
        }
    }

    fn key(&self, key: &KeyFacts) -> Vec<(String, String)> {
        let mut facts = vec![
            (self.say("Naam", "Name"), key.name.clone()),
            (self.say("Sleutel", "Key"), key.shown.clone()),
        ];
        if let Some(at) = key.expires_at {
            facts.push((self.say("Verloopt", "Expires"), self.moment(at)));
        }
        let by = match key.actor.split(':').next() {
            Some("key") => Some(self.say("een API-sleutel", "an API key")),
            Some("staff") => {
                Some(self.say("een beheerder van MVAI Connexx", "an administrator of MVAI Connexx"))
            }
            Some("user") => Some(self.say("een gebruiker van uw account", "a user of your account")),
            Some(BY_ACCESS_CODE) => Some(self.say(
                "iemand die met de toegangscode is aangemeld",
                "somebody signed in with the access code",
            )),
            _ => None,
        };
        facts.extend(by.map(|by| (self.say("Gedaan door", "Done by"), by)));
        facts
    }

    /// I18N-04: `9 mrt 2026 14:05 (Europe/Amsterdam)`.
    fn moment(&self, at: Millis) -> String {
        let local = zone::local(&self.zone.zone, at);
        let months = match self.lang {
            Lang::Nl => MONTHS_NL,
            Lang::En => MONTHS_EN,
        };
        let month = usize::try_from(local.month() - 1).ok().and_then(|at| months.get(at)).unwrap_or(&"");
        format!(
            "{} {month} {} {:02}:{:02} ({})",
            local.day(),
            local.year(),
            local.hour(),
            local.minute(),
            self.zone.name
        )
    }

    /// I18N-04: `1.234` or `1,234`.
    fn number(&self, value: i64) -> String {
        let separator = if self.lang == Lang::Nl { '.' } else { ',' };
        let digits = value.to_string();
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }

    /// I18N-04: `7,3 MB` or `7.3 MB`.
    fn size(&self, bytes: i64) -> String {
        let (unit, size) = match bytes {
            ..1_000 => return format!("{bytes} B"),
            1_000..1_000_000 => ("kB", 1_000),
            _ => ("MB", 1_000_000),
        };
        let tenths = (bytes * 10 + size / 2) / size;
        let comma = if self.lang == Lang::Nl { ',' } else { '.' };
        format!("{}{comma}{} {unit}", self.number(tenths / 10), tenths % 10)
    }
}

/// The zone of readers that have none of their own.
#[must_use]
pub fn zone_of(name: &str) -> zone::Zone {
    zone::Zone { name: name.to_owned(), zone: zone::find(name).unwrap_or(TimeZone::UTC) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(lang: Lang) -> Reader {
        Reader {
            lang,
            zone: zone_of("Europe/Amsterdam"),
            customer: Some("Van Dijk & Zonen".to_owned()),
            address: "https://mvai.example".to_owned(),
        }
    }

    /// MAIL-03, I18N-01: every kind exists in both languages, no text is left open, and none is the same in both.
    #[test]
    fn every_kind_exists_in_both_languages() {
        let now = Millis(1_795_348_800_000);
        for kind in MailKind::ALL {
            let occasion = Occasion::sample(kind, now);
            assert_eq!(occasion.kind(), kind);
            let (nl, en) = (occasion.write(&reader(Lang::Nl)), occasion.write(&reader(Lang::En)));
            assert_ne!(nl.subject, en.subject, "{kind:?}");
            assert_ne!(nl.footer, en.footer, "{kind:?}");
            assert_eq!(nl.paragraphs.len(), en.paragraphs.len(), "{kind:?}");
            for (one, other) in
                nl.paragraphs.iter().chain(&nl.closing).zip(en.paragraphs.iter().chain(&en.closing))
            {
                assert_ne!(one, other, "{kind:?}");
            }
            for letter in [&nl, &en] {
                let text = letter.text();
                assert!(!text.contains('{') && !text.contains('!'), "{kind:?}: {text}");
                assert!(letter.html(Lang::Nl).contains("Van Dijk &amp; Zonen") || kind == MailKind::Test);
            }
        }
    }

    /// I18N-04: dates, numbers and sizes by language.
    #[test]
    fn figures_by_language() {
        let (nl, en) = (reader(Lang::Nl), reader(Lang::En));
        let at = Millis::from_rfc3339("2026-03-09T13:05:00Z").unwrap();
        assert_eq!(nl.moment(at), "9 mrt 2026 14:05 (Europe/Amsterdam)");
        assert_eq!(en.moment(at), "9 Mar 2026 14:05 (Europe/Amsterdam)");
        assert_eq!((nl.number(1_234_567), en.number(1_234)), ("1.234.567".to_owned(), "1,234".to_owned()));
        assert_eq!((nl.number(999), nl.number(0)), ("999".to_owned(), "0".to_owned()));
        assert_eq!((nl.size(7_340_032), en.size(1_500)), ("7,3 MB".to_owned(), "1.5 kB".to_owned()));
        assert_eq!(en.size(12), "12 B");
    }
}
