//! How long first applies take, beside the least that AWS allows.
//!
//!     cargo run --package pipewright-engine --example makespan
//!
//! Runs the real AWS SDK against the emulator in virtual time and prints the table of docs/performance.md.

#![allow(clippy::print_stdout, reason = "the table is what this is for")]

use std::time::Duration;

use pipewright_testkit::{Makespan, sharing};

#[tokio::main]
async fn main() {
    println!("| pipelines | instances | calls | makespan | critical path | API budget | ratio |");
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    for (count, per_instance) in [(1, 1), (10, 1), (60, 1), (10, 10), (60, 20)] {
        let made = Makespan::measure(&sharing("bench", count, per_instance)).await;
        println!(
            "| {count} | {} | {} | {} | {} | {} | {:.2} |",
            count.div_ceil(per_instance),
            made.calls,
            minutes(made.took),
            minutes(made.critical_path),
            minutes(made.api_budget),
            made.ratio(),
        );
    }
}

fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}
