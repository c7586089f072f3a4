//! Serves an emulator until it is killed: `serve [--directory DIR] [--bind ADDRESS] [--speed FACTOR] [--secret SECRET]`.
//!
//! The first line of its output is the endpoint URL.

use std::error::Error;

use pipewright_emulator::{ClockMode, Config, Emulator, StaticCredentials};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut config = Config::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--directory" => config.directory = Some(value.into()),
            "--bind" => config.bind = value.parse()?,
            "--speed" => config.clock = ClockMode::Scaled(value.parse()?),
            "--secret" => {
                config.credentials = Some(StaticCredentials {
                    access_key_id: "sandbox".to_owned(),
                    secret_access_key: value,
                });
            }
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    let emulator = Emulator::start(config).await?;
    #[expect(clippy::print_stdout, reason = "whoever starts the example reads the address")]
    {
        println!("{}", emulator.endpoint_url());
    }
    std::future::pending::<()>().await;
    Ok(())
}
