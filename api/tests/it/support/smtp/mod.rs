//! A mail server on a socket of this machine, strict about the protocol, that does as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::config::{Smtp, SmtpTls};
use base64::Engine;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The authority that has signed the certificate of the server, which is called `localhost`.
pub const AUTHORITY: &[u8] = include_bytes!("authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("server.pem");
const KEY: &[u8] = include_bytes!("server.key");
/// What the server lets in.
pub const USER: (&str, &str) = ("mvai", "paard batterij nietje");

/// What the server does.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// Offers STARTTLS.
    pub starttls: bool,
    /// Speaks TLS from the first byte.
    pub tls: bool,
    /// Wants a name and a password.
    pub signs_in: bool,
    /// Says this to the greeting of a connection in place of 220.
    pub greeting: Option<&'static str>,
    /// Says this to a sender.
    pub sender: Option<&'static str>,
    /// Says this to a recipient.
    pub recipient: Option<&'static str>,
    /// Says this to a mail.
    pub content: Option<&'static str>,
    /// Says nothing more from this word of the client on (`CONNECT` for nothing at all).
    pub silent_at: Option<&'static str>,
    /// Goes away in the middle of a mail.
    pub leaves: bool,
}

/// A mail that the server has taken.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub protected: bool,
    /// The message as it was before the dots were doubled.
    pub bytes: Vec<u8>,
}

impl Received {
    /// The value of a header, as it stands there.
    pub fn header(&self, name: &str) -> String {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let found = head.split("\r\n").find_map(|line| line.strip_prefix(&format!("{name}: ")));
        found.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
    }
}

#[derive(Debug, Default)]
struct State {
    manners: Manners,
    received: Vec<Received>,
    connections: usize,
    /// Everything that clients said outside of mails, with whether the way was protected.
    said: Vec<(bool, String)>,
    faults: Vec<String>,
}

/// A running mail server; it ends with the test.
#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

trait Way: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Way for T {}

impl MailServer {
    pub async fn start(manners: Manners) -> Self {
        Self::start_at(0, manners).await
    }

    pub async fn start_at(port: u16, manners: Manners) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, state: Arc::new(Mutex::new(State { manners, ..State::default() })) };
        let running = server.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let server = running.clone();
                tokio::spawn(async move { drop(server.serve(stream).await) });
            }
        });
        server
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    /// Changes what the server does from the next connection on.
    pub fn behave(&self, manners: Manners) {
        self.with(|state| state.manners = manners);
    }

    /// The mails that it has taken; none of them broke a rule of the protocol.
    pub fn received(&self) -> Vec<Received> {
        self.with(|state| {
            assert_eq!(state.faults, Vec::<String>::new());
            state.received.clone()
        })
    }

    pub fn connections(&self) -> usize {
        self.with(|state| state.connections)
    }

    /// What clients said, with whether the way was protected.
    pub fn said(&self) -> Vec<(bool, String)> {
        self.with(|state| state.said.clone())
    }

    /// Settings for this server.
    pub fn smtp(&self, tls: SmtpTls) -> Smtp {
        let base = Smtp { patience: Duration::from_secs(5), ..Smtp::local(self.port) };
        if tls == SmtpTls::None {
            return base;
        }
        Smtp { server: "localhost".to_owned(), tls, ca: Some(AUTHORITY.to_vec()), ..base }
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let manners = self.with(|state| {
            state.connections += 1;
            state.manners.clone()
        });
        let mut protected = manners.tls;
        let mut way: BufReader<Box<dyn Way>> = BufReader::new(if manners.tls {
            Box::new(acceptor().accept(stream).await?)
        } else {
            Box::new(stream)
        });
        if manners.silent_at == Some("CONNECT") {
            return std::future::pending().await;
        }
        say(&mut way, manners.greeting.unwrap_or("220 localhost ESMTP")).await?;
        let mut mail = Received::default();
        let mut signed_in = !manners.signs_in;
        loop {
            let mut line = Vec::new();
            if way.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            let Some(line) = line.strip_suffix("\r\n").map(str::to_owned) else {
                self.with(|state| state.faults.push(format!("a command without CRLF: {line:?}")));
                return Ok(());
            };
            self.with(|state| state.said.push((protected, line.clone())));
            let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            if manners.silent_at == Some(word.as_str()) {
                return std::future::pending().await;
            }
            match word.as_str() {
                "EHLO" => {
                    say(&mut way, "250-localhost").await?;
                    say(&mut way, "250-8BITMIME").await?;
                    if manners.starttls && !protected {
                        say(&mut way, "250-STARTTLS").await?;
                    }
                    if manners.signs_in {
                        say(&mut way, "250-AUTH PLAIN LOGIN").await?;
                    }
                    say(&mut way, "250 SIZE 20000000").await?;
                }
                "STARTTLS" => {
                    say(&mut way, "220 go on").await?;
                    way = BufReader::new(Box::new(acceptor().accept(way.into_inner()).await?));
                    protected = true;
                }
                "AUTH" => {
                    let given = line.rsplit(' ').next().unwrap_or_default();
                    let wanted = format!("\0{}\0{}", USER.0, USER.1);
                    let wanted = base64::engine::general_purpose::STANDARD.encode(wanted);
                    signed_in = given == wanted;
                    say(&mut way, if signed_in { "235 2.7.0 welcome" } else { "535 5.7.8 no" }).await?;
                }
                "MAIL" if !signed_in => say(&mut way, "530 5.7.0 sign in first").await?,
                "MAIL" => {
                    mail = Received { from: angled(&line), protected, ..Received::default() };
                    say(&mut way, manners.sender.unwrap_or("250 2.1.0 ok")).await?;
                }
                "RCPT" => {
                    mail.to.push(angled(&line));
                    say(&mut way, manners.recipient.unwrap_or("250 2.1.5 ok")).await?;
                }
                "DATA" => {
                    say(&mut way, "354 go on").await?;
                    if manners.leaves {
                        drop(way.read_u8().await);
                        return Ok(());
                    }
                    mail.bytes = self.content(&mut way).await?;
                    if manners.silent_at == Some(".") {
                        return std::future::pending().await;
                    }
                    if manners.content.is_none() {
                        self.with(|state| state.received.push(mail.clone()));
                    }
                    say(&mut way, manners.content.unwrap_or("250 2.0.0 taken as 4711")).await?;
                }
                "QUIT" => return say(&mut way, "221 2.0.0 bye").await,
                _ => say(&mut way, "500 5.5.1 what").await?,
            }
        }
    }

    /// A mail up to the dot, its doubled dots undone; lines as RFC 5321 wants them.
    async fn content(&self, way: &mut BufReader<Box<dyn Way>>) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if way.read_until(b'\n', &mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let lone = line.iter().filter(|byte| **byte == b'\r').count() != 1 || !line.ends_with(b"\r\n");
            if lone || line.len() > 1_000 || !line.is_ascii() {
                self.with(|state| {
                    state.faults.push(format!(
                        "a line of {}: {:?}",
                        line.len(),
                        String::from_utf8_lossy(&line)
                    ));
                });
            }
            if line == b".\r\n" {
                return Ok(bytes);
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(CERTIFICATE).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn say(way: &mut BufReader<Box<dyn Way>>, words: &str) -> std::io::Result<()> {
    way.get_mut().write_all(format!("{words}\r\n").as_bytes()).await?;
    way.get_mut().flush().await
}

/// What stands between the angle brackets.
fn angled(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
