//! The JSON Schema of the spec format, for editors.

mod changes;

use pipewright_model::FieldChange;
use pipewright_model::settings::{self, FieldType, Note, Structure};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::documents::{
    API_VERSION, CertificateSpec, ControllerSpec, EndpointDocumentSpec, EventSubscriptionSpec, Metadata,
    PipelineSpec, ReplicationInstanceSpec, ReplicationSubnetGroupSpec, SecretRef, ServiceRoleSpec,
};
use crate::engines::{self, Engine};
use crate::task_settings;

/// The JSON Schema (draft 2020-12) of one document of the spec format.
///
/// It is made of the types that specs are read into, so that editors accept what
/// [`load`](crate::load) accepts; what takes several documents or a comparison of values to check is
/// left to the latter.
pub fn json_schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    generator.subschema_for::<Metadata>();
    generator.subschema_for::<SecretRef>();
    let kinds = [
        ("Controller", generator.subschema_for::<ControllerSpec>()),
        ("Pipeline", generator.subschema_for::<PipelineSpec>()),
        ("Endpoint", generator.subschema_for::<EndpointDocumentSpec>()),
        ("ReplicationInstance", generator.subschema_for::<ReplicationInstanceSpec>()),
        ("ReplicationSubnetGroup", generator.subschema_for::<ReplicationSubnetGroupSpec>()),
        ("Certificate", generator.subschema_for::<CertificateSpec>()),
        ("EventSubscription", generator.subschema_for::<EventSubscriptionSpec>()),
        ("ServiceRole", generator.subschema_for::<ServiceRoleSpec>()),
    ];
    let documents: Vec<Value> =
        kinds.into_iter().map(|(kind, spec)| document(kind, &spec.to_value())).collect();
    let mut definitions = definitions(generator);
    for endpoint in ["EndpointSpec", "EndpointDocumentSpec"] {
        if let Some(definition) = definitions.get_mut(endpoint) {
            definition["allOf"] = engines_settings();
        }
    }
    if let Some(definition) = definitions.get_mut("MigrationSpec") {
        definition["allOf"] = json!([task_settings::condition()]);
    }
    changes::mark(&mut definitions);
    let mut task_settings = task_settings::schema();
    changes::mark_task_settings(&mut task_settings, "settings");
    definitions.insert("TaskSettings".to_owned(), task_settings);
    for structure in settings::structures() {
        definitions.insert(structure.member.to_owned(), settings_schema(structure));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pipewright spec",
        "description": "One document of a Pipewright spec: what AWS Database Migration Service should be like.",
        "oneOf": documents,
        "$defs": definitions,
    })
}

fn document(kind: &str, spec: &Value) -> Value {
    let mut metadata = json!({"$ref": "#/$defs/Metadata", changes::MARK: changes::BY_FIELD});
    if kind == "Controller" {
        // To another scope, what is there is somebody else's.
        metadata["properties"]["name"][changes::MARK] = json!(FieldChange::HeldBack.as_str());
    }
    let mut spec = spec.clone();
    spec[changes::MARK] = json!(changes::BY_FIELD);
    json!({
        "title": kind,
        "type": "object",
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": "The version of the format.",
                changes::MARK: FieldChange::Free.as_str()},
            "kind": {"const": kind, "description": "What the document declares.",
                changes::MARK: FieldChange::Destroys.as_str()},
            "metadata": metadata,
            "spec": spec,
        },
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
    })
}

fn definitions(mut generator: SchemaGenerator) -> Map<String, Value> {
    let mut definitions = Value::Object(generator.take_definitions(true));
    without_null(&mut definitions);
    match definitions {
        Value::Object(definitions) => definitions,
        _ => Map::new(),
    }
}

/// Takes out the null that schemars allows for optional fields: a field without a value is an error.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(values)) = object.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            if let Some(Value::Array(options)) = object.get_mut("anyOf") {
                options.retain(|option| *option != json!({"type": "null"}));
                if let [Value::Object(only)] = options.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    for (key, value) in only {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// For each engine, that its settings are those of its structure, and which of them it needs.
fn engines_settings() -> Value {
    engines::ENGINES
        .iter()
        .filter_map(|engine| Some((engine, settings::member_of(engine.name)?)))
        .map(|(engine, member)| {
            let mut then = json!({"properties": {"settings": {"$ref": format!("#/$defs/{member}")}}});
            let (roles, needed): (Vec<_>, Vec<_>) =
                needed(engine).map(engines::spelled).partition(|name| name == engines::ACCESS_ROLE);
            if !roles.is_empty() {
                then["anyOf"] = json!([
                    {"required": ["accessRoleRef"]},
                    {"required": ["settings"], "properties": {"settings": {"required": roles}}},
                ]);
            }
            if !needed.is_empty() {
                then["required"] = json!(["settings"]);
                then["properties"]["settings"]["required"] = json!(needed);
            }
            json!({
                "if": {"properties": {"engine": {"const": engine.name}}, "required": ["engine"]},
                "then": then,
            })
        })
        .collect()
}

fn needed(engine: &Engine) -> impl Iterator<Item = &'static str> {
    let required = engine.structure().into_iter().flat_map(|structure| structure.fields);
    let required = required.filter(|field| field.required).map(|field| field.name);
    required.chain(engine.needs_settings.iter().copied())
}

fn settings_schema(structure: &Structure) -> Value {
    let engine =
        engines::ENGINES.iter().find(|engine| settings::member_of(engine.name) == Some(structure.member));
    let properties: Map<String, Value> = structure
        .fields
        .iter()
        .filter(|field| engine.is_some_and(|engine| engines::given_elsewhere(engine, field.name).is_none()))
        .map(|field| {
            let mut schema =
                if field.secret { json!({"$ref": "#/$defs/SecretRef"}) } else { type_schema(field.ty) };
            if let Some(note) = structure.note(field.name) {
                explain(&mut schema, note);
            }
            if let Some(change) = changes::of_setting(field.secret) {
                schema[changes::MARK] = json!(change.as_str());
            }
            (engines::spelled(field.name), schema)
        })
        .collect();
    json!({
        "description": format!("{}: {}", structure.member, structure.reference()),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn explain(schema: &mut Value, note: &Note) {
    schema["description"] = json!(note.doc);
    if let Some(default) = note.default.and_then(|default| serde_json::from_str::<Value>(default).ok()) {
        schema["default"] = default;
    }
    if let Some((least, most)) = note.limits {
        schema["minimum"] = json!(least);
        schema["maximum"] = json!(most);
    }
}

fn type_schema(ty: FieldType) -> Value {
    match ty {
        FieldType::String => json!({"type": "string"}),
        FieldType::Integer => json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Enum(words) => json!({"type": "string", "enum": words}),
        FieldType::List(item) => json!({"type": "array", "items": type_schema(*item)}),
    }
}

#[cfg(test)]
mod tests;
