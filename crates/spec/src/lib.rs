//! YAML pipeline specs, validated into desired resources, with errors that point.
//!
//! [`load`] reads and validates a spec root, [`SpecTree::desired`] gives what it asks for in one
//! environment. Every error of every file is reported at once, each with its place.

mod certificates;
mod check;
mod compile;
mod diagnostic;
mod documents;
mod engines;
mod identifiers;
mod init;
mod json;
mod load;
mod mappings;
mod pem;
mod read;
mod roles;
mod schema;
mod secrets;
mod sources;
mod spec_tree;
mod task_settings;
mod tree;
mod view;

pub use diagnostic::{Diagnostic, Diagnostics, Place, Severity};
pub use engines::names as engine_names;
pub use init::{ControllerFound, find_controller};
pub use load::{load, load_part, load_sources};
pub use mappings::{AppliedRule, Explanation, Tables, explain, tables_of};
pub use schema::json_schema;
pub use secrets::SecretSource;
pub use sources::Source;
pub use spec_tree::{SpecTree, TableMappings};
