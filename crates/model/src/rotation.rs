//! What is remembered of the secrets that endpoints were sent, so that one that was rotated is noticed.
//!
//! AWS returns no secret. What was sent is remembered in a tag, which many may read: a plain hash of a weak
//! password could be guessed from it. So it is an HMAC (RFC 2104) with SHA-256, under a key that is a secret
//! itself and is in no tag.

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::kinds::{EndpointDeclared, hex};
use crate::{ResourceId, Secret, SecretBytes};

/// How rotated secrets are noticed.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// The keys under which it is remembered what was sent; without them nothing is.
    pub keys: Option<RotationKeys>,
    /// Whether the versions of the secrets that DMS reads itself are looked at.
    pub secret_versions: bool,
}

/// The key that is used, and the one that was used before it.
#[derive(Debug, Clone)]
pub struct RotationKeys {
    /// What is written is written under this one.
    pub current: RotationKey,
    /// What was written under this one is understood.
    pub previous: Option<RotationKey>,
}

/// A key under which it is remembered what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationKey(SecretBytes);

impl RotationKey {
    /// The fewest bytes of a key.
    pub const MIN_BYTES: usize = 16;

    /// A key of these bytes; none if they are too few.
    pub fn new(bytes: SecretBytes) -> Option<Self> {
        (bytes.expose().len() >= Self::MIN_BYTES).then_some(Self(bytes))
    }

    /// Eight hexadecimal digits that tell this key from another one.
    fn id(&self) -> String {
        self.digits(&["key"])[..8].to_owned()
    }

    /// Sixteen hexadecimal digits that tell nothing of the secret to who does not have the key. The resource
    /// and the field are in it, so that equal secrets of two do not look equal.
    fn mark(&self, id: &ResourceId, field: &str, secret: &Secret) -> String {
        self.digits(&["secret", &id.to_string(), field, secret.expose()])
    }

    /// Each part after its length, so that no two lists of parts are the same bytes.
    fn digits(&self, parts: &[&str]) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else { return String::new() };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        hex(&mac.finalize().into_bytes()[..8])
    }
}

/// What is known of one secret of an endpoint, where it is not known that it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// Another one was sent before.
    Rotated,
    /// Nothing is remembered.
    Unknown,
    /// It is remembered under a key that is neither the current nor the previous one.
    OtherKey,
}

impl RotationKeys {
    /// The value of the tag [`SECRETS`](crate::tags::SECRETS) once the secrets of this endpoint were sent: the key's id and a
    /// mark for each secret. None for an endpoint without secrets.
    pub fn remembered(&self, id: &ResourceId, declared: &EndpointDeclared) -> Option<String> {
        let marks: BTreeSet<String> =
            declared.secrets().map(|(field, secret)| self.current.mark(id, &field, secret)).collect();
        let marks: Vec<String> = marks.into_iter().collect();
        (!marks.is_empty()).then(|| format!("{} {}", self.current.id(), marks.join(" ")))
    }

