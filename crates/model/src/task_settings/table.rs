//! The table itself. Sources: the DMS User Guide, the pages below "Specifying task settings for AWS
//! Database Migration Service tasks", for names, words, limits and defaults; for defaults also the
//! document that AWS answers for a task that was given none. Where the two differ, the answer counts.

use super::TaskSettingType::{Any, Block, Boolean, ByDms, List, Text, Whole, Word};
use super::{TaskSetting, TaskSettingType};

/// The highest number where AWS documents none.
const MAX: i64 = i32::MAX as i64;

const fn setting(
    name: &'static str,
    ty: TaskSettingType,
    default: Option<&'static str>,
    doc: &'static str,
) -> TaskSetting {
    TaskSetting { name, ty, default, doc }
}

const fn flag(name: &'static str, default: bool, doc: &'static str) -> TaskSetting {
    setting(name, Boolean, Some(if default { "true" } else { "false" }), doc)
}

const fn whole(
    name: &'static str,
    min: i64,
    max: i64,
    default: &'static str,
    doc: &'static str,
) -> TaskSetting {
    setting(name, Whole(min, max), Some(default), doc)
}

const fn word(
    name: &'static str,
    words: &'static [&'static str],
    default: &'static str,
    doc: &'static str,
) -> TaskSetting {
    setting(name, Word(words), Some(default), doc)
}

const fn text(name: &'static str, doc: &'static str) -> TaskSetting {
    setting(name, Text, None, doc)
}

const fn block(name: &'static str, members: &'static [TaskSetting], doc: &'static str) -> TaskSetting {
    setting(name, Block(members), None, doc)
}

pub(super) static SECTIONS: &[TaskSetting] = &[
    block("TargetMetadata", TARGET_METADATA, "How tables and large objects are written to the target."),
    block("FullLoadSettings", FULL_LOAD, "How the full load is done."),
    block("TTSettings", TIME_TRAVEL, "Time Travel: logs of what a task does to the data, kept in S3."),
    block("Logging", LOGGING, "What a task logs to CloudWatch Logs."),
    block("ControlTablesSettings", CONTROL_TABLES, "The control tables that a task keeps in the target."),
    block("StreamBufferSettings", STREAM_BUFFERS, "The buffers between reading and writing."),
    block("ChangeProcessingTuning", CHANGE_PROCESSING, "How changes are applied to the target."),
    block(
        "ChangeProcessingDdlHandlingPolicy",
        DDL_HANDLING,
        "What happens in the target when a source table is dropped, emptied or altered.",
    ),
    block("ErrorBehavior", ERROR_BEHAVIOR, "What a task does when something goes wrong."),
    block("ValidationSettings", VALIDATION, "Comparing the data in the target with that in the source."),
    block("ResyncSettings", RESYNC, "Repairing in the target what validation found to differ."),
    block("BeforeImageSettings", BEFORE_IMAGE, "The values before an update, for targets that stream."),
    block(
        "LoopbackPreventionSettings",
        LOOPBACK,
        "Keeps changes from going in circles between two tasks that replicate in both directions.",
    ),
    block("CharacterSetSettings", CHARACTER_SETS, "Replacing characters that the target cannot hold."),
    setting(
        "FailTaskWhenCleanTaskResourceFailed",
        Boolean,
        Some("false"),
        "Whether a task fails when what it kept on the instance could not be cleaned up.",
    ),
    setting("PostProcessingRules", Any, None, "Rules that DMS answers and does not document."),
];

