//! Paging and filters of the Describe operations.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{Input, Output, errors, integer, optional_text, texts};
use crate::api::AwsError;

/// What a Describe operation lists.
pub(super) struct Listing<'a> {
    /// The member of the answer.
    pub member: &'a str,
    /// What AWS calls the things where a filter matches none.
    pub plural: &'a str,
    /// The most of a page; 100 for most.
    pub largest: i64,
    /// The size of a page that names none.
    pub default: i64,
    /// Filter names, and the member or members that each looks at.
    pub filters: &'a [(&'a str, &'a [&'a str])],
}

impl<'a> Listing<'a> {
    pub(super) fn new(member: &'a str, plural: &'a str, filters: &'a [(&'a str, &'a [&'a str])]) -> Self {
        Listing { member, plural, largest: 100, default: 100, filters }
    }

    /// Filters and cuts a page. `items` come in a stable order. Filters that match nothing are a fault.
    pub(super) fn page(&self, input: &Input, items: Vec<Map<String, Value>>) -> Output {
        let items = self.filtered(input, items)?;
        let filtered =
            input.get("Filters").and_then(Value::as_array).is_some_and(|filters| !filters.is_empty());
        if items.is_empty() && filtered {
            return Err(errors::no_match(self.plural));
        }
        self.cut(input, items)
    }

    /// Filters and cuts a page, which may be empty.
    pub(super) fn page_or_empty(&self, input: &Input, items: Vec<Map<String, Value>>) -> Output {
        let items = self.filtered(input, items)?;
        self.cut(input, items)
    }

    fn filtered(
        &self,
        input: &Input,
        items: Vec<Map<String, Value>>,
    ) -> Result<Vec<Map<String, Value>>, AwsError> {
        let filters = self.read_filters(input)?;
        let mut items = items;
        items.retain(|item| filters.iter().all(|filter| filter.accepts(item)));
        Ok(items)
    }

    /// Cuts a page.
    pub(super) fn cut(&self, input: &Input, items: Vec<Map<String, Value>>) -> Output {
        let size = self.size(input)?;
        let start = start(input)?;
        let total = items.len();
        let page: Vec<Value> = items.into_iter().skip(start).take(size).map(Value::Object).collect();
        let mut output = Map::new();
        if start + page.len() < total {
            output.insert("Marker".to_owned(), json!(marker(start + page.len())));
        }
        output.insert(self.member.to_owned(), Value::Array(page));
        Ok(Value::Object(output))
    }

    fn size(&self, input: &Input) -> Result<usize, AwsError> {
        let size = integer(input, "MaxRecords").unwrap_or(self.default);
        if !(20..=self.largest).contains(&size) && integer(input, "MaxRecords").is_some() {
            return Err(errors::invalid_value(format!(
                "Invalid value {size} for MaxRecords. Must be between 20 and {}",
                self.largest
            )));
        }
        Ok(usize::try_from(size).unwrap_or_default())
    }

    fn read_filters(&self, input: &Input) -> Result<Vec<Filter>, AwsError> {
        let given = input.get("Filters").and_then(Value::as_array);
        given
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .map(|filter| {
                let name = super::text(filter, "Name");
                let Some((_, members)) = self.filters.iter().find(|(known, _)| *known == name) else {
                    let known: Vec<&str> = self.filters.iter().map(|(name, _)| *name).collect();
                    return Err(errors::invalid_value(format!(
                        "The filter name '{name}' is not valid. Valid filter names: {}",
                        known.join(" | ")
                    )));
                };
                Ok(Filter {
                    members: members.iter().map(|member| (*member).to_owned()).collect(),
                    values: texts(filter, "Values").iter().map(|value| value.to_lowercase()).collect(),
                })
            })
            .collect()
    }
}

/// A filter matches where any of its members has any of its values. Identifiers are kept in lower case, so case
/// does not count.
struct Filter {
    members: Vec<String>,
    values: Vec<String>,
}

impl Filter {
    fn accepts(&self, item: &Map<String, Value>) -> bool {
        self.members.iter().any(|member| {
            let value = optional_text(item, member).unwrap_or_default().to_lowercase();
            self.values.contains(&value)
        })
    }
}

fn start(input: &Input) -> Result<usize, AwsError> {
    let Some(marker) = optional_text(input, "Marker").filter(|marker| !marker.is_empty()) else {
        return Ok(0);
    };
    let bytes = URL_SAFE_NO_PAD.decode(marker).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    text.strip_prefix("after ")
        .and_then(|count| count.parse().ok())
        .ok_or_else(|| errors::invalid_value("Invalid marker"))
}

/// Opaque to clients.
fn marker(count: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("after {count}"))
}
