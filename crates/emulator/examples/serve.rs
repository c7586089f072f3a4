//! Serves the emulator until it is killed, for referees in other languages.
//!
//! The first line of stdout is the URL. Options: `--listen ADDRESS:PORT`, `--directory DIR`, `--speed N` (virtual seconds
//! in a real one), `--credentials KEY:SECRET` (verify signatures), `--iam-propagation SECONDS`, `--throttle`,
//! `--policy FILE` (refuse what this policy document of IAM does not allow), `--script FILE` (faults and disturbances, played at the start).

#![allow(clippy::print_stdout, clippy::print_stderr)] // The URL and the error are the program's answers.

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use pipewright_emulator::{ClockMode, Config, Emulator, Permissions, Script, StaticCredentials, Throttle};

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("serve: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<Infallible, Box<dyn Error>> {
    let (config, script) = options(std::env::args().skip(1))?;
    let emulator = Emulator::start(config).await?;
    emulator.play(script)?;
    println!("{}", emulator.endpoint_url());
    std::future::pending().await
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<(Config, Script), Box<dyn Error>> {
    let mut config = Config::default();
    let mut script = Script::default();
    while let Some(option) = arguments.next() {
        if option == "--throttle" {
            config.throttle = Some(Throttle::dms());
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--listen" => config.bind = value.parse()?,
            "--directory" => config.directory = Some(value.into()),
            "--speed" => config.clock = ClockMode::Scaled(value.parse()?),
            "--credentials" => {
                let (key, secret) = value.split_once(':').ok_or("credentials are KEY:SECRET")?;
                config.credentials = Some(StaticCredentials {
                    access_key_id: key.to_owned(),
                    secret_access_key: secret.to_owned(),
                });
            }
            "--script" => script = Script::read(value.as_ref())?,
            "--policy" => {
                config.permissions = Some(Permissions::parse(&std::fs::read_to_string(value)?)?);
            }
            "--iam-propagation" => config.iam_propagation = Duration::from_secs_f64(value.parse()?),
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    Ok((config, script))
}