    /// The secrets of an endpoint of which the value of the tag does not say that they were sent, by field.
    pub fn unsent(
        &self,
        id: &ResourceId,
        declared: &EndpointDeclared,
        remembered: Option<&str>,
    ) -> BTreeMap<String, Unsent> {
        let mut parts = remembered.unwrap_or_default().split(' ');
        let key_id = parts.next().unwrap_or_default();
        let marks: BTreeSet<&str> = parts.collect();
        let mut keys = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        let key = keys.find(|key| key.id() == key_id);
        let of = |field: &str, secret| match (remembered, key) {
            (None, _) => Some(Unsent::Unknown),
            (Some(_), None) => Some(Unsent::OtherKey),
            (Some(_), Some(key)) => {
                (!marks.contains(key.mark(id, field, secret).as_str())).then_some(Unsent::Rotated)
            }
        };
        declared.secrets().filter_map(|(field, secret)| Some((field.clone(), of(&field, secret)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::kinds::EndpointType;
    use crate::settings;

    fn key(text: &str) -> RotationKey {
        RotationKey::new(SecretBytes::new(text.as_bytes())).unwrap()
    }

    fn keys(current: &str, previous: Option<&str>) -> RotationKeys {
        RotationKeys { current: key(current), previous: previous.map(key) }
    }

    fn endpoint(password: &str, settings: &[(&str, &str)]) -> EndpointDeclared {
        let secret_settings =
            settings.iter().map(|&(name, value)| (name.to_owned(), Secret::new(value))).collect();
        EndpointDeclared {
            password: Some(Secret::new(password)),
            secret_settings,
            ..EndpointDeclared::new(EndpointType::Source, "kafka")
        }
    }

    fn id(name: &str) -> ResourceId {
        ResourceId::new(Kind::Endpoint, name)
    }

    const OLD: &str = "0123456789abcdef";
    const NEW: &str = "fedcba9876543210";

    #[test]
    fn a_rotated_secret_is_told_by_its_field() {
        let keys = keys(OLD, None);
        let before = endpoint("one", &[("SaslPassword", "two"), ("SslClientKeyPassword", "three")]);
        let tag = keys.remembered(&id("e"), &before).unwrap();
        assert_eq!(keys.unsent(&id("e"), &before, Some(&tag)), BTreeMap::new());
        let after = endpoint("one", &[("SaslPassword", "2"), ("SslClientKeyPassword", "three")]);
        let rotated = BTreeMap::from([("secretSettings.SaslPassword".to_owned(), Unsent::Rotated)]);
        assert_eq!(keys.unsent(&id("e"), &after, Some(&tag)), rotated);
        // Two secrets that changed places are two others.
        let swapped = endpoint("two", &[("SaslPassword", "one"), ("SslClientKeyPassword", "three")]);
        assert_eq!(keys.unsent(&id("e"), &swapped, Some(&tag)).len(), 2);
        // One that is no longer declared stays where it is.
        assert_eq!(keys.unsent(&id("e"), &endpoint("one", &[]), Some(&tag)), BTreeMap::new());
    }

    #[test]
    fn a_rotated_key_is_no_rotated_password_while_the_previous_one_is_known() {
        let declared = endpoint("one", &[]);
        let tag = keys(OLD, None).remembered(&id("e"), &declared).unwrap();
        let both = keys(NEW, Some(OLD));
        assert_eq!(both.unsent(&id("e"), &declared, Some(&tag)), BTreeMap::new());
        assert_ne!(
            both.remembered(&id("e"), &declared),
            Some(tag.clone()),
            "it is written under the new key"
        );
        let what = |keys: RotationKeys, tag| keys.unsent(&id("e"), &endpoint("2", &[]), tag)["password"];
        assert_eq!(what(both, Some(&tag)), Unsent::Rotated);
        assert_eq!(what(keys(NEW, None), Some(&tag)), Unsent::OtherKey);
        assert_eq!(what(keys(NEW, None), None), Unsent::Unknown);
    }

    #[test]
    fn equal_secrets_do_not_look_equal_and_no_plain_hash_is_written() {
        use sha2::Digest as _;
        let keys = keys(OLD, None);
        let declared = endpoint("one", &[("SaslPassword", "one")]);
        let tag = |name| keys.remembered(&id(name), &declared).unwrap();
        let both = format!("{} {}", tag("a"), tag("b"));
        let marks: Vec<&str> = both.split(' ').collect();
        assert_eq!(marks.len(), 6);
        assert_eq!(marks.iter().collect::<BTreeSet<_>>().len(), 5, "the key's id stands twice: {both}");
        assert!(!both.contains(&hex(&Sha256::digest("one"))[..16]), "{both}");
    }

    #[test]
    fn a_key_is_long_enough_and_not_shown() {
        assert_eq!(RotationKey::new(SecretBytes::new(*b"0123456789abcde")), None);
        assert_eq!(format!("{:?}", key(OLD)), "RotationKey((sensitive))");
    }

    #[test]
    fn the_marks_of_every_engine_are_no_longer_than_a_tag() {
        for structure in settings::structures() {
            let secret = structure.fields.iter().filter(|field| field.secret).count();
            assert!(8 + 17 * (secret + 1) <= crate::tags::MAX_VALUE, "{}", structure.member);
        }
    }
}
