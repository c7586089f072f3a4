//! Endpoint settings between their neutral form, API member names and JSON values, and the SDK's typed
//! structures.
//!
//! `generated.rs` has one pair of functions a structure; here is what those call.

mod generated;

use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_databasemigration::error::BuildError;
use aws_sdk_databasemigration::operation::create_endpoint::builders::CreateEndpointFluentBuilder;
use aws_sdk_databasemigration::operation::modify_endpoint::builders::ModifyEndpointFluentBuilder;
use aws_sdk_databasemigration::types::Endpoint;
use pipewright_model::Secret;
use pipewright_model::kinds::EndpointDeclared;
use pipewright_model::settings::{member_of, structure};
use serde_json::Value;

/// Puts an endpoint's own settings into a create call.
pub(super) fn create(
    call: CreateEndpointFluentBuilder,
    declared: &EndpointDeclared,
) -> Result<CreateEndpointFluentBuilder, Error> {
    match Given::of(declared)? {
        Some(given) => generated::set_member!(call, given.member, &given),
        None => Ok(call),
    }
}

/// Puts an endpoint's own settings into a modify call.
pub(super) fn modify(
    call: ModifyEndpointFluentBuilder,
    declared: &EndpointDeclared,
) -> Result<ModifyEndpointFluentBuilder, Error> {
    match Given::of(declared)? {
        Some(given) => generated::set_member!(call, given.member, &given),
        None => Ok(call),
    }
}

/// The settings of an endpoint's own engine, without secrets. Settings of other engines, which AWS may
/// fill in too, are left out.
pub(super) fn found(endpoint: &Endpoint) -> BTreeMap<String, Value> {
    endpoint
        .engine_name()
        .and_then(member_of)
        .and_then(|member| generated::found(endpoint, member))
        .map(|found| found.0)
        .unwrap_or_default()
}

/// Settings that cannot be put into the API's structure. Never holds a value.
#[derive(Debug)]
pub(super) struct Error(String);

