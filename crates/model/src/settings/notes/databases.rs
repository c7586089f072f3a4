//! The settings of relational databases.

use super::{Note, notes};

pub(super) const NOTES: &[(&str, &[Note])] = notes! {
    GcpMySQLSettings {
        CleanSourceMetadataOnMismatch: "Whether the instance drops and rebuilds what it remembers of a table whose definition no longer fits, as after an `ALTER TABLE`.";
        EventsPollInterval: "How often an idle database's binary log is looked at, in seconds." = 5;
        MaxFileSize: "The greatest size of a CSV file that carries rows to the target, in KB.";
        ParallelLoadThreads: "With how many threads, each with a connection of its own, rows are loaded." = 1;
        ServerTimezone: "The source's time zone, for example `US/Pacific`, without quotes.";
        TargetDbType: "Whether all tables go to one database of the target or each to that of its schema.";
    }
    IBMDb2Settings {
        CurrentLsn: "The log sequence number at which change capture begins.";
        KeepCsvFiles: "Whether the CSV files that carried rows to the target are kept, to look for faults." = false;
        LoadTimeout: "How long DMS waits for what it does on the target; AWS's reference gives milliseconds and a default of 20 minutes." = 1200;
        MaxFileSize: "The greatest size of a CSV file that carries rows to the target, in KB.";
        MaxKBytesPerRead: "How much is read from the log at once, in KB." = 64;
        SetDataCaptureChanges: "Whether changes are captured." = true;
        WriteBufferSize: "The buffer for writing CSV files on the instance, in KB." = 1024;
    }
    MicrosoftSQLServerSettings {
        AuthenticationMethod: "How DMS logs in: by password, or by Kerberos.";
        BcpPacketSize: "The greatest size of a packet of bulk copy (BCP), in bytes.";
        ControlTablesFileGroup: "The file group in which DMS makes its control tables.";
        ForceLobLookup: "Whether large objects are looked up also where they stand in the row.";
        QuerySingleAlwaysOnNode: "Whether only one node of an Always On group is asked.";
        ReadBackupOnly: "Whether changes are read from backups of the transaction log alone, and not from the active log; later, but the log does not grow.";
        SafeguardPolicy: "How the transaction log is kept from being cut before DMS has read it.";
        TlogAccessMode: "Where changes are read first: the backups of the transaction log or the active log.";
        TrimSpaceInChar: "Whether spaces at the end of `CHAR` and `NCHAR` are cut off." = true;
        UseBcpFullLoad: "Whether a full load uses bulk copy (BCP); not where the target has an identity column that the source lacks.";
        UseThirdPartyBackupDevice: "Whether backups of the transaction log by other tools are read; they must be in SQL Server's own format.";
    }
    MySQLSettings {
        AuthenticationMethod: "How DMS logs in: by password, or by IAM.";
        CleanSourceMetadataOnMismatch: "Whether the instance drops and rebuilds what it remembers of a table whose definition no longer fits, as after an `ALTER TABLE`.";
        EventsPollInterval: "How often an idle database's binary log is looked at, in seconds." = 5;
        ExecuteTimeout: "How long a statement may take on the source, in seconds.";
        MaxFileSize: "The greatest size of a CSV file that carries rows to the target, in KB.";
        ParallelLoadThreads: "With how many threads, each with a connection of its own, rows are loaded." = 1;
        ServerTimezone: "The source's time zone, for example `US/Pacific`, without quotes.";
        TargetDbType: "Whether all tables go to one database of the target or each to that of its schema.";
    }
    OracleSettings {
        AccessAlternateDirectly: "Whether redo logs are read as files by a replaced path prefix; `false` for Binary Reader on RDS.";
        AddSupplementalLogging: "Whether DMS turns on supplemental logging of the primary key for each table that it migrates. That of the database must be on already.";
        AdditionalArchivedLogDestId: "The number of a second destination of archived redo logs, for after a switchover.";
        AllowSelectNestedTables: "Whether tables with columns of nested tables or of defined types are migrated.";
        ArchivedLogDestId: "The number of the destination of archived redo logs, as `dest_id` in `v$archived_log`.";
        ArchivedLogsOnly: "Whether only archived redo logs are read.";
        AsmPassword: "The password of the ASM user.";
        AsmServer: "The address of the ASM server, for Binary Reader.";
        AsmUser: "The ASM user, for Binary Reader.";
        AuthenticationMethod: "How DMS logs in: by password, or by Kerberos.";
        CharLengthSemantics: "Whether the length of a character column counts bytes or characters.";
        ConvertTimestampWithZoneToUTC: "Whether time stamps with a zone become those of UTC.";
        DirectPathNoLog: "Whether the target is written without its log, which is faster.";
        DirectPathParallelLoad: "Whether a direct path load of the target is parallel; the target tables must have neither constraints nor indexes.";
        EnableHomogenousTablespace: "Whether tables and indexes are made in tablespaces of the same names.";
        ExtraArchivedLogDestIds: "The numbers of further destinations of archived redo logs, for after a switchover.";
        FailTasksOnLobTruncation: "Whether the task fails where a large object is longer than `LobMaxSize`, instead of cutting it.";
        NumberDatatypeScale: "The scale of `NUMBER` without one; -1 makes it a floating point number, -2 text." = 10, limits -2 to 38;
        OpenTransactionWindow: "How far back a task that only captures changes looks for open transactions, in minutes." = 0, limits 0 to 240;
        OraclePathPrefix: "The root by which Oracle names its redo logs, for Binary Reader on RDS.";
        ParallelAsmReadThreads: "With how many threads redo logs are read from ASM." = 2, limits 2 to 8;
        ReadAheadBlocks: "How many blocks of redo logs are read ahead." = 1000, limits 1000 to 2_000_000;
        ReadTableSpaceName: "Whether tablespaces are migrated.";
        ReplacePathPrefix: "Whether `oraclePathPrefix` is replaced by `usePathPrefix`, for Binary Reader on RDS.";
        RetryInterval: "How long DMS waits before it sends a query again, in seconds." = 5, limits 1 to 2_147_483_647;
        SecretsManagerOracleAsmAccessRoleArn: "The role through which DMS reads the secret of ASM.";
        SecretsManagerOracleAsmSecretId: "The ARN or name of the secret with the details of ASM.";
        SecurityDbEncryption: "The password of transparent data encryption, with which Binary Reader reads encrypted redo logs.";
        SecurityDbEncryptionName: "The name of the key whose value `securityDbEncryption` is.";
        SpatialDataOptionToGeoJsonFunctionName: "The function that makes GeoJSON of `SDO_GEOMETRY`; DMS looks for `SDO2GEOJSON` unless one is named.";
        StandbyDelayTime: "How far an Active Data Guard standby is behind its primary, in minutes.";
        TrimSpaceInChar: "Whether spaces in `CHAR` and `NCHAR` are trimmed." = true;
        UseAlternateFolderForOnline: "Whether the replaced path prefix counts for online redo logs too, for Binary Reader on RDS.";
        UseBFile: "Whether changes are read by Binary Reader; needs `useLogminerReader: false`.";
        UseDirectPathFullLoad: "Whether a full load writes the target by direct path.";
        UseLogminerReader: "Whether changes are read by LogMiner; if not, set `useBFile`." = true;
        UsePathPrefix: "What stands in place of `oraclePathPrefix`, for Binary Reader on RDS.";
    }
    PostgreSQLSettings {
        AuthenticationMethod: "How DMS logs in: by password, or by IAM.";
        BabelfishDatabaseName: "The database of Babelfish for Aurora PostgreSQL.";
        CaptureDdls: "Whether definitions that change are captured, for which DMS makes a table and triggers in the source." = true;
        DatabaseMode: "Which kind of PostgreSQL the endpoint is, for those that need more, such as Babelfish.";
        DdlArtifactsSchema: "The schema in which DMS makes what it needs to capture definitions." = "public";
        DisableUnicodeSourceFilter: "Whether filters of selection rules are compared without Unicode, so that indexes on text are used; for Latin text only.";
        ExecuteTimeout: "How long a statement may take, in seconds." = 60;
        FailTasksOnLobTruncation: "Whether the task fails where a large object is longer than `LobMaxSize`, instead of cutting it." = false;
        HeartbeatEnable: "Whether DMS keeps an idle replication slot moving, so that the source can drop old logs." = false;
        HeartbeatFrequency: "How often it does that, in minutes." = 5;
        HeartbeatSchema: "The schema in which DMS makes what the heartbeat needs." = "public";
        MapBooleanAsBoolean: "Whether booleans stay booleans and do not become `varchar(5)`; for source and target alike." = false;
        MapJsonbAsClob: "Whether JSONB becomes CLOB." = false;
        MapLongVarcharAs: "What long text becomes." = "wstring";
        MaxFileSize: "The greatest size of a CSV file that carries rows to the target, in KB." = 32768;
        PluginName: "The plug-in with which a replication slot is made.";
        SlotName: "A logical replication slot that exists, from which changes are read; needed to start at a native position.";
        TrimSpaceInChar: "Whether spaces in `CHAR` and `NCHAR` are trimmed." = true;
    }
};
