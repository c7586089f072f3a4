//! The verbs that change an owner: `adopt`, `release`, `transfer`.

use std::path::PathBuf;

use clap::Args;
use pipewright_model::{FormerOwner, Scope};

use super::{PlanFormat, Where};

/// What the three have in common.
#[derive(Debug, Args)]
pub(crate) struct Ownership {
    /// Do it. Without this, the plan is shown and nothing is written.
    #[arg(long, env = "PIPEWRIGHT_YES", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) yes: bool,
    /// How the plan is printed.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "text")]
    pub(crate) format: PlanFormat,
    #[command(flatten)]
    pub(crate) place: Where,
}

/// `adopt`.
#[derive(Debug, Args)]
pub(crate) struct Adopt {
    /// The spec root: a directory with the Controller document, or a file.
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// Documents, such as `orders` or `Endpoint/warehouse`, or resources, such as `instance/orders`.
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) names: Vec<String>,
    /// Everything that the specs declare.
    #[arg(long, env = "PIPEWRIGHT_ALL", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) all: bool,
    /// Whose it may be: `cloudformation/STACK`, `terraform`, `ack` or `scope/NAME`, as the conflict says.
    /// Without it, only what nobody marked is adopted.
    #[arg(long, value_name = "WHOM", env = "PIPEWRIGHT_FROM", value_parser = former_owner)]
    pub(crate) from: Option<FormerOwner>,
    #[command(flatten)]
    pub(crate) common: Ownership,
}

/// `release`.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The spec root: a directory with the Controller document, or a file.
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// Documents, also such as are gone, or resources: `instance/orders`, `role/dms-vpc-role`.
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) common: Ownership,
}

/// `transfer`.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The spec root: a directory with the Controller document, or a file.
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// Documents, also such as are gone, or resources: `instance/orders`.
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// The scope that shall own it: the name of its Controller, and its uid if it has one.
    #[arg(long, value_name = "SCOPE[/UID]", env = "PIPEWRIGHT_TO", value_parser = scope)]
    pub(crate) to: Scope,
    #[command(flatten)]
    pub(crate) common: Ownership,
}

fn former_owner(text: &str) -> Result<FormerOwner, String> {
    FormerOwner::parse(text)
        .ok_or_else(|| "use cloudformation, cloudformation/STACK, terraform, ack or scope/NAME".to_owned())
}

fn scope(text: &str) -> Result<Scope, String> {
    let (name, uid) = match text.split_once('/') {
        Some((name, uid)) => (name, Some(uid)),
        None => (text, None),
    };
    let scope = Scope::new(name).map_err(|error| error.to_string())?;
    match uid {
        None => Ok(scope),
        Some(uid) if is_uuid(uid) => Ok(scope.with_uid(uid)),
        Some(_) => {
            Err("the uid is that of the Controller, such as 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40".to_owned())
        }
    }
}

/// Whether it is a UUID as a Controller's `uid` must be written.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_with_their_uid() {
        let uid = "1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40";
        assert_eq!(scope("reporting"), Ok(Scope::new("reporting").unwrap()));
        assert_eq!(scope(&format!("reporting/{uid}")), Ok(Scope::new("reporting").unwrap().with_uid(uid)));
        for wrong in ["", "Reporting", "reporting/", "reporting/1f0c9a52", &format!("/{uid}")] {
            assert!(scope(wrong).is_err(), "{wrong}");
        }
        assert!(former_owner("scope/reporting").is_ok() && former_owner("reporting").is_err());
    }
}
