//! The verbs: one file each.

mod comment;
mod cutover;
mod diff;
mod graph;
mod import;
mod init;
mod mappings;
mod ownership;
mod plan;
mod reconcile;
mod sandbox;
mod status;
mod validate;

use std::collections::BTreeMap;
use std::fs::File;
use std::future::Future;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::CommandFactory as _;
use pipewright_daemon::{Stopping, stop_on_signals};
use pipewright_model::Desired;
use pipewright_spec::SpecTree;
use tokio_util::sync::CancellationToken;

use crate::args::{Cli, Command, SomeSpecs};
use crate::cloud::Cloud;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::secrets::ProcessSecrets;

/// Runs a command.
pub(crate) fn run(command: Command, printer: &Arc<Printer>) -> Result<Exit, Failure> {
    match command {
        Command::Validate(args) => validate::run(&args, printer),
        Command::Schema => {
            printer.result(&(pretty(&pipewright_spec::json_schema())? + "\n"));
            Ok(Exit::Done)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "pipewright", &mut script);
            printer.result(&String::from_utf8_lossy(&script));
            Ok(Exit::Done)
        }
        Command::Init(args) => init::run(&args, printer),
        Command::Mappings(args) => mappings::run(&args, printer),
        Command::Import(args) => import::run(args.from, printer),
        Command::Diff(args) => diff::run(&args, printer),
        Command::Graph(args) => graph::run(&args, printer),
        Command::Plan(args) => in_runtime(plan::run(&args, printer)),
        Command::Status(args) => in_runtime(status::run(&args, printer)),
        Command::Cutover(args) => in_runtime(cutover::run(&args, printer)),
        Command::Comment(args) => in_runtime(comment::run(&args, printer)),
        Command::Reconcile(args) => in_runtime(reconcile::run(args, Arc::clone(printer))),
        Command::Adopt(args) => in_runtime(ownership::adopt(args, Arc::clone(printer))),
        Command::Release(args) => in_runtime(ownership::release(args, Arc::clone(printer))),
        Command::Transfer(args) => in_runtime(ownership::transfer(args, Arc::clone(printer))),
        Command::Sandbox(args) => in_runtime(sandbox::run(args, printer)),
    }
}

/// What the specs ask for in each of these environments, or in all that they are in if none is named.
async fn desired(tree: &SpecTree, environments: &[String], cloud: &Cloud) -> Result<Vec<Desired>, Failure> {
    let every = tree.environments_in_view().into_iter().map(|environment| environment.name.as_str());
    let chosen = environments.iter().map(String::as_str);
    let names: Vec<&str> = if environments.is_empty() { every.collect() } else { chosen.collect() };
    let mut all = Vec::new();
    for name in names {
        let stored = match tree.environments().iter().find(|environment| environment.name == name) {
            Some(environment) => cloud.secrets(tree, environment).await?,
            None => BTreeMap::new(),
        };
        all.push(tree.desired(name, &ProcessSecrets { stored }).map_err(Failure::Specs)?);
    }
    Ok(all)
}

fn load(paths: &[PathBuf]) -> Result<SpecTree, Failure> {
    pipewright_spec::load(paths).map_err(Failure::Specs)
}

fn load_some(specs: &SomeSpecs) -> Result<SpecTree, Failure> {
    pipewright_spec::load_part(&specs.paths, &specs.only).map_err(Failure::Specs)
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(Failure::Json)
}

/// Fails where [`write_whole`] would; leaves what is there as it is.
fn can_be_written(path: &Path) -> Result<(), Failure> {
    let beside = beside(path)?;
    File::create(&beside)
        .and_then(|_| std::fs::remove_file(&beside))
        .map_err(|source| cannot_write(path, source))
}

/// The file that becomes another when it is whole.
fn beside(path: &Path) -> Result<PathBuf, Failure> {
    if path.is_dir() {
        return Err(Failure::IsDirectory(path.to_owned()));
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    Ok(PathBuf::from(beside))
}

fn cannot_write(path: &Path, source: io::Error) -> Failure {
    Failure::Io { what: format!("write {}", path.display()), source }
}

/// Writes a file that is there whole or as it was before, whatever happens meanwhile.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let beside = &beside(path)?;
    let write = || {
        let mut file = File::create(beside)?;
        file.write_all(text.as_bytes())?;
        if let Ok(before) = std::fs::metadata(path) {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(beside, path)
    };
    write().map_err(|source| {
        // Whether the half-written file can be removed or not, the error to tell is the first one.
        let _ = std::fs::remove_file(beside);
        cannot_write(path, source)
    })
}

fn in_runtime(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::Io { what: "start the runtime".to_owned(), source })?
        .block_on(command)
}

/// Stops on the first signal, and leaves at once on the second.
fn listen_to_signals(stop: &CancellationToken) -> Result<Stopping, Failure> {
    /// What shells report for a process that SIGINT ended.
    fn leave() -> ! {
        std::process::exit(130)
    }
    stop_on_signals(stop.clone(), leave)
        .map_err(|source: io::Error| Failure::Io { what: "listen to signals".to_owned(), source })
}