static TARGET_METADATA: &[TaskSetting] = &[
    setting(
        "TargetSchema",
        Text,
        Some("\"\""),
        "The schema of the target tables; empty for that of the source. Leave it empty for MySQL targets. \
         A rename in the table mappings wins over it.",
    ),
    flag("SupportLobs", true, "Whether large objects (LOBs) are migrated."),
    flag(
        "FullLobMode",
        false,
        "Whether large objects are migrated whole, whatever their size, in chunks of `LobChunkSize`.",
    ),
    whole(
        "LobChunkSize",
        0,
        MAX,
        "64",
        "KB of a large object that are moved at once in full LOB mode; above 64, tasks can fail.",
    ),
    flag("LimitedSizeLobMode", true, "Whether large objects are cut at `LobMaxSize`."),
    whole(
        "LobMaxSize",
        0,
        MAX,
        "32",
        "The most KB of a large object in limited LOB mode; at most 102400 is recommended.",
    ),
    whole(
        "InlineLobMaxSize",
        0,
        102_400,
        "0",
        "In full LOB mode, KB up to which a large object is moved with its row; 0 for none.",
    ),
    whole(
        "LoadMaxFileSize",
        0,
        100_000,
        "0",
        "The most KB of a CSV file that is loaded into the target; 0 leaves it to the endpoint's \
         `maxFileSize`.",
    ),
    whole(
        "ParallelLoadThreads",
        0,
        MAX,
        "0",
        "Threads that load one table; for DynamoDB at most 200, for Kinesis, Kafka, OpenSearch and \
         Redshift at most 32.",
    ),
    whole(
        "ParallelLoadBufferSize",
        0,
        1000,
        "0",
        "The most records in the buffer that the threads of a parallel load share.",
    ),
    whole("ParallelLoadQueuesPerThread", 0, MAX, "0", "Queues that each thread of a parallel load reads."),
    whole(
        "ParallelApplyThreads",
        0,
        MAX,
        "0",
        "Threads that apply changes to a DocumentDB, Kinesis, Kafka, OpenSearch or Redshift target; at most \
         32 for Redshift and OpenSearch.",
    ),
    whole(
        "ParallelApplyBufferSize",
        0,
        1000,
        "0",
        "The most records in each queue of the threads that apply changes.",
    ),
    whole(
        "ParallelApplyQueuesPerThread",
        0,
        MAX,
        "0",
        "Queues that each thread reads which applies changes.",
    ),
    flag(
        "BatchApplyEnabled",
        false,
        "Whether changes are applied in batches rather than transaction by transaction. Source tables need \
         a primary or unique key for it.",
    ),
    flag(
        "TaskRecoveryTableEnabled",
        false,
        "Whether a table in the target keeps from where the task can resume.",
    ),
];

static FULL_LOAD: &[TaskSetting] = &[
    word(
        "TargetTablePrepMode",
        &["DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD"],
        "\"DROP_AND_CREATE\"",
        "What happens to a target table that exists when the full load begins.",
    ),
    flag("CreatePkAfterFullLoad", false, "Whether primary keys and unique indexes are made after the load."),
    flag(
        "StopTaskCachedChangesApplied",
        false,
        "Whether the task stops after the full load once the changes cached meanwhile are applied.",
    ),
    flag(
        "StopTaskCachedChangesNotApplied",
        false,
        "Whether the task stops after the full load before the changes cached meanwhile are applied.",
    ),
    whole("MaxFullLoadSubTasks", 1, 49, "8", "The most tables or segments that are loaded at the same time."),
    whole(
        "TransactionConsistencyTimeout",
        0,
        MAX,
        "600",
        "Seconds to wait for open transactions of the source before the load begins.",
    ),
    whole("CommitRate", 1, 50_000, "10000", "The most records that are moved together."),
];

static TIME_TRAVEL: &[TaskSetting] = &[
    flag("EnableTT", false, "Whether Time Travel logs are written."),
    block(
        "TTS3Settings",
        &[
            word("EncryptionMode", &["SSE_S3", "SSE_KMS"], "\"SSE_S3\"", "How S3 encrypts the logs."),
            text("ServerSideEncryptionKmsKeyId", "The KMS key for `SSE_KMS`."),
            text("ServiceAccessRoleArn", "The role by which DMS writes the logs."),
            text("BucketName", "The bucket of the logs."),
            text("BucketFolder", "The folder in the bucket."),
            flag(
                "EnableDeletingFromS3OnTaskDelete",
                false,
                "Whether the logs are deleted when the task is deleted.",
            ),
        ],
        "Where the logs are kept.",
    ),
    block(
        "TTRecordSettings",
        &[
            flag("EnableRawData", false, "Whether the logs have the data of each statement."),
            word("RawDataFormat", &["TEXT", "HEX"], "\"TEXT\"", "How the data of a statement is written."),
            text("OperationsToLog", "Which statements are logged, with commas: INSERT, UPDATE, DELETE."),
            whole("MaxRecordSize", 0, MAX, "64", "The most KB that are logged for a row."),
        ],
        "What is logged.",
    ),
];

