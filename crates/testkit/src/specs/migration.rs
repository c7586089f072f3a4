//! Random migrations: which tables, which settings.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Members of the task settings document with values that DMS takes (DMS User Guide, "Specifying task
/// settings").
pub(super) fn task_settings() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    let flags = || vec![json!(true), json!(false)];
    let severity = |severity| json!([{"Id": "SORTER", "Severity": severity}]);
    vec![
        ("TargetMetadata", "BatchApplyEnabled", flags()),
        ("TargetMetadata", "LobMaxSize", vec![json!(16), json!(32), json!(64)]),
        ("TargetMetadata", "TargetSchema", vec![json!("public"), json!("Public")]),
        ("FullLoadSettings", "TargetTablePrepMode", vec![json!("DO_NOTHING"), json!("DROP_AND_CREATE")]),
        ("FullLoadSettings", "MaxFullLoadSubTasks", vec![json!(4), json!(8), json!(49)]),
        ("FullLoadSettings", "CommitRate", vec![json!(10_000), json!(50_000)]),
        ("Logging", "EnableLogContext", flags()),
        (
            "Logging",
            "LogComponents",
            vec![severity("LOGGER_SEVERITY_DEBUG"), severity("LOGGER_SEVERITY_INFO")],
        ),
        ("ControlTablesSettings", "ControlSchema", vec![json!("dms"), json!("DMS")]),
        ("ControlTablesSettings", "HistoryTimeslotInMinutes", vec![json!(5), json!(10)]),
        ("StreamBufferSettings", "StreamBufferCount", vec![json!(3), json!(6)]),
        ("ChangeProcessingTuning", "MemoryLimitTotal", vec![json!(1024), json!(2048)]),
        ("ChangeProcessingTuning", "BatchApplyPreserveTransaction", flags()),
        ("ChangeProcessingDdlHandlingPolicy", "HandleSourceTableDropped", flags()),
        ("ErrorBehavior", "DataErrorPolicy", vec![json!("LOG_ERROR"), json!("STOP_TASK")]),
        ("ErrorBehavior", "RecoverableErrorCount", vec![json!(-1), json!(0), json!(3)]),
        ("ValidationSettings", "EnableValidation", flags()),
    ]
}

/// Any migration.
pub(super) fn migration() -> BoxedStrategy<Map<String, Value>> {
    let table = || ("[a-z]{2,5}", "[a-z_]{2,6}|\\*|[a-z]{2,4}%");
    let tables = (
        prop::collection::btree_set(table(), 1..4),
        prop::collection::btree_set("[a-z]{2,5}", 0..2),
        prop::collection::btree_map("[a-z]{2,5}", "[a-z]{2,5}", 0..2),
    )
        .prop_map(|(include, exclude, rename)| {
            let include: Vec<String> =
                include.iter().map(|(schema, table)| format!("{schema}.{table}")).collect();
            let mut tables = json!({"include": include});
            if !exclude.is_empty() {
                // Not among those that are included: no table is named twice.
                let exclude = exclude.iter().map(|table| format!("{table}.x_{table}"));
                tables["exclude"] = exclude.collect();
            }
            if !rename.is_empty() {
                tables["rename"] =
                    rename.iter().map(|(schema, to)| json!({"schema": schema, "to": to})).collect();
            }
            ("tables", tables)
        });
    let rules = prop::collection::btree_map(1..1000_u32, table(), 1..4).prop_map(|rules| {
        let rule = |(id, (schema, table)): (&u32, &(String, String))| {
            json!({
                "rule-type": "selection",
                "rule-id": id.to_string(),
                "rule-name": format!("rule-{id}"),
                "object-locator": {"schema-name": schema, "table-name": table},
                "rule-action": "include",
            })
        };
        ("mappings", json!({"rules": rules.iter().map(rule).collect::<Vec<_>>()}))
    });
    let settings: Vec<_> = task_settings()
        .into_iter()
        .map(|(section, member, values)| {
            prop::option::weighted(0.2, select(values).prop_map(move |value| (section, member, value)))
        })
        .collect();
    let kind = select(&["full-load", "cdc", "full-load-and-cdc"][..]);
    (kind, prop_oneof![2 => tables.boxed(), 1 => rules.boxed()], settings, any::<bool>())
        .prop_map(|(kind, (how, which), settings, stops)| {
            let mut migration = Map::new();
            migration.insert("type".to_owned(), json!(kind));
            migration.insert(how.to_owned(), which);
            if stops && kind != "full-load" {
                let cdc = json!({"stopPosition": "server_time:2040-01-31T12:00:00"});
                migration.insert("cdc".to_owned(), cdc);
            }
            let mut sections = Map::new();
            for (section, member, value) in settings.into_iter().flatten() {
                let members = sections.entry(section).or_insert_with(|| json!({}));
                members[member] = value;
            }
            if !sections.is_empty() {
                migration.insert("settings".to_owned(), Value::Object(sections));
            }
            migration
        })
        .boxed()
}
