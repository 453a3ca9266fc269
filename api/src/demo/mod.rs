//! Demonstration data and import (being written).
use std::path::Path;
use crate::app::App;
use crate::http::problem::Answer;
#[derive(Debug)] pub struct SeedOptions { pub seed: u64, pub until: Option<jiff::civil::Date>, pub logs: Option<u64>, pub force: bool }
#[derive(Debug, serde::Serialize)] pub struct SeedAdmin { pub username: String, pub password: String }
#[derive(Debug, serde::Serialize)] pub struct SeedCustomer { pub id: i64, pub name: String, pub plan: shared::tenancy::Plan, pub access_code: String, pub api_key: String }
#[derive(Debug, serde::Serialize)] pub struct SeedReport { pub admin: SeedAdmin, pub customers: Vec<SeedCustomer> }
pub async fn seed(_app: &App, _options: &SeedOptions, _progress: &mut (dyn FnMut(u64, u64) + Send)) -> Answer<SeedReport> { Err(crate::http::problem::Problem::new(shared::problem::Code::Internal)) }
#[derive(Debug)] pub struct ImportOptions { pub customer: Option<String>, pub local_times: bool, pub dry_run: bool, pub keep: bool }
pub async fn import_json(_app: &App, _path: &Path, _options: &ImportOptions) -> Result<(), std::io::Error> { Ok(()) }
