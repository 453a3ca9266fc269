//! A conversation with the mail server (RFC 5321), step by step, so that it is known how far it got.
//!
//! Every step has its time; a protected way is protected before anything is said, and the certificate is checked.

use std::future::Future;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use secrecy::ExposeSecret;
use shared::mail::MailStage;

use super::letter::one_line;
use crate::config::{Smtp, SmtpTls};

/// Characters of an answer that are kept.
const MAX_ANSWER: usize = 500;
/// Handing a mail over may take this many times the patience of a step.
const CONTENT_PATIENCE: u32 = 4;
/// What mail servers say when an address does not exist (RFC 5321 §4.2.2, RFC 7504).
const NO_SUCH_ADDRESS: [u16; 5] = [521, 550, 551, 553, 556];

/// What the way out needs; made once, as reading certificates takes a while.
#[derive(Clone)]
pub struct Way {
    smtp: Smtp,
    tls: Option<TlsParameters>,
    hello: ClientId,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Way").field("server", &self.smtp.server).finish_non_exhaustive()
    }
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// How far the conversation got.
    pub stage: MailStage,
    /// Whether another attempt would end the same way.
    pub permanent: bool,
    /// Whether the address does not exist.
    pub no_such_address: bool,
    /// What was said.
    pub answer: String,
}

fn shortened(text: &str) -> String {
    one_line(text).chars().take(MAX_ANSWER).collect()
}

/// Whether reaching the server ended in its certificate or its protocol: `rustls` hides that in an error of the socket.
fn is_handshake(error: &Error) -> bool {
    let first = std::error::Error::source(error);
    std::iter::successors(first, |error| error.source())
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::InvalidData)
}

fn refusal(stage: MailStage, error: &Error) -> Refusal {
    let source = std::error::Error::source(error).map(ToString::to_string);
    let code = error.status().map(u16::from);
    let said = match (code, source) {
        (Some(code), Some(words)) => format!("{code} {words}"),
        _ => error.to_string(),
    };
    // RFC 3463: 5.7 is about us, not about the address.
    let about_us = said.split_whitespace().nth(1).is_some_and(|word| word.starts_with("5.7."));
    let stage = if error.is_tls() || (stage == MailStage::Connect && is_handshake(error)) {
        MailStage::Tls
    } else {
        stage
    };
    let mail = matches!(stage, MailStage::Sender | MailStage::Recipient | MailStage::Content);
    Refusal {
        stage,
        permanent: mail && error.is_permanent(),
        no_such_address: stage == MailStage::Recipient
            && !about_us
            && code.is_some_and(|code| NO_SUCH_ADDRESS.contains(&code)),
        answer: shortened(&said),
    }
}

/// One step, within its time.
async fn step<T>(
    stage: MailStage,
    patience: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Refusal> {
    match tokio::time::timeout(patience, work).await {
        Ok(done) => done.map_err(|error| refusal(stage, &error)),
        Err(_) => Err(Refusal {
            stage,
            permanent: false,
            no_such_address: false,
            answer: format!("no answer within {} s", patience.as_secs_f32()),
        }),
    }
}

impl Way {
    /// The way to a mail server. `name` is what we call ourselves.
    ///
    /// # Errors
    /// When a certificate of `SMTP_CA_FILE` cannot be read.
    pub fn new(smtp: &Smtp, name: &str) -> Result<Self, String> {
        let tls = match smtp.tls {
            SmtpTls::None => None,
            SmtpTls::StartTls | SmtpTls::Tls => {
                let mut parameters = TlsParameters::builder(smtp.server.clone());
                if let Some(pem) = &smtp.ca {
                    let authority = Certificate::from_pem(pem).map_err(|error| error.to_string())?;
                    parameters =
                        parameters.certificate_store(CertificateStore::None).add_root_certificate(authority);
                }
                Some(parameters.build().map_err(|error| error.to_string())?)
            }
        };
        let hello = ClientId::Domain(name.to_owned());
        Ok(Self { smtp: smtp.clone(), tls, hello })
    }

    /// Hands a message over, and gives the answer of the server that has taken it.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn deliver(&self, message: &Message) -> Result<String, Refusal> {
        let patience = self.smtp.patience;
        let mut connection = self.connect().await?;
        let mut options = Vec::new();
        let envelope = message.envelope();
        let is_plain = |text: &dyn ToString| text.to_string().is_ascii();
        if !envelope.to().iter().all(|address| is_plain(address)) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Refusal {
                    stage: MailStage::Recipient,
                    permanent: true,
                    no_such_address: false,
                    answer: "the mail server cannot write to this address (no SMTPUTF8)".to_owned(),
                });
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let sender = connection.command(Mail::new(envelope.from().cloned(), options));
        step(MailStage::Sender, patience, sender).await?;
        for recipient in envelope.to() {
            let named = connection.command(Rcpt::new(recipient.clone(), Vec::new()));
            step(MailStage::Recipient, patience, named).await?;
        }
        step(MailStage::Content, patience, connection.command(Data)).await?;
        let bytes = message.formatted();
        let handed: Response =
            step(MailStage::Content, patience * CONTENT_PATIENCE, connection.message(&bytes)).await?;
        // It is taken, whatever becomes of the farewell.
        drop(tokio::time::timeout(Duration::from_secs(2), connection.quit()).await);
        let words: Vec<&str> = handed.message().collect();
        Ok(shortened(&format!("{} {}", handed.code(), words.join(" "))))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Refusal> {
        let Smtp { server, port, patience, tls, .. } = &self.smtp;
        let wrapped = self.tls.clone().filter(|_| *tls == SmtpTls::Tls);
        let first = if wrapped.is_some() { MailStage::Tls } else { MailStage::Connect };
        let reach = AsyncSmtpConnection::connect_tokio1(
            (server.as_str(), *port),
            Some(*patience),
            &self.hello,
            wrapped,
            None,
        );
        // Reaching it, the handshake, its greeting and our own.
        let mut connection =
            step(MailStage::Connect, *patience * 2, reach).await.map_err(|mut refused| {
                if refused.answer.starts_with("no answer") {
                    refused.stage = first;
                }
                refused
            })?;
        if *tls == SmtpTls::StartTls
            && let Some(parameters) = self.tls.clone()
        {
            step(MailStage::Tls, *patience, connection.starttls(parameters, &self.hello)).await?;
        }
        if let Some((name, password)) = &self.smtp.credentials {
            let credentials = Credentials::new(name.clone(), password.expose_secret().to_owned());
            let ways = [Mechanism::Plain, Mechanism::Login];
            step(MailStage::SignIn, *patience, connection.auth(&ways, &credentials)).await?;
        }
        Ok(connection)
    }
}