/// The parts of a task that log: those of the User Guide and those that AWS answers beside them.
const LOG_COMPONENTS: &[&str] = &[
    "ADDONS",
    "COMMON",
    "COMMUNICATION",
    "DATA_RESYNC",
    "DATA_STRUCTURE",
    "FILE_FACTORY",
    "FILE_TRANSFER",
    "IO",
    "METADATA_MANAGER",
    "PERFORMANCE",
    "REST_SERVER",
    "SORTER",
    "SOURCE_CAPTURE",
    "SOURCE_UNLOAD",
    "TABLES_MANAGER",
    "TARGET_APPLY",
    "TARGET_LOAD",
    "TASK_MANAGER",
    "TRANSFORMATION",
    "VALIDATOR",
    "VALIDATOR_EXT",
];

static LOGGING: &[TaskSetting] = &[
    setting(
        "EnableLogging",
        Boolean,
        None,
        "Whether the task logs to CloudWatch Logs. Pipewright turns it on unless it is given.",
    ),
    flag("EnableLogContext", false, "Whether log lines name the table and thread that they are about."),
    flag("DeleteTaskLogs", false, "Whether the logs are deleted with the task."),
    setting(
        "LogComponents",
        List(&[
            setting("Id", Word(LOG_COMPONENTS), None, "The part of the task."),
            word(
                "Severity",
                &[
                    "LOGGER_SEVERITY_ERROR",
                    "LOGGER_SEVERITY_WARNING",
                    "LOGGER_SEVERITY_INFO",
                    "LOGGER_SEVERITY_DEFAULT",
                    "LOGGER_SEVERITY_DEBUG",
                    "LOGGER_SEVERITY_DETAILED_DEBUG",
                ],
                "\"LOGGER_SEVERITY_DEFAULT\"",
                "How much it logs, from the least to the most.",
            ),
        ]),
        None,
        "How much each part of the task logs. Parts that are not named keep what they have.",
    ),
    setting("LogConfiguration", Any, None, "What AWS adds to the log configuration and does not document."),
    setting("CloudWatchLogGroup", ByDms, None, "The log group. DMS fills it in and refuses it."),
    setting("CloudWatchLogStream", ByDms, None, "The log stream. DMS fills it in and refuses it."),
];

static CONTROL_TABLES: &[TaskSetting] = &[
    setting(
        "ControlSchema",
        Text,
        Some("\"\""),
        "The schema of the control tables; empty for the target's own place, such as `public` in PostgreSQL \
         and `awsdms_control` in MySQL.",
    ),
    whole("HistoryTimeslotInMinutes", 1, MAX, "5", "Minutes that one row of the history table stands for."),
    flag("HistoryTableEnabled", false, "Whether there is a table of what was done when."),
    flag("SuspendedTablesTableEnabled", false, "Whether there is a table of the suspended tables."),
    flag("StatusTableEnabled", false, "Whether there is a table of the task's status."),
    flag("FullLoadExceptionTableEnabled", false, "Whether there is a table of what failed in the full load."),
    flag("CommitPositionTableEnabled", false, "Whether there is a table of positions that were committed."),
];

static STREAM_BUFFERS: &[TaskSetting] = &[
    whole("StreamBufferCount", 1, MAX, "3", "The number of data stream buffers."),
    whole("StreamBufferSizeInMB", 1, MAX, "8", "The most MB of each data stream buffer."),
    whole("CtrlStreamBufferSizeInMB", 1, 8, "5", "MB of the control stream buffer."),
];

static CHANGE_PROCESSING: &[TaskSetting] = &[
    flag(
        "BatchApplyPreserveTransaction",
        true,
        "Whether a batch holds transactions whole; for Oracle targets, with `BatchApplyEnabled`.",
    ),
    whole("BatchApplyTimeoutMin", 0, MAX, "1", "The fewest seconds between two batches."),
    whole("BatchApplyTimeoutMax", 0, MAX, "30", "The most seconds between two batches."),
    whole("BatchApplyMemoryLimit", 0, MAX, "500", "The most MB for preparing a batch."),
    whole("BatchSplitSize", 0, MAX, "0", "The most changes of one batch; 0 for no limit."),
    whole(
        "MinTransactionSize",
        0,
        MAX,
        "1000",
        "The fewest changes of a transaction in the target, without `BatchApplyEnabled`.",
    ),
    whole(
        "CommitTimeout",
        0,
        MAX,
        "1",
        "The most seconds to gather changes for a transaction, without `BatchApplyEnabled`.",
    ),
    whole("MemoryLimitTotal", 0, MAX, "1024", "MB of transactions in memory before they go to disk."),
    whole(
        "MemoryKeepTime",
        0,
        MAX,
        "60",
        "Seconds that a transaction stays in memory before it goes to disk.",
    ),
    whole("StatementCacheSize", 0, 200, "50", "The most prepared statements that are kept."),
    whole(
        "RecoveryTimeout",
        -1,
        MAX,
        "-1",
        "Minutes to try to resume from a position that is no longer there; -1 for no limit.",
    ),
];