impl Error {
    fn unknown_structure(member: &str) -> Self {
        Self(format!("there are no settings named {member}"))
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        // `BuildError` names the member that is missing, in the SDK's spelling, and no value.
        Self(error.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The settings given for one structure.
struct Given<'a> {
    member: &'static str,
    settings: &'a BTreeMap<String, Value>,
    secrets: &'a BTreeMap<String, Secret>,
}

impl<'a> Given<'a> {
    /// The settings that an endpoint declares; `None` where it declares none.
    fn of(declared: &'a EndpointDeclared) -> Result<Option<Self>, Error> {
        if declared.settings.is_empty() && declared.secret_settings.is_empty() {
            return Ok(None);
        }
        let member = member_of(&declared.engine)
            .ok_or_else(|| Error(format!("the engine {} has no settings", declared.engine)))?;
        Self::new(member, &declared.settings, &declared.secret_settings).map(Some)
    }

    fn new(
        member: &'static str,
        settings: &'a BTreeMap<String, Value>,
        secrets: &'a BTreeMap<String, Secret>,
    ) -> Result<Self, Error> {
        let structure = structure(member).ok_or_else(|| Error::unknown_structure(member))?;
        for (name, secret) in
            settings.keys().map(|name| (name, false)).chain(secrets.keys().map(|name| (name, true)))
        {
            match structure.field(name) {
                Some(field) if field.secret == secret => {}
                Some(_) if secret => {
                    return Err(Error(format!("{member}.{name} is no secret")));
                }
                Some(_) => {
                    return Err(Error(format!("{member}.{name} must be given as a secret")));
                }
                None => return Err(Error(format!("{member} has no field named {name}"))),
            }
        }
        Ok(Self { member, settings, secrets })
    }

    fn string(&self, name: &str) -> Result<Option<String>, Error> {
        self.read(name, "text", |value| value.as_str().map(str::to_owned))
    }

    fn integer(&self, name: &str) -> Result<Option<i32>, Error> {
        self.read(name, "a whole number of 32 bits", integer)
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, Error> {
        self.read(name, "true or false", Value::as_bool)
    }

    fn word<T: for<'w> From<&'w str>>(&self, name: &str) -> Result<Option<T>, Error> {
        self.read(name, "a word", |value| value.as_str().map(T::from))
    }

    fn integers(&self, name: &str) -> Result<Option<Vec<i32>>, Error> {
        self.read(name, "a list of whole numbers", |value| value.as_array()?.iter().map(integer).collect())
    }

    /// The one place where the secrets among the settings are exposed.
    fn secret(&self, name: &str) -> Option<String> {
        self.secrets.get(name).map(|secret| secret.expose().to_owned())
    }

    fn read<T>(
        &self,
        name: &str,
        what: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        self.settings
            .get(name)
            .map(|value| read(value).ok_or_else(|| Error(format!("{}.{name} must be {what}", self.member))))
            .transpose()
    }
}

fn integer(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|number| i32::try_from(number).ok())
}

/// The settings found in one structure.
struct Found(BTreeMap<String, Value>);

impl Found {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// An empty text is what the SDK puts in place of a required member that AWS left out.
    fn string(&mut self, name: &str, value: Option<&str>) {
        self.put(name, value.filter(|text| !text.is_empty()));
    }

    fn integer(&mut self, name: &str, value: Option<i32>) {
        self.put(name, value);
    }

    fn boolean(&mut self, name: &str, value: Option<bool>) {
        self.put(name, value);
    }

    fn integers(&mut self, name: &str, value: &[i32]) {
        if !value.is_empty() {
            self.put(name, Some(value));
        }
    }

    fn put(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use pipewright_model::settings::{ENGINES, Field, FieldType, structures};
    use serde_json::json;

    use super::*;

    /// A value of the field's own type, different for each position in its structure.
    fn sample(position: i32, ty: FieldType) -> Value {
        match ty {
            FieldType::String => json!(format!("text {position}")),
            FieldType::Integer => json!(1000 + position),
            FieldType::Boolean => json!(position % 2 == 0),
            FieldType::Enum(words) => json!(words[usize::try_from(position).unwrap() % words.len()]),
            FieldType::List(item) => json!([sample(position, *item), sample(position + 1, *item)]),
        }
    }

    /// Every plain and every secret field of a structure, filled.
    fn filled(fields: &[Field]) -> (BTreeMap<String, Value>, BTreeMap<String, Secret>) {
        let mut settings = BTreeMap::new();
        let mut secrets = BTreeMap::new();
        for (position, field) in (0..).zip(fields) {
            if field.secret {
                secrets.insert(field.name.to_owned(), Secret::new(format!("secret {position}")));
            } else {
                settings.insert(field.name.to_owned(), sample(position, field.ty));
            }
        }
        (settings, secrets)
    }

    fn endpoint(engine: &str, given: &Given<'_>) -> Result<Endpoint, Error> {
        let builder = Endpoint::builder().engine_name(engine);
        let builder: Result<_, Error> = generated::set_member!(builder, given.member, given);
        Ok(builder?.build())
    }

    #[test]
    fn every_field_of_every_structure_comes_back_as_it_was_given_except_secrets() {
        for structure in structures() {
            let (settings, secrets) = filled(structure.fields);
            let (engine, _) = ENGINES.iter().find(|(_, member)| *member == structure.member).unwrap();
            let given = Given::new(structure.member, &settings, &secrets).unwrap();
            let endpoint = endpoint(engine, &given).unwrap();
            assert_eq!(found(&endpoint), settings, "{}", structure.member);
        }
    }

    #[test]
    fn a_secret_reaches_the_api_and_is_never_read_out() {
        let secrets = BTreeMap::from([("AsmPassword".to_owned(), Secret::new("tiger"))]);
        let settings = BTreeMap::new();
        let given = Given::new("OracleSettings", &settings, &secrets).unwrap();
        let endpoint = endpoint("oracle", &given).unwrap();
        assert_eq!(endpoint.oracle_settings().and_then(|oracle| oracle.asm_password()), Some("tiger"));
        assert_eq!(found(&endpoint), BTreeMap::new());
    }

    #[test]
    fn settings_of_another_engine_are_not_read() {
        let settings = BTreeMap::from([("ServerTimezone".to_owned(), json!("UTC"))]);
        let given =
            Given::new("MySQLSettings", &settings, &BTreeMap::new()).map(|given| endpoint("oracle", &given));
        assert_eq!(found(&given.unwrap().unwrap()), BTreeMap::new());
    }

    #[test]
    fn what_does_not_fit_is_named_without_its_value() {
        let message = |member, name: &str, value: Value| {
            let settings = BTreeMap::from([(name.to_owned(), value)]);
            let secrets = BTreeMap::new();
            Given::new(member, &settings, &secrets)
                .and_then(|given| endpoint("any", &given))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message("MySQLSettings", "Port", json!("hunter2")),
            "MySQLSettings.Port must be a whole number of 32 bits"
        );
        assert_eq!(
            message("MySQLSettings", "Port", json!(3_000_000_000_u32)),
            "MySQLSettings.Port must be a whole number of 32 bits"
        );
        assert_eq!(message("MySQLSettings", "Prot", json!(3306)), "MySQLSettings has no field named Prot");
        assert_eq!(
            message("MySQLSettings", "Password", json!("hunter2")),
            "MySQLSettings.Password must be given as a secret"
        );
        assert!(message("RedisSettings", "Port", json!(6379)).contains("server_name"));
    }
}
