//! `import`: what another tool declares, as specs.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use pipewright_import::{Import, ImportError, Missing, Options, PhysicalIds};

use crate::args::ImportFrom;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Writes the specs, or lists what must be given first.
pub(crate) fn run(from: ImportFrom, printer: &Printer) -> Result<Exit, Failure> {
    let ImportFrom::CloudFormation(args) = from;
    let mut physical_ids = PhysicalIds::default();
    for file in &args.physical_ids {
        physical_ids.add(&read(file)?).map_err(|source| failure(file, source))?;
    }
    let options = Options {
        scope: args.scope.clone(),
        parameters: args.parameters.iter().cloned().collect(),
        values: args.values.iter().cloned().collect(),
        physical_ids,
        account_id: args.account_id.clone(),
        region: args.region.clone(),
        stack_name: args.stack_name.clone(),
    };
    let import = pipewright_import::cloudformation(&read(&args.template)?, &options)
        .map_err(|source| failure(&args.template, source))?;
    for note in &import.notes {
        printer.progress(&format!("note: {note}"));
    }
    for secret in &import.secrets {
        printer.progress(&format!("secret: set {} to {}", secret.name, secret.holds));
    }
    if !import.missing.is_empty() {
        printer.result(&missing(&import.missing));
        return Ok(Exit::Changes);
    }
    match &args.out {
        Some(directory) => write(&import, directory, printer)?,
        None => printer.result(&together(&import)),
    }
    Ok(Exit::Done)
}

fn failure(file: &Path, source: ImportError) -> Failure {
    match source {
        ImportError::Invalid(found) => Failure::Specs(found),
        source => Failure::Import { file: file.to_owned(), source },
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file)
        .map_err(|source| Failure::Io { what: format!("read {}", file.display()), source })
}

/// What must be given, with the option that gives it.
fn missing(missing: &[Missing]) -> String {
    let mut text = "Nothing was written. These values must be given first:\n".to_owned();
    for Missing { resource, property, name, parameter } in missing {
        let option = match name.as_str() {
            "AWS::AccountId" => "--account-id ID".to_owned(),
            "AWS::Region" => "--region NAME".to_owned(),
            name if *parameter => format!("--parameter '{name}=VALUE'"),
            name => format!("--value '{name}=VALUE'"),
        };
        let resource = if resource.is_empty() { "the stack" } else { resource };
        let _ = writeln!(text, "  {option}  # {property} of {resource}");
    }
    text.push_str("What the stack made is told by --physical-ids with what this prints:\n");
    text.push_str("  aws cloudformation describe-stack-resources --stack-name NAME\n");
    text
}

/// All files as one stream of documents.
fn together(import: &Import) -> String {
    let files: Vec<&str> = import.files.values().map(String::as_str).collect();
    files.join("---\n")
}

/// Writes every file, or none if one of them is there already.
fn write(import: &Import, directory: &Path, printer: &Printer) -> Result<(), Failure> {
    let io = |what: String| move |source: io::Error| Failure::Io { what, source };
    fs::create_dir_all(directory).map_err(io(format!("make {}", directory.display())))?;
    let paths = || import.files.iter().map(|(name, text)| (directory.join(name), text));
    if let Some((path, _)) = paths().find(|(path, _)| path.exists()) {
        return Err(Failure::Exists(path));
    }
    for (path, text) in paths() {
        fs::File::create_new(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(io(format!("write {}", path.display())))?;
        printer.result(&format!("{}\n", path.display()));
    }
    Ok(())
}
