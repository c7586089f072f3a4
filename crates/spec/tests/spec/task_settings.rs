//! Task settings that cannot be, and those that can.

use crate::common::{CONTROLLER, desired, errors, pipeline_with};

fn with_settings(kind: &str, settings: &str) -> String {
    pipeline_with(
        "    type: full-load\n    tables: {include: [shop.*]}\n",
        &format!("    type: {kind}\n    tables: {{include: [shop.*]}}\n{settings}"),
    )
}

#[test]
fn settings_that_cannot_be() {
    let text = with_settings(
        "full-load",
        "    settings:
      TargetMetdata: {}
      NextYearsSettings: {}
      TargetMetadata: {LobMaxsize: 64, SupportLobs: \"true\", LobChunkSize: \"64\"}
      FullLoadSettings: {MaxFullLoadSubTasks: 50, TargetTablePrepMode: do_nothing}
      ErrorBehavior: []
      Logging:
        CloudWatchLogGroup: mine
        LogComponents: [{Id: SORTERS, Severity: LOGGER_SEVERITY_DEBUG}]
      ControlTablesSettings: {historyTimeslotInMinutes: 5, HistoryTimeslotInMinutes: 6}
",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: DMS has no task settings `TargetMetdata`
      --> specs/a.yaml:21:7
       |
    21 |       TargetMetdata: {}
       |       ^^^^^^^^^^^^^
       |
       = hint: did you mean `TargetMetadata`?

    error: DMS has no task settings `NextYearsSettings`
      --> specs/a.yaml:22:7
       |
    22 |       NextYearsSettings: {}
       |       ^^^^^^^^^^^^^^^^^
       |
       = hint: the sections are `TargetMetadata`, `FullLoadSettings`, `TTSettings`, `Logging`, `ControlTablesSettings`, `StreamBufferSettings`, `ChangeProcessingTuning`, `ChangeProcessingDdlHandlingPolicy`, `ErrorBehavior`, `ValidationSettings`, `ResyncSettings`, `BeforeImageSettings`, `LoopbackPreventionSettings`, `CharacterSetSettings`, `FailTaskWhenCleanTaskResourceFailed`, `PostProcessingRules`; for one that is new in DMS, set `allowUnknownSettings: true`

    error: DMS has no task settings `TargetMetadata.LobMaxsize`
      --> specs/a.yaml:23:24
       |
    23 |       TargetMetadata: {LobMaxsize: 64, SupportLobs: "true", LobChunkSize: "64"}
       |                        ^^^^^^^^^^
       |
       = hint: did you mean `LobMaxSize`?

    error: expected true or false, found text
      --> specs/a.yaml:23:53
       |
    23 |       TargetMetadata: {LobMaxsize: 64, SupportLobs: "true", LobChunkSize: "64"}
       |                                                     ^^^^^^
       |
       = hint: write true, without quotes

    error: expected a whole number, found text
      --> specs/a.yaml:23:75
       |
    23 |       TargetMetadata: {LobMaxsize: 64, SupportLobs: "true", LobChunkSize: "64"}
       |                                                                           ^^^^
       |
       = hint: write 64, without quotes

    error: expected a whole number from 1 to 49, found 50
      --> specs/a.yaml:24:47
       |
    24 |       FullLoadSettings: {MaxFullLoadSubTasks: 50, TargetTablePrepMode: do_nothing}
       |                                               ^^

    error: `do_nothing` is not possible here
      --> specs/a.yaml:24:72
       |
    24 |       FullLoadSettings: {MaxFullLoadSubTasks: 50, TargetTablePrepMode: do_nothing}
       |                                                                        ^^^^^^^^^^
       |
       = hint: did you mean `DO_NOTHING`?

    error: expected a mapping of settings, found a list
      --> specs/a.yaml:25:22
       |
    25 |       ErrorBehavior: []
       |                      ^

    error: DMS sets `CloudWatchLogGroup` itself and refuses it
      --> specs/a.yaml:27:29
       |
    27 |         CloudWatchLogGroup: mine
       |                             ^^^^
       |
       = hint: remove it

    error: `SORTERS` is not possible here
      --> specs/a.yaml:28:30
       |
    28 |         LogComponents: [{Id: SORTERS, Severity: LOGGER_SEVERITY_DEBUG}]
       |                              ^^^^^^^
       |
       = hint: did you mean `SORTER`?

    error: `historyTimeslotInMinutes` is `HistoryTimeslotInMinutes` in another spelling, and has another value
      --> specs/a.yaml:29:57
       |
    29 |       ControlTablesSettings: {historyTimeslotInMinutes: 5, HistoryTimeslotInMinutes: 6}
       |                                                         ^
       |
       = hint: keep one of the two

    11 errors
    "#);
}

#[test]
fn settings_that_demand_others() {
    let text = with_settings(
        "full-load",
        "    settings:
      BeforeImageSettings: {EnableBeforeImage: true}
      ValidationSettings: {EnableValidation: true, ValidationOnly: true}
      ResyncSettings: {EnableResync: true, MaxResyncTime: 60}
",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: a before image needs a `FieldName` beside it
      --> specs/a.yaml:21:48
       |
    21 |       BeforeImageSettings: {EnableBeforeImage: true}
       |                                                ^^^^
       |
       = hint: add `FieldName: before-image`, or another name

    error: a full load has no updates, and so no before image
      --> specs/a.yaml:21:48
       |
    21 |       BeforeImageSettings: {EnableBeforeImage: true}
       |                                                ^^^^
       |
       = hint: remove `BeforeImageSettings`, or set `type: full-load-and-cdc`

    error: a task that only validates must leave the target tables as they are
      --> specs/a.yaml:22:68
       |
    22 |       ValidationSettings: {EnableValidation: true, ValidationOnly: true}
       |                                                                    ^^^^
       |
       = hint: add `FullLoadSettings: {TargetTablePrepMode: DO_NOTHING}`

    error: a full load repairs at its end, and has no `MaxResyncTime`
      --> specs/a.yaml:23:59
       |
    23 |       ResyncSettings: {EnableResync: true, MaxResyncTime: 60}
       |                                                           ^^
       |
       = hint: remove it

    4 errors
    ");
    let text = with_settings(
        "full-load-and-cdc",
        "    settings:
      FullLoadSettings: {TargetTablePrepMode: DO_NOTHING}
      ValidationSettings: {EnableValidation: true, ValidationOnly: true}
      ResyncSettings: {EnableResync: true}
",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: a task that only validates cannot do both
      --> specs/a.yaml:22:68
       |
    22 |       ValidationSettings: {EnableValidation: true, ValidationOnly: true}
       |                                                                    ^^^^
       |
       = hint: set `type: full-load` or `type: cdc`, as the DMS User Guide demands

    error: resync needs `MaxResyncTime` in a task that captures changes
      --> specs/a.yaml:23:38
       |
    23 |       ResyncSettings: {EnableResync: true}
       |                                      ^^^^

    error: resync needs `ResyncSchedule` in a task that captures changes
      --> specs/a.yaml:23:38
       |
    23 |       ResyncSettings: {EnableResync: true}
       |                                      ^^^^

    3 errors
    ");
}

#[test]
fn settings_that_are_new_in_dms_are_let_through_where_the_spec_says_so() {
    let new = "    settings: {NextYearsSettings: {Speed: 11}, TargetMetadata: {Depth: 1, LobMaxSize: 64}}\n";
    let text = with_settings("cdc", &format!("{new}    allowUnknownSettings: true\n"));
    let desired = desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]);
    let task = desired.resources.values().find_map(|declared| match &declared.body {
        pipewright_model::Body::Task(task) => Some(task),
        _ => None,
    });
    let settings = &task.unwrap().settings;
    assert_eq!(settings["NextYearsSettings"]["Speed"], 11);
    assert_eq!(settings["TargetMetadata"]["Depth"], 1);
    // What is known is checked all the same.
    let wrong = with_settings(
        "cdc",
        "    settings: {TargetMetadata: {LobMaxSize: much}}\n    allowUnknownSettings: true\n",
    );
    insta::assert_snapshot!(errors(&wrong), @"
    error: expected a whole number, found text
      --> specs/a.yaml:20:45
       |
    20 |     settings: {TargetMetadata: {LobMaxSize: much}}
       |                                             ^^^^

    1 error
    ");
}

#[test]
fn a_document_that_aws_answered_may_be_declared() {
    let recorded: serde_json::Value = serde_json::from_str(include_str!(
        "../../../emulator/tests/fixtures/live-shapes/ReplicationTask.HuntDmsTask.json"
    ))
    .unwrap();
    let settings = &recorded["liveRaw"]["ReplicationTaskSettings"];
    let text = with_settings("full-load", &format!("    settings: {settings}\n"));
    desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]);
}
