//! How a plan is shown: text for people, JSON for machines. Both hide what is secret, and neither
//! decides anything.

mod json;
mod status;
mod style;
mod text;
mod value;

pub use json::{FORMAT_VERSION, PlanJson, json};
pub use status::status_text;
pub use style::Style;
pub use text::{owner_list, text};
