//! `mvai-connexx security`: what the detector says, decisions about addresses and locked accounts, beside a running
//! server.

use std::io::ErrorKind;

use clap::Subcommand;
use shared::security::{DecisionAction, DecisionIn, DecisionScope};

use super::{Failed, Flags, beside, say};
use crate::domain::auth;
use crate::domain::security::detector::Part;
use crate::domain::security::{classify, decisions};
use crate::http::page::NEWEST;

#[derive(Debug, Subcommand)]
pub(super) enum SecurityCommand {
    /// Read one value a line from standard input and print what the detector says of it, one JSON object a line
    Classify {
        /// Where such a value stands in a request
        #[arg(long, value_enum)]
        part: Part,
    },
    /// List decisions about addresses that are in force; works beside a running server
    List {
        #[command(flatten)]
        flags: Flags,
        /// Those that hold no longer as well
        #[arg(long)]
        all: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Allow an address or a network: it beats denying, and ends automatic denying in it
    Allow {
        #[command(flatten)]
        flags: Flags,
        /// Address, or network as CIDR
        network: String,
        /// Hours that it holds; without an end if absent
        #[arg(long)]
        hours: Option<i64>,
        /// Why
        #[arg(long, default_value = "allowed at the command line")]
        reason: String,
    },
    /// End a decision
    Lift {
        #[command(flatten)]
        flags: Flags,
        /// Its id, as `list` shows it
        id: String,
    },
    /// End everything that turns somebody away
    Clear(Flags),
    /// Let the password of a user or staff member be tried again after a hundred failures
    Unlock {
        #[command(flatten)]
        flags: Flags,
        /// E-mail address of a user, or username of a staff member
        username: String,
    },
}

/// Does what a command says; a running server learns of it within a second.
pub(super) async fn run(command: SecurityCommand) -> Result<(), Failed> {
    match command {
        SecurityCommand::Classify { part } => {
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            match classify::classify(part, input, std::io::BufWriter::new(output)) {
                // A reader that has gone, such as `head`, is no failure.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failed::new(error)),
                _ => Ok(()),
            }
        }
        SecurityCommand::List { flags, all, json } => {
            let app = beside(&flags).await?;
            let filter = decisions::repo::Filter { active: (!all).then_some(true), ..Default::default() };
            let rows = decisions::service::list(&app, &filter, NEWEST, 1_000).await?;
            app.db.close().await;
            for row in &rows {
                if json {
                    say(serde_json::to_string(row).unwrap_or_default());
                } else {
                    let end = row.expires_at.map_or_else(|| "no end".to_owned(), |end| end.to_rfc3339());
                    let simulated = if row.simulated { " simulated" } else { "" };
                    say(format_args!(
                        "{}  {:<8} {:<20} {:<6} {:<9} until {end}  {} hits{simulated}  {}",
                        row.id,
                        row.action.as_str(),
                        row.network,
                        row.scope.as_str(),
                        row.origin.as_str(),
                        row.hits,
                        row.reason
                    ));
                }
            }
            if rows.is_empty() && !json {
                say("no decisions");
            }
            Ok(())
        }
        SecurityCommand::Allow { flags, network, hours, reason } => {
            let app = beside(&flags).await?;
            let input = DecisionIn {
                network,
                action: DecisionAction::Allow,
                scope: DecisionScope::All,
                reason,
                hours,
                simulated: false,
                evidence: Vec::new(),
            };
            let made = decisions::service::create(&app, &input, None).await;
            app.db.close().await;
            let made = made?;
            say(format_args!("{} is allowed ({})", made.network, made.id));
            Ok(())
        }
        SecurityCommand::Lift { flags, id } => {
            let app = beside(&flags).await?;
            let lifted = decisions::service::lift(&app, &id).await;
            app.db.close().await;
            let lifted = lifted?;
            say(format_args!("{} {} is lifted", lifted.action.as_str(), lifted.network));
            Ok(())
        }
        SecurityCommand::Clear(flags) => {
            let app = beside(&flags).await?;
            let count = decisions::service::clear(&app).await;
            app.db.close().await;
            say(format_args!("{} decision(s) lifted; sign-in and all addresses are open", count?));
            Ok(())
        }
        SecurityCommand::Unlock { flags, username } => {
            let app = beside(&flags).await?;
            let done = auth::accounts::unlock(&app, &username).await;
            app.db.close().await;
            done?;
            say(format_args!("{username} can sign in again"));
            Ok(())
        }
    }
}