static DDL_HANDLING: &[TaskSetting] = &[
    flag(
        "HandleSourceTableDropped",
        true,
        "Whether the target table is dropped when the source table is dropped.",
    ),
    flag(
        "HandleSourceTableTruncated",
        true,
        "Whether the target table is emptied when the source table is truncated.",
    ),
    flag(
        "HandleSourceTableAltered",
        true,
        "Whether the target table is altered when the source table is altered.",
    ),
];

/// What can be done about one record.
const RECORD_POLICY: &[&str] = &["IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"];

static ERROR_BEHAVIOR: &[TaskSetting] = &[
    word("DataErrorPolicy", RECORD_POLICY, "\"LOG_ERROR\"", "On an error in the data of one record."),
    word("DataTruncationErrorPolicy", RECORD_POLICY, "\"LOG_ERROR\"", "When data is cut off."),
    word(
        "DataMaskingErrorPolicy",
        RECORD_POLICY,
        "\"STOP_TASK\"",
        "On an error in masking the data of one record.",
    ),
    word(
        "DataErrorEscalationPolicy",
        &["SUSPEND_TABLE", "STOP_TASK"],
        "\"SUSPEND_TABLE\"",
        "When `DataErrorEscalationCount` is reached.",
    ),
    whole("DataErrorEscalationCount", 0, MAX, "0", "Errors in the data of a table before that."),
    word("EventErrorPolicy", &["IGNORE", "STOP_TASK"], "\"IGNORE\"", "When an event cannot be sent."),
    word(
        "TableErrorPolicy",
        &["SUSPEND_TABLE", "STOP_TASK"],
        "\"SUSPEND_TABLE\"",
        "On an error that concerns a whole table.",
    ),
    word(
        "TableErrorEscalationPolicy",
        &["STOP_TASK"],
        "\"STOP_TASK\"",
        "When `TableErrorEscalationCount` is reached.",
    ),
    whole("TableErrorEscalationCount", 0, MAX, "0", "Errors of a table before that."),
    whole(
        "RecoverableErrorCount",
        -1,
        MAX,
        "-1",
        "Restarts of the task after an error of its surroundings; -1 for no limit, 0 for none.",
    ),
    whole("RecoverableErrorInterval", 0, MAX, "5", "Seconds between two restarts."),
    flag("RecoverableErrorThrottling", true, "Whether the time between restarts grows."),
    whole(
        "RecoverableErrorThrottlingMax",
        0,
        MAX,
        "1800",
        "The most seconds between two restarts when that time grows.",
    ),
    flag(
        "RecoverableErrorStopRetryAfterThrottlingMax",
        true,
        "Whether there are no more restarts once that time is reached.",
    ),
    word("ApplyErrorDeletePolicy", RECORD_POLICY, "\"IGNORE_RECORD\"", "When a delete meets a conflict."),
    word(
        "ApplyErrorInsertPolicy",
        &["IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK", "INSERT_RECORD"],
        "\"LOG_ERROR\"",
        "When an insert meets a conflict; `INSERT_RECORD` updates the record that is there.",
    ),
    word(
        "ApplyErrorUpdatePolicy",
        &["IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK", "UPDATE_RECORD"],
        "\"LOG_ERROR\"",
        "When an update finds no record; `UPDATE_RECORD` inserts it.",
    ),
    word(
        "ApplyErrorEscalationPolicy",
        &["LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"],
        "\"LOG_ERROR\"",
        "When `ApplyErrorEscalationCount` is reached.",
    ),
    whole("ApplyErrorEscalationCount", 0, MAX, "0", "Conflicts of a table before that."),
    flag(
        "ApplyErrorFailOnTruncationDdl",
        false,
        "Whether the task fails when a table is truncated in the source.",
    ),
    flag("FailOnNoTablesCaptured", true, "Whether the task fails when the mappings find no table."),
    flag(
        "FailOnTransactionConsistencyBreached",
        false,
        "For Oracle sources, whether the task fails when a transaction stays open past the time-out.",
    ),
    flag(
        "FullLoadIgnoreConflicts",
        true,
        "Whether duplicates and missing records do not count as errors when cached changes are applied.",
    ),
];

