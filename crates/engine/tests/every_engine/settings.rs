//! Every setting of every engine goes to AWS and comes back: each is given a value, and then another.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{EndpointDeclared, EndpointType};
use pipewright_model::settings::{ENGINES, Field, FieldType, Structure, member_of, structure};
use pipewright_model::{Body, Declared, Desired, Kind, LiveBody, ResourceId, Secret};
use pipewright_testkit::{Lab, desired, id, outline};
use serde_json::{Value, json};

use super::directions;

/// DMS takes these, or the name of a secret that holds them (DMS API reference, CreateEndpoint).
const CLEAR: [&str; 4] = ["ServerName", "Port", "Username", "Password"];

/// One of two values that DMS takes for a setting.
fn value(structure: &Structure, field: &Field, second: bool) -> Value {
    let name = field.name;
    let text = |text: &str| json!(format!("{text}-{}", if second { "b" } else { "a" }));
    match field.ty {
        FieldType::Boolean => json!(second),
        FieldType::Integer => {
            let (least, _) = structure.note(name).and_then(|note| note.limits).unwrap_or((100, i32::MAX));
            json!(if second { least + 1 } else { least })
        }
        // DMS lets an encryption become `sse-s3` and not `sse-kms`, which is the last.
        FieldType::Enum([first, .., last]) => json!(if second { first } else { last }),
        FieldType::Enum(words) => json!(words),
        FieldType::List(_) => json!(if second { [1, 2] } else { [3, 4] }),
        FieldType::String if name.ends_with("Arn") => text("arn:aws:iam::111122223333:role/role"),
        FieldType::String => text(&name.to_lowercase()),
    }
}

/// The settings of a structure, with a secret's name or without.
fn settings(structure: &Structure, by_secret: bool, second: bool) -> BTreeMap<String, Value> {
    let fields = structure.fields.iter().filter(|field| {
        let other = if by_secret {
            CLEAR.contains(&field.name)
        } else {
            matches!(field.name, "SecretsManagerSecretId" | "SecretsManagerAccessRoleArn")
        };
        !field.secret && !other
    });
    fields.map(|field| (field.name.to_owned(), value(structure, field, second))).collect()
}

/// An endpoint with every setting of its engine.
fn endpoint(engine: &str, side: EndpointType, by_secret: bool, second: bool) -> EndpointDeclared {
    let structure = member_of(engine).and_then(structure).unwrap();
    let secrets = structure.fields.iter().filter(|field| field.secret);
    let secrets = secrets.filter(|field| !(by_secret && CLEAR.contains(&field.name)));
    EndpointDeclared {
        settings: settings(structure, by_secret, second),
        secret_settings: secrets.map(|field| (field.name.to_owned(), Secret::new("never shown"))).collect(),
        ..EndpointDeclared::new(side, engine)
    }
}

/// What asks for an endpoint of every engine in every way, and of no pipelines.
fn everything(second: bool) -> Desired {
    let mut wanted = desired("a", &["orders"]);
    let like = wanted.resources[&id(&wanted, Kind::Endpoint, "orders-source")].clone();
    wanted.resources.clear();
    wanted.pipelines.clear();
    for (engine, member) in ENGINES {
        let has_secret = structure(member).unwrap().field("SecretsManagerSecretId").is_some();
        for side in directions(engine) {
            for by_secret in [false, true].into_iter().filter(|by_secret| has_secret || !by_secret) {
                let name = format!("{engine}-{side}-{}", if by_secret { "secret" } else { "clear" });
                let body = Body::Endpoint(endpoint(engine, side, by_secret, second));
                wanted
                    .resources
                    .insert(id(&wanted, Kind::Endpoint, &name), Declared { body, ..like.clone() });
            }
        }
    }
    wanted
}

/// Whether AWS has what was declared; it spells words in its own way.
fn same(field: &Field, declared: &Value, live: &Value) -> bool {
    let fold = |value: &Value| value.as_str().map(|word| word.to_lowercase().replace('_', "-"));
    declared == live || matches!(field.ty, FieldType::Enum(_)) && fold(declared) == fold(live)
}

/// Every endpoint's settings, as AWS has them, against what is declared; the settings that came back.
fn compare(
    wanted: &Desired,
    live: &BTreeMap<ResourceId, pipewright_model::Live>,
) -> BTreeSet<(&'static str, &'static str)> {
    let mut returned = BTreeSet::new();
    for (id, declared) in &wanted.resources {
        let (Body::Endpoint(declared), LiveBody::Endpoint(live)) = (&declared.body, &live[id].body) else {
            panic!("{id} is no endpoint");
        };
        let structure = member_of(&declared.engine).and_then(structure).unwrap();
        for field in structure.fields {
            if field.secret {
                assert!(!live.settings.contains_key(field.name), "{id} shows {}", field.name);
            } else if let Some(value) = declared.settings.get(field.name) {
                let answer = live.settings.get(field.name).unwrap_or(&Value::Null);
                assert!(same(field, value, answer), "{id} {}: {value} became {answer}", field.name);
                returned.insert((structure.member, field.name));
            }
        }
    }
    returned
}

#[tokio::test]
async fn every_setting_is_sent_comes_back_and_is_changed() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let [first, second] = [everything(false), everything(true)];
    let mut returned = Vec::new();
    for wanted in [&first, &second] {
        controller.converge(wanted).await;
        let observed = controller.observe(wanted).await;
        returned.push(compare(wanted, &observed.resources));
        assert_eq!(outline(&controller.plan(wanted).await), "nothing");
    }
    let all: BTreeSet<(&str, &str)> = pipewright_model::settings::structures()
        .iter()
        .flat_map(|structure| structure.fields.iter().map(move |field| (structure.member, field)))
        .filter(|(_, field)| !field.secret)
        .map(|(member, field)| (member, field.name))
        .collect();
    assert_eq!(returned, [all.clone(), all]);
    // Each setting is another one the second time.
    for (id, declared) in &first.resources {
        let (Body::Endpoint(before), Body::Endpoint(after)) = (&declared.body, &second.resources[id].body)
        else {
            panic!("{id} is no endpoint");
        };
        assert!(before.settings.iter().all(|(name, value)| &after.settings[name] != value), "{id}");
    }
}
