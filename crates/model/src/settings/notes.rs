//! What each setting is for, its default and its limits: what the API model does not give in a form that a
//! program could read.
//!
//! Written by hand. Facts are of the DMS API reference (the page of each structure,
//! [`Structure::reference`]) and of the DMS User Guide, "Endpoint settings when using …" of each engine. Where
//! those two differ, limits are the wider ones, and there is no default. A number without limits here has
//! none that AWS documents.

mod databases;
mod stores;

use super::Structure;

/// What is known of a setting beside its type.
#[derive(Debug)]
pub struct Note {
    name: &'static str,
    /// What it is for, in one or two sentences.
    pub doc: &'static str,
    /// What DMS takes where nothing is given, as JSON; `None` where that depends or is not documented.
    pub default: Option<&'static str>,
    /// The least and the greatest number that DMS takes; `None` where no limits are documented.
    pub limits: Option<(i32, i32)>,
}

impl Structure {
    /// What is known of this structure's field of this name; `None` for what is no field of it.
    pub fn note(&self, field: &str) -> Option<&'static Note> {
        let of = |member: &str| {
            let (_, notes) = tables().find(|(name, _)| *name == member)?;
            notes.iter().find(|note| note.name == field)
        };
        self.field(field)?;
        of(self.member).or_else(|| of("Common"))
    }
}

/// The notes of each structure by its name, and of the fields that many have alike by `Common`.
fn tables() -> impl Iterator<Item = &'static (&'static str, &'static [Note])> {
    COMMON.iter().chain(databases::NOTES).chain(stores::NOTES)
}

/// Writes tables of notes: `Name: "What it is for." = default, limits least to greatest;`.
macro_rules! notes {
    ($($member:ident {
        $($name:ident: $doc:literal $(= $default:literal)? $(, limits $least:literal to $most:literal)?;)*
    })*) => {
        &[$((stringify!($member), &[$($crate::settings::notes::Note {
            name: stringify!($name),
            doc: $doc,
            default: $crate::settings::notes::first(&[$(stringify!($default))?]),
            limits: $crate::settings::notes::first(&[$(($least, $most))?]),
        }),*])),*]
    };
}
use notes;

const fn first<T: Copy>(given: &[T]) -> Option<T> {
    match given {
        [one, ..] => Some(*one),
        [] => None,
    }
}

const COMMON: &[(&str, &[Note])] = notes! {
    Common {
        AfterConnectScript: "SQL that DMS runs once it has connected: the statements, not a file's name.";
        DatabaseName: "The database.";
        KmsKeyId: "The KMS key that encrypts what DMS stores of the connection.";
        Password: "The password of the user.";
        Port: "The TCP port.", limits 1 to 65535;
        SecretsManagerAccessRoleArn: "The role through which DMS reads the secret.";
        SecretsManagerSecretId: "The ARN or name of the secret with the connection's details.";
        ServerName: "The host.";
        ServiceAccessRoleArn: "The ARN of the role that DMS takes to reach the endpoint; whoever makes the endpoint needs `iam:PassRole` for it.";
        Username: "The user.";
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{FieldType, structure, structures};

    #[test]
    fn every_setting_has_a_note_and_every_note_a_setting() {
        for structure in structures() {
            for field in structure.fields {
                let note = structure.note(field.name);
                assert!(
                    note.is_some_and(|note| note.doc.ends_with('.')),
                    "{} {}",
                    structure.member,
                    field.name
                );
            }
        }
        for (member, notes) in tables() {
            for note in *notes {
                let used = |structure: &Structure| structure.field(note.name).is_some();
                let is_used = if *member == "Common" {
                    structures().iter().any(used)
                } else {
                    structure(member).is_some_and(used)
                };
                assert!(is_used, "{member} {}", note.name);
                let twice = notes.iter().filter(|other| other.name == note.name).count();
                assert_eq!(twice, 1, "{member} {}", note.name);
            }
        }
    }

    #[test]
    fn defaults_and_limits_are_of_the_settings_type() {
        for structure in structures() {
            for field in structure.fields {
                let note = structure.note(field.name).unwrap();
                let is_integer = field.ty == FieldType::Integer;
                assert!(note.limits.is_none() || is_integer, "{} {}", structure.member, field.name);
                let (least, most) = note.limits.unwrap_or((i32::MIN, i32::MAX));
                assert!(least < most, "{} {}", structure.member, field.name);
                let Some(default) = note.default else { continue };
                let default: serde_json::Value = serde_json::from_str(default).unwrap();
                let fits = match field.ty {
                    FieldType::String => default.is_string(),
                    FieldType::Boolean => default.is_boolean(),
                    FieldType::Integer => {
                        default.as_i64().is_some_and(|n| (i64::from(least)..=i64::from(most)).contains(&n))
                    }
                    FieldType::Enum(words) => default.as_str().is_some_and(|word| words.contains(&word)),
                    FieldType::List(_) => default.is_array(),
                };
                assert!(fits && !field.secret, "{} {}: {default}", structure.member, field.name);
            }
        }
    }
}
