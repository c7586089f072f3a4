//! How a plan is shown: text, Markdown and a page for people, JSON for machines. All hide what is
//! secret, and none decides anything.

mod cutover;
mod graph;
mod html;
mod json;
mod markdown;
mod sections;
mod status;
mod style;
mod text;
mod timeline;
mod value;

pub use cutover::cutover_text;
pub use graph::Graph;
pub use html::html;
pub use json::{FORMAT_VERSION, PlanJson, json};
pub use markdown::{MARKDOWN_BUDGET, markdown};
pub use sections::{owner_list, partial_view};
pub use status::status_text;
pub use style::Style;
pub use text::text;
pub use timeline::timeline;
pub(crate) use value::is_document;