static VALIDATION: &[TaskSetting] = &[
    flag("EnableValidation", false, "Whether the data is validated."),
    word(
        "ValidationMode",
        &["ROW_LEVEL", "GROUP_LEVEL"],
        "\"ROW_LEVEL\"",
        "How rows are compared; DMS sets `GROUP_LEVEL` itself where it can, from version 3.5.4 on.",
    ),
    whole("ThreadCount", 1, MAX, "5", "Threads that validate."),
    whole("PartitionSize", 1, MAX, "10000", "Records that are read at once."),
    whole("FailureMaxCount", 0, MAX, "10000", "Records that may fail before validation is suspended."),
    whole(
        "TableFailureMaxCount",
        0,
        MAX,
        "1000",
        "Records of one table that may fail before its validation is suspended.",
    ),
    setting("RecordFailureDelayInMinutes", Whole(0, MAX), None, "Minutes before a failure is reported."),
    whole(
        "RecordFailureDelayLimitInMinutes",
        0,
        MAX,
        "0",
        "Minutes before a failure is reported, whatever the latency; 0 for the task's latency.",
    ),
    setting(
        "RecordSuspendDelayInMinutes",
        Whole(0, MAX),
        None,
        "Minutes before a table's validation is suspended.",
    ),
    setting("MaxKeyColumnSize", Whole(0, MAX), None, "The most bytes of a key column."),
    flag(
        "ValidationOnly",
        false,
        "Whether the task only validates and moves nothing. Cannot be changed later. Needs \
         `TargetTablePrepMode: DO_NOTHING`, and a task that is only a full load or only change capture.",
    ),
    flag("HandleCollationDiff", false, "Whether differences of collation are taken into account."),
    flag("SkipLobColumns", false, "Whether columns with large objects are left out."),
    whole("ValidationPartialLobSize", 0, MAX, "0", "KB of a large object that are compared; 0 for all."),
    whole(
        "ValidationQueryCdcDelaySeconds",
        0,
        MAX,
        "0",
        "Seconds before a change is first compared; 180 in a task that only validates.",
    ),
    setting("ValidationS3Time", Whole(0, MAX), None, "Seconds by which validation of an S3 target waits."),
    setting("ValidationS3Mask", Whole(0, MAX), None, "Which checks of an S3 target are made."),
];

static RESYNC: &[TaskSetting] = &[
    flag("EnableResync", false, "Whether data is repaired."),
    text(
        "ResyncSchedule",
        "When, as a cron expression; needed by a task that captures changes, refused by a full load.",
    ),
    setting(
        "MaxResyncTime",
        Whole(5, 14_400),
        None,
        "The most minutes of one repair; needed by a task that captures changes, refused by a full load.",
    ),
    text("ValidationTaskId", "The id of the task that only validates, where this task does not."),
];

static BEFORE_IMAGE: &[TaskSetting] = &[
    flag("EnableBeforeImage", false, "Whether the values before an update are sent."),
    setting("FieldName", Text, Some("\"\""), "The name of the attribute that holds them; needed with it."),
    word(
        "ColumnFilter",
        &["pk-only", "non-lob", "all"],
        "\"pk-only\"",
        "Which columns: those of the primary key, all but large objects, or all.",
    ),
];

static LOOPBACK: &[TaskSetting] = &[
    flag("EnableLoopbackPrevention", false, "Whether loopback prevention is on."),
    text("SourceSchema", "The schema of the table in the source that this task marks its changes with."),
    text("TargetSchema", "The schema of the table in the target that this task marks its changes with."),
];

static CHARACTER_SETS: &[TaskSetting] = &[
    setting(
        "CharacterReplacements",
        List(&[
            setting("SourceCharacterCodePoint", Any, None, "The character, in hexadecimal digits."),
            setting(
                "TargetCharacterCodePoint",
                Any,
                None,
                "What stands in its place, in hexadecimal digits; 0 for nothing.",
            ),
        ]),
        None,
        "Characters that are replaced.",
    ),
    block(
        "CharacterSetSupport",
        &[
            text("CharacterSet", "The character set, for example `UTF8` or `UTF16_PlatformEndian`."),
            setting(
                "ReplaceWithCharacterCodePoint",
                Any,
                None,
                "What stands in place of a character outside the set, in hexadecimal digits; 0 for nothing.",
            ),
        ],
        "The one character set that the target can hold.",
    ),
];
