//! A look into the database, past the API: for states that nobody can bring about otherwise, and for proofs.

use api::db::{Scope, sql_owned};
use api::domain::logs::parts::{follow, repo};

use super::TestApp;

#[derive(sqlx::FromRow)]
struct Number {
    n: i64,
}

#[derive(sqlx::FromRow)]
struct Words {
    text: String,
}

impl TestApp {
    /// Makes the index of parts anew, with the first logs of each book up to a number.
    pub async fn index_parts(&self, up_to: i64) {
        self.run_sql("DELETE FROM log_part").await;
        self.run_sql("DELETE FROM log_part_mark").await;
        self.index_more_parts(up_to).await;
    }

    /// Brings logs into the index of parts, up to a number of each book.
    pub async fn index_more_parts(&self, up_to: i64) {
        loop {
            let mut conn = self.app.db.read(Scope::Installation).await.unwrap();
            let mut due = repo::list_due(&mut conn, 1, 1_000).await.unwrap();
            drop(conn);
            due.retain(|book| book.mark < up_to);
            if due.is_empty() {
                return;
            }
            for book in due {
                let most = (up_to - book.mark).min(400);
                follow::portion(&self.app, &book, most).await.unwrap();
            }
        }
    }

    /// Runs a statement for the installation and forgets what is known about callers.
    pub async fn run_sql(&self, text: &str) -> u64 {
        let mut tx = self.app.db.write(Scope::Installation).await.unwrap();
        let touched = sql_owned(text.to_owned()).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        self.app.auth.forget();
        touched
    }

    /// A number; the statement names it `n`.
    pub async fn number(&self, text: &str) -> i64 {
        let mut conn = self.app.db.read(Scope::Installation).await.unwrap();
        sql_owned(text.to_owned()).one::<Number>(&mut conn).await.unwrap().n
    }

    /// Waits until a query counts what it should: work that nobody waits for.
    pub async fn until(&self, text: &str, number: i64) {
        for _ in 0..250 {
            if self.number(text).await == number {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{text}: not {number} within 5 s, but {}", self.number(text).await);
    }

    /// Texts; the statement names them `text`.
    pub async fn texts(&self, text: &str) -> Vec<String> {
        let mut conn = self.app.db.read(Scope::Installation).await.unwrap();
        let rows: Vec<Words> = sql_owned(text.to_owned()).all(&mut conn).await.unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }
}
