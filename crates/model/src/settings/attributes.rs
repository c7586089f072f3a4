//! Which extra connection attribute says the same as which setting.
//!
//! Nearly all attributes have the setting's name in another case, some with underscores (`asm_user`,
//! `acceptanydate`). Those that are named otherwise are listed here (DMS User Guide, "Endpoint settings
//! when using …" of each engine).

use super::{Field, member_of, structure};

/// Structure, attribute without case and underscores, setting.
const RENAMED: &[(&str, &str, &str)] = &[
    ("GcpMySQLSettings", "cleansrcmetadataonmismatch", "CleanSourceMetadataOnMismatch"),
    ("MicrosoftSQLServerSettings", "use3rdpartybackupdevice", "UseThirdPartyBackupDevice"),
    ("MySQLSettings", "cleansrcmetadataonmismatch", "CleanSourceMetadataOnMismatch"),
    ("OracleSettings", "spatialsdo2geojsonfunctionname", "SpatialDataOptionToGeoJsonFunctionName"),
];

/// The setting of an engine that says the same as an extra connection attribute of this name.
pub fn of_attribute(engine: &str, attribute: &str) -> Option<&'static Field> {
    let structure = structure(member_of(engine)?)?;
    let folded = fold(attribute);
    let renamed = RENAMED.iter().find(|(member, name, _)| *member == structure.member && *name == folded);
    match renamed {
        Some((_, _, field)) => structure.field(field),
        None => structure.fields.iter().find(|field| fold(field.name) == folded),
    }
}

fn fold(name: &str) -> String {
    name.trim().replace('_', "").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_in_every_spelling_of_the_user_guide() {
        for (engine, attribute, field) in [
            ("oracle", "asm_user", "AsmUser"),
            ("oracle", "useLogMinerReader", "UseLogminerReader"),
            ("oracle", "SpatialSdo2GeoJsonFunctionName", "SpatialDataOptionToGeoJsonFunctionName"),
            ("redshift", "acceptanydate", "AcceptAnyDate"),
            ("sqlserver", "Use3rdPartyBackupDevice", "UseThirdPartyBackupDevice"),
            ("mariadb", "CleanSrcMetadataOnMismatch", "CleanSourceMetadataOnMismatch"),
            ("postgres", "captureDDLs", "CaptureDdls"),
        ] {
            assert_eq!(of_attribute(engine, attribute).map(|field| field.name), Some(field), "{attribute}");
        }
        assert!(of_attribute("mysql", "initstmt").is_none());
        assert!(of_attribute("oracle", "asmUsePLSQLArray").is_none());
    }

    #[test]
    fn what_is_renamed_is_there_and_has_no_such_name_itself() {
        for (member, attribute, field) in RENAMED {
            let structure = structure(member).unwrap();
            assert!(structure.field(field).is_some(), "{member} {field}");
            assert!(structure.fields.iter().all(|field| fold(field.name) != *attribute), "{attribute}");
        }
    }
}
