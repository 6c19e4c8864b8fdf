//! Shared code of the benches: alternating rounds of two measurements, medians, and tables.
//!
//! A bench prints figures and asserts none of them: a clock on a busy machine proves nothing by itself. Run by
//! `cargo bench` it measures; run by anything else (`cargo test --benches`), or with `--short`, it does everything
//! once or twice, which only shows that it still works.

// Each bench is a program of its own and uses its part of this.
#![allow(dead_code)]

pub mod alive;
pub mod http;
pub mod in_process;
pub mod served;
pub mod story;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Whether to measure or only to show that the bench works.
pub fn short() -> bool {
    let mut arguments = std::env::args();
    let measured = arguments.any(|argument| argument == "--bench");
    !measured || std::env::args().any(|argument| argument == "--short")
}

/// One number when measuring, another when not.
pub fn rounds(measured: usize, short_form: usize) -> usize {
    if short() { short_form } else { measured }
}

/// The title of a bench, with how it was built.
pub fn title(text: &str) {
    let build = if cfg!(debug_assertions) { "unoptimised build" } else { "optimised build" };
    let form = if short() { ", short form: the figures mean nothing" } else { "" };
    println!("\n## {text} ({build}{form})\n");
}

/// The head of a Markdown table.
pub fn head(columns: &[&str]) {
    row(columns);
    println!("|{}", "---|".repeat(columns.len()));
}

/// A row of a Markdown table.
pub fn row(cells: &[&str]) {
    println!("| {} |", cells.join(" | "));
}

/// Two things measured in turn, so that what disturbs the machine disturbs both.
pub struct Pair {
    ours: Vec<f64>,
    rival: Vec<f64>,
}

impl Pair {
    /// Measures both `rounds` times. Who begins changes from round to round.
    pub fn measure(rounds: usize, mut ours: impl FnMut() -> f64, mut rival: impl FnMut() -> f64) -> Pair {
        let mut pair = Pair { ours: Vec::new(), rival: Vec::new() };
        for round in 0..rounds {
            if round % 2 == 0 {
                pair.ours.push(ours());
                pair.rival.push(rival());
            } else {
                pair.rival.push(rival());
                pair.ours.push(ours());
            }
        }
        pair
    }

    /// Median of ours.
    pub fn ours(&self) -> f64 {
        median(&self.ours)
    }

    /// Median of the rival's.
    pub fn rival(&self) -> f64 {
        median(&self.rival)
    }

    /// Median over the rounds of ours divided by the rival's.
    pub fn ratio(&self) -> f64 {
        let ratios: Vec<f64> = self.ours.iter().zip(&self.rival).map(|(ours, rival)| ours / rival).collect();
        median(&ratios)
    }
}

/// The middle one of the values.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How long it takes, in milliseconds. What it gives back is dropped after the clock has stopped.
pub fn milliseconds<T>(what: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let made = what();
    let elapsed = start.elapsed();
    drop(made);
    in_milliseconds(elapsed)
}

/// A duration in milliseconds.
pub fn in_milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Runs this same program with other arguments and reads the number that it prints: for what only the first use in a
/// process costs, and for what shall not share a process with what is measured.
pub fn number_from_child(arguments: &[&str]) -> f64 {
    let output = child(arguments).stderr(Stdio::inherit()).output().expect("this program starts again");
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim().parse().unwrap_or_else(|_| panic!("{arguments:?} printed no number: {printed}"))
}

/// This same program with other arguments.
pub fn child(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// The arguments of a child: what stands behind the first one that is `name`.
pub fn called_as(name: &str) -> Option<Vec<String>> {
    let mut arguments = std::env::args().skip(1);
    arguments.next().filter(|first| first == name).map(|_| arguments.collect())
}
