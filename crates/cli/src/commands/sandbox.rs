//! `sandbox`: the emulator as a server.

use std::path::PathBuf;

use pipewright_emulator::{ClockMode, Config, Emulator, Permissions, Script, StaticCredentials, Throttle};
use tokio_util::sync::CancellationToken;

use super::listen_to_signals;
use crate::args::Sandbox;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Serves until a signal comes.
pub(crate) async fn run(args: Sandbox, printer: &Printer) -> Result<Exit, Failure> {
    let Sandbox {
        listen,
        directory,
        speed,
        account_id,
        iam_propagation,
        throttle,
        policy,
        script,
        access_key,
        secret,
    } = args;
    let stop = CancellationToken::new();
    let _signals = listen_to_signals(&stop)?;
    let credentials = access_key
        .clone()
        .zip(secret)
        .map(|(access_key_id, secret_access_key)| StaticCredentials { access_key_id, secret_access_key });
    let script = script.map(|file| Script::read(&file)).transpose().map_err(Failure::Script)?;
    let config = Config {
        bind: listen,
        directory: directory.clone(),
        account_id: account_id.clone(),
        clock: ClockMode::Scaled(speed),
        credentials,
        iam_propagation,
        throttle: throttle.then(Throttle::dms),
        permissions: policy.map(permissions).transpose()?,
        ..Config::default()
    };
    let emulator = Emulator::start(config).await.map_err(Failure::Sandbox)?;
    if let Some(script) = script {
        emulator.play(script).map_err(Failure::Script)?;
    }
    let url = emulator.endpoint_url();
    let kept = directory.map_or_else(
        || "its content goes when it stops".to_owned(),
        |directory| format!("its content is kept in {}", directory.display()),
    );
    let (key, secret) = match &access_key {
        Some(key) => (key.as_str(), "(the one given with --secret)"),
        None => (account_id.as_str(), "anything"),
    };
    printer.result(&format!(
        "\
Serving DMS, IAM and STS at {url}: account {account_id}, time {speed} times as fast; {kept}.

AWS CLI, boto3 and other SDKs:
  export AWS_ENDPOINT_URL={url} AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}
  aws dms describe-replication-instances

Terraform:
  provider \"aws\" {{
    region                      = \"us-east-1\"
    access_key                  = \"{key}\"
    secret_key                  = \"{secret}\"
    skip_metadata_api_check     = true
    skip_requesting_account_id  = false
    endpoints {{
      dms = \"{url}\"
      iam = \"{url}\"
      sts = \"{url}\"
    }}
  }}

Pipewright:
  pipewright reconcile specs/ --once --endpoint-url {url}

Without signature checks, an access key id of twelve digits is taken as the account's id.
Stop it with Ctrl-C.
"
    ));
    stop.cancelled().await;
    emulator.shutdown().await;
    Ok(Exit::Done)
}

fn permissions(file: PathBuf) -> Result<Permissions, Failure> {
    let text = std::fs::read_to_string(&file)
        .map_err(|source| Failure::Io { what: format!("read {}", file.display()), source })?;
    Permissions::parse(&text).map_err(|source| Failure::Policy { file, source })
}
