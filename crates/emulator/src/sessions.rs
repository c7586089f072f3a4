//! Temporary credentials: a session token carries its account, role and expiry under a seal, so nothing is stored.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::Config;
use crate::iam::base32;

/// What a session token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub account: String,
    pub partition: String,
    pub role_name: String,
    pub role_id: String,
    pub name: String,
    /// Epoch seconds of the client's clock.
    pub expires: u64,
    /// Makes two sessions of the same second different.
    pub nonce: String,
}

/// The credentials of a session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TemporaryCredentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
}

impl Session {
    /// `arn:aws:sts::1:assumed-role/Name/session`.
    pub(crate) fn arn(&self) -> String {
        let Session { account, partition, role_name, name, .. } = self;
        format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/{name}")
    }

    /// `AROA…:session`.
    pub(crate) fn user_id(&self) -> String {
        format!("{}:{}", self.role_id, self.name)
    }

    /// The credentials, the same whenever they are asked for.
    pub(crate) fn credentials(&self, config: &Config) -> TemporaryCredentials {
        let payload = serde_json::to_vec(self).unwrap_or_default();
        let seal = sign(config, "token", &payload);
        let access_key_id = format!("ASIA{}", base32(&sign(config, "key", &payload), 16));
        let secret = sign(config, "secret", access_key_id.as_bytes());
        TemporaryCredentials {
            secret_access_key: STANDARD.encode(&secret[..30]),
            session_token: format!("{}.{}", URL_SAFE_NO_PAD.encode(&payload), URL_SAFE_NO_PAD.encode(seal)),
            access_key_id,
        }
    }

    /// Opens a token, unless it was forged.
    pub(crate) fn open(config: &Config, token: &str) -> Option<Session> {
        let (payload, seal) = token.split_once('.')?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let seal = URL_SAFE_NO_PAD.decode(seal).ok()?;
        sealer(config, "token", &payload).verify_slice(&seal).ok()?;
        serde_json::from_slice(&payload).ok()
    }
}

fn sealer(config: &Config, purpose: &str, data: &[u8]) -> Hmac<Sha256> {
    let secret = config.credentials.as_ref().map_or("", |credentials| &credentials.secret_access_key);
    let key = format!("emulator sessions {secret}");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.update(b"/");
    mac.update(data);
    mac
}

fn sign(config: &Config, purpose: &str, data: &[u8]) -> [u8; 32] {
    sealer(config, purpose, data).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StaticCredentials;

    #[test]
    fn tokens_open_with_the_secret_that_sealed_them() {
        let config = Config::default();
        let session = Session {
            account: "210987654321".to_owned(),
            partition: "aws".to_owned(),
            role_name: "deploy".to_owned(),
            role_id: "AROAEXAMPLE".to_owned(),
            name: "ci".to_owned(),
            expires: 1_800_000_000,
            nonce: "1".to_owned(),
        };
        let credentials = session.credentials(&config);
        assert_eq!((credentials.access_key_id.len(), credentials.secret_access_key.len()), (20, 40));
        assert_eq!(Session::open(&config, &credentials.session_token).as_ref(), Some(&session));
        let other = Session { nonce: "2".to_owned(), ..session.clone() }.credentials(&config);
        assert_ne!(credentials.access_key_id, other.access_key_id);
        let secret = StaticCredentials { access_key_id: "k".to_owned(), secret_access_key: "s".to_owned() };
        let sealed = Config { credentials: Some(secret), ..Config::default() };
        assert_eq!(Session::open(&sealed, &credentials.session_token), None);
        for forged in ["", ".", "e30.AAAA", "no token"] {
            assert_eq!(Session::open(&config, forged), None);
        }
    }
}
