//! How many AWS calls passes take, by what they do: the cost that users feel.
//!
//!     cargo run --package pipewright-engine --example calls
//!
//! Runs the real AWS SDK against the emulator in virtual time and prints the table of
//! docs/performance.md. Pipelines share instances, forty on each. Counted calls, not timings, so that
//! the figures are the same on every machine.

#![allow(clippy::print_stdout, reason = "the table is what this is for")]

use std::collections::BTreeMap;
use std::time::Duration;

use pipewright_emulator::{Config, Emulator, Throttle};
use pipewright_testkit::{Lab, sharing};

const PIPELINES_PER_INSTANCE: usize = 40;

#[tokio::main]
async fn main() {
    println!(
        "| pipelines | first apply: calls | of them reads | first apply: virtual time | no-op pass: calls |"
    );
    println!("|---:|---:|---:|---:|---:|");
    let mut breakdown = BTreeMap::new();
    for count in [1, 10, 100] {
        let lab = Lab::with(Config { throttle: Some(Throttle::dms()), ..Config::default() }).await;
        let controller = lab.controller().await;
        let wanted = sharing("bench", count, PIPELINES_PER_INSTANCE);

        let began = lab.emulator().now();
        controller.converge(&wanted).await;
        let took = lab.emulator().now().saturating_sub(began);
        let first = lab.emulator().calls();
        let reads = first.iter().filter(|call| !call.mutating).count();

        lab.emulator().reset_calls();
        let outcome = controller.converge(&wanted).await;
        assert!(outcome.first.is_empty(), "the second pass must find nothing to do");
        let no_op = lab.emulator().calls().len();
        breakdown = by_operation(lab.emulator());

        println!("| {count} | {} | {reads} | {} | {no_op} |", first.len(), minutes(took));
    }
    println!("\nThe no-op pass of 100 pipelines, call by call:\n");
    println!("| operation | calls |\n|---|---:|");
    for (operation, calls) in breakdown {
        println!("| {operation} | {calls} |");
    }
}

fn by_operation(emulator: &Emulator) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in emulator.calls() {
        *counts.entry(format!("{}:{}", call.service, call.operation)).or_insert(0) += 1;
    }
    counts
}

fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}
