//! `init`: the Controller that a spec root begins with, and its uid.

use std::fs;
use std::path::{Path, PathBuf};

use pipewright_model::Scope;
use pipewright_spec::{ControllerFound, find_controller};

use super::write_whole;
use crate::args::Init;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Writes a Controller, or the uid into one that has none.
pub(crate) fn run(args: &Init, printer: &Printer) -> Result<Exit, Failure> {
    let uid = new_uid()?;
    match find_controller(&args.directory, &uid).map_err(Failure::Specs)? {
        ControllerFound::WithUid { file, uid } => {
            printer.result(&format!(
                "{}: the Controller has a uid, {uid}; nothing was changed\n",
                file.display()
            ));
        }
        ControllerFound::WithoutUid { file, text } => {
            let io = |source| Failure::Io { what: format!("find {}", file.display()), source };
            // A link stays one.
            write_whole(&fs::canonicalize(&file).map_err(io)?, &text)?;
            printer.result(&format!("{}: the Controller has the uid {uid} now\n", file.display()));
        }
        ControllerFound::PartOf(root) => {
            return Err(Failure::PartOf { directory: args.directory.clone(), root });
        }
        ControllerFound::Unrelated => return Err(Failure::NoSpecs(args.directory.clone())),
        ControllerFound::None => write_controller(args, &uid, printer)?,
    }
    Ok(Exit::Done)
}

fn write_controller(args: &Init, uid: &str, printer: &Printer) -> Result<(), Failure> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None => name_of(&args.directory),
    };
    let scope = Scope::new(name).map_err(Failure::Name)?;
    let file = args.directory.join("controller.yaml");
    if file.exists() {
        return Err(Failure::Exists(file));
    }
    let io = |source| Failure::Io { what: format!("make {}", args.directory.display()), source };
    fs::create_dir_all(&args.directory).map_err(io)?;
    let account = args.account_id.as_ref().map_or_else(|| "ACCOUNT_ID".to_owned(), |id| format!("\"{id}\""));
    let region = args.region.as_deref().unwrap_or("REGION");
    write_whole(&file, &controller(&scope, uid, &account, region))?;
    printer.result(&format!("{}: written, with the uid {uid}\n", file.display()));
    if args.account_id.is_none() || args.region.is_none() {
        printer.progress("hint: put the account and region in before the first plan");
    }
    Ok(())
}

/// What stands for account and region until they are given is refused by every command.
fn controller(scope: &Scope, uid: &str, account: &str, region: &str) -> String {
    format!(
        "# yaml-language-server: $schema=pipewright.schema.json
#
# Who this controller is, and where it works. The schema, for editors:
# pipewright schema > pipewright.schema.json
apiVersion: pipewright.dev/v1
kind: Controller
metadata:
  # The scope. Ownership tags in AWS carry it, and AWS identifiers start with it: keep it for good.
  name: {scope}
spec:
  # Tells this spec root from another one of the same name. Never change it; a copy of this root needs another.
  uid: {uid}
  environments:
    - name: main
      accountId: {account} # twelve digits, in quotes
      region: {region} # for example us-east-1
"
    )
}

/// A scope's name from that of a directory, as far as its characters go.
fn name_of(directory: &Path) -> String {
    let whole = fs::canonicalize(directory).unwrap_or_else(|_| PathBuf::from(directory));
    let name = whole.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// A random UUID, version 4 (RFC 9562, section 5.4).
fn new_uid() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Failure::Random)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = u128::from_be_bytes(bytes);
    let hex = format!("{digits:032x}");
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
