//! A look into the database, past the API: for states that nobody can bring about otherwise, and for proofs.

use api::db::{Scope, sql_owned};

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

    /// Texts; the statement names them `text`.
    pub async fn texts(&self, text: &str) -> Vec<String> {
        let mut conn = self.app.db.read(Scope::Installation).await.unwrap();
        let rows: Vec<Words> = sql_owned(text.to_owned()).all(&mut conn).await.unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }
}
