//! A series of steps that all run, even after a failure, and a table of how each went.

use std::time::{Duration, Instant};

use crate::process::Done;
use crate::table;

/// How a step ended that did not fail.
pub enum Outcome {
    /// It did what it is for.
    Passed,
    /// It could not apply here; the text says why.
    Skipped(String),
}

/// What a step does.
pub type Work<'a> = Box<dyn FnOnce() -> Done + Send + 'a>;
/// Name, time and result of a step.
type Ended = (String, Duration, Done<Outcome>);

/// Runs steps and remembers how each went.
#[derive(Default)]
pub struct Steps {
    ended: Vec<Ended>,
}

fn ended(name: &str, work: impl FnOnce() -> Done<Outcome>) -> Ended {
    eprintln!("\n── {name}");
    let start = Instant::now();
    let result = work();
    match &result {
        Ok(Outcome::Passed) => {}
        Ok(Outcome::Skipped(reason)) => eprintln!("   {name} skipped: {reason}"),
        Err(message) => eprintln!("   {name} failed: {message}"),
    }
    (name.to_owned(), start.elapsed(), result)
}

impl Steps {
    /// Runs one step; a failure is shown at once and does not stop the next step.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Done<Outcome>) {
        self.ended.push(ended(name, work));
    }

    /// The same for work that is either done or not.
    pub fn must(&mut self, name: &str, work: impl FnOnce() -> Done) {
        self.step(name, || work().map(|()| Outcome::Passed));
    }

    /// Runs steps at the same time: those that mostly wait. What they print comes mixed.
    pub fn together<'a>(&mut self, steps: Vec<(&'a str, Work<'a>)>) {
        let run =
            |(name, work): (&'a str, Work<'a>)| move || ended(name, || work().map(|()| Outcome::Passed));
        std::thread::scope(|scope| {
            let running: Vec<_> = steps.into_iter().map(|step| scope.spawn(run(step))).collect();
            for step in running {
                match step.join() {
                    Ok(step) => self.ended.push(step),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }

    /// Prints the table; an error names the steps that failed.
    pub fn finish(self) -> Done {
        let rows: Vec<Vec<String>> = self
            .ended
            .iter()
            .map(|(name, time, result)| {
                let word = match result {
                    Ok(Outcome::Passed) => "ok".to_owned(),
                    Ok(Outcome::Skipped(_)) => "skipped".to_owned(),
                    Err(_) => "FAILED".to_owned(),
                };
                vec![name.clone(), word, format!("{:.1} s", time.as_secs_f64())]
            })
            .collect();
        eprintln!("\n{}", table::render(&["step", "result", "time"], &rows));
        let failed: Vec<&str> = self
            .ended
            .iter()
            .filter(|(_, _, result)| result.is_err())
            .map(|(name, ..)| name.as_str())
            .collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
    }
}
