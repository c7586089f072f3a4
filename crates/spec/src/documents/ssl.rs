//! How connections are encrypted, and which engines have which way.

use pipewright_model::settings;

use crate::engines::{Access, Engine};
use crate::read::{Reader, choice};
use crate::tree::Node;

choice! {
    /// How a connection is encrypted.
    pub(crate) enum SslMode {
        /// Not at all.
        None = "none",
        /// Encrypted, the server is not checked.
        Require = "require",
        /// Encrypted, the server's certificate is checked.
        VerifyCa = "verify-ca",
        /// Encrypted, the server's certificate and host name are checked.
        VerifyFull = "verify-full",
    }
}

impl SslMode {
    const ALL: [Self; 4] = [Self::None, Self::Require, Self::VerifyCa, Self::VerifyFull];

    /// Whether the server is checked, so that there must be a certificate to check it against.
    fn verifies(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.word() == word)
    }
}

/// The modes that an engine has (DMS User Guide, "Using SSL with AWS Database Migration Service", the table
/// of SSL modes and database engines). The engines of one row are those with the same settings structure.
/// What is reached without a server of one's own is encrypted by AWS and has only `none`. DocumentDB and
/// Babelfish are not in the table: they have them all here, since a mode that AWS may take is not to be
/// refused.
fn modes(engine: &Engine) -> &'static [SslMode] {
    use SslMode::{None, Require, VerifyCa, VerifyFull};

    if engine.access == Access::Settings {
        return &[None];
    }
    match settings::member_of(engine.name) {
        _ if engine.name == "babelfish" => &SslMode::ALL,
        Some("MySQLSettings" | "GcpMySQLSettings") => &[None, VerifyCa, VerifyFull],
        Some("MicrosoftSQLServerSettings" | "MongoDbSettings") => &[None, Require, VerifyFull],
        Some("RedshiftSettings") => &[None],
        Some("OracleSettings" | "IBMDb2Settings") => &[None, VerifyCa],
        Some("SybaseSettings") => &[None, VerifyFull],
        _ => &SslMode::ALL,
    }
}

/// Refuses a mode that the engine does not have.
pub(super) fn check_mode(engine: &Engine, node: &Node, reader: &mut Reader<'_>) {
    let Some(given) = node.get("sslMode") else { return };
    let Some(mode) = given.as_str().and_then(SslMode::named) else { return };
    let modes = modes(engine);
    if modes.contains(&mode) {
        return;
    }
    let hint = if modes == [SslMode::None] {
        "remove `sslMode`: its connections are not encrypted by this setting".to_owned()
    } else {
        let words: Vec<String> = modes.iter().map(|mode| format!("`{}`", mode.word())).collect();
        format!("it has {}", words.join(", "))
    };
    let message = format!("the engine {} has no `sslMode: {}`", engine.name, mode.word());
    reader.error_with_hint(given.at, message, hint);
}

/// A server can only be checked against a certificate, and against one.
pub(super) fn check_certificate(node: &Node, reader: &mut Reader<'_>) {
    let given = ["certificateRef", "certificateArn"].map(|field| node.key_at(field));
    if let [Some(_), Some(at)] = given {
        reader.error_with_hint(
            at,
            "`certificateArn` cannot stand beside `certificateRef`",
            "keep `certificateRef` for a Certificate document, `certificateArn` for one that somebody else keeps",
        );
    }
    if let Some(node) = node.get("sslMode")
        && let Some(mode) = node.as_str().and_then(SslMode::named)
        && mode.verifies()
        && given == [None, None]
    {
        reader.error_with_hint(
            node.at,
            format!("`{}` needs a certificate to check the server against", mode.word()),
            "name a Certificate document by `certificateRef`, or give `certificateArn`",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::{ENGINES, named};

    #[test]
    fn every_engine_can_do_without_and_the_rows_of_the_table_hold() {
        for engine in &ENGINES {
            assert!(modes(engine).contains(&SslMode::None), "{}", engine.name);
        }
        for (engine, row) in [
            ("mysql", "none verify-ca verify-full"),
            ("mariadb", "none verify-ca verify-full"),
            ("aurora", "none verify-ca verify-full"),
            ("sqlserver", "none require verify-full"),
            ("postgres", "none require verify-ca verify-full"),
            ("aurora-postgresql", "none require verify-ca verify-full"),
            ("redshift", "none"),
            ("oracle", "none verify-ca"),
            ("sybase", "none verify-full"),
            ("mongodb", "none require verify-full"),
            ("db2", "none verify-ca"),
            ("s3", "none"),
            ("kinesis", "none"),
        ] {
            let modes: Vec<&str> = modes(named(engine).unwrap()).iter().map(|mode| mode.word()).collect();
            assert_eq!(modes.join(" "), row, "{engine}");
        }
    }
}
