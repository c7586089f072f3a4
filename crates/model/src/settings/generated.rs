// Written by `cargo xtask endpoint-settings` from the API model of DMS 2016-01-01 that botocore
// ships (data/dms/2016-01-01/service-2.json, Apache-2.0). Do not edit.

super::tables! {
    DmsTransferSettings {
        BucketName: String;
        ServiceAccessRoleArn: String;
    }
    DocDbSettings {
        DatabaseName: String;
        DocsToInvestigate: Integer;
        ExtractDocId: Boolean;
        KmsKeyId: String;
        NestingLevel: Enum(["none", "one"]);
        Password: [secret] String;
        Port: Integer;
        ReplicateShardCollections: Boolean;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        UseUpdateLookUp: Boolean;
        Username: String;
    }
    DynamoDbSettings {
        ServiceAccessRoleArn: [required] String;
    }
    ElasticsearchSettings {
        EndpointUri: [required] String;
        ErrorRetryDuration: Integer;
        FullLoadErrorPercentage: Integer;
        ServiceAccessRoleArn: [required] String;
        UseNewMappingType: Boolean;
    }
    GcpMySQLSettings {
        AfterConnectScript: String;
        CleanSourceMetadataOnMismatch: Boolean;
        DatabaseName: String;
        EventsPollInterval: Integer;
        MaxFileSize: Integer;
        ParallelLoadThreads: Integer;
        Password: [secret] String;
        Port: Integer;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        ServerTimezone: String;
        TargetDbType: Enum(["specific-database", "multiple-databases"]);
        Username: String;
    }
    IBMDb2Settings {
        CurrentLsn: String;
        DatabaseName: String;
        KeepCsvFiles: Boolean;
        LoadTimeout: Integer;
        MaxFileSize: Integer;
        MaxKBytesPerRead: Integer;
        Password: [secret] String;
        Port: Integer;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        SetDataCaptureChanges: Boolean;
        Username: String;
        WriteBufferSize: Integer;
    }
    KafkaSettings {
        Broker: String;
        IncludeControlDetails: Boolean;
        IncludeNullAndEmpty: Boolean;
        IncludePartitionValue: Boolean;
        IncludeTableAlterOperations: Boolean;
        IncludeTransactionDetails: Boolean;
        MessageFormat: Enum(["json", "json-unformatted"]);
        MessageMaxBytes: Integer;
        NoHexPrefix: Boolean;
        PartitionIncludeSchemaTable: Boolean;
        SaslMechanism: Enum(["scram-sha-512", "plain"]);
        SaslPassword: [secret] String;
        SaslUsername: String;
        SecurityProtocol: Enum(["plaintext", "ssl-authentication", "ssl-encryption", "sasl-ssl"]);
        SslCaCertificateArn: String;
        SslClientCertificateArn: String;
        SslClientKeyArn: String;
        SslClientKeyPassword: [secret] String;
        SslEndpointIdentificationAlgorithm: Enum(["none", "https"]);
        Topic: String;
        UseLargeIntegerValue: Boolean;
    }
    KinesisSettings {
        IncludeControlDetails: Boolean;
        IncludeNullAndEmpty: Boolean;
        IncludePartitionValue: Boolean;
        IncludeTableAlterOperations: Boolean;
        IncludeTransactionDetails: Boolean;
        MessageFormat: Enum(["json", "json-unformatted"]);
        NoHexPrefix: Boolean;
        PartitionIncludeSchemaTable: Boolean;
        ServiceAccessRoleArn: String;
        StreamArn: String;
        UseLargeIntegerValue: Boolean;
    }
    MicrosoftSQLServerSettings {
        AuthenticationMethod: Enum(["password", "kerberos"]);
        BcpPacketSize: Integer;
        ControlTablesFileGroup: String;
        DatabaseName: String;
        ForceLobLookup: Boolean;
        Password: [secret] String;
        Port: Integer;
        QuerySingleAlwaysOnNode: Boolean;
        ReadBackupOnly: Boolean;
        SafeguardPolicy: Enum(["rely-on-sql-server-replication-agent", "exclusive-automatic-truncation", "shared-automatic-truncation"]);
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        TlogAccessMode: Enum(["BackupOnly", "PreferBackup", "PreferTlog", "TlogOnly"]);
        TrimSpaceInChar: Boolean;
        UseBcpFullLoad: Boolean;
        UseThirdPartyBackupDevice: Boolean;
        Username: String;
    }
    MongoDbSettings {
        AuthMechanism: Enum(["default", "mongodb_cr", "scram_sha_1"]);
        AuthSource: String;
        AuthType: Enum(["no", "password"]);
        DatabaseName: String;
        DocsToInvestigate: String;
        ExtractDocId: String;
        KmsKeyId: String;
        NestingLevel: Enum(["none", "one"]);
        Password: [secret] String;
        Port: Integer;
        ReplicateShardCollections: Boolean;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        UseUpdateLookUp: Boolean;
        Username: String;
    }
    MySQLSettings {
        AfterConnectScript: String;
        AuthenticationMethod: Enum(["password", "iam"]);
        CleanSourceMetadataOnMismatch: Boolean;
        DatabaseName: String;
        EventsPollInterval: Integer;
        ExecuteTimeout: Integer;
        MaxFileSize: Integer;
        ParallelLoadThreads: Integer;
        Password: [secret] String;
        Port: Integer;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        ServerTimezone: String;
        ServiceAccessRoleArn: String;
        TargetDbType: Enum(["specific-database", "multiple-databases"]);
        Username: String;
    }
    NeptuneSettings {
        ErrorRetryDuration: Integer;
        IamAuthEnabled: Boolean;
        MaxFileSize: Integer;
        MaxRetryCount: Integer;
        S3BucketFolder: [required] String;
        S3BucketName: [required] String;
        ServiceAccessRoleArn: String;
    }
    OracleSettings {
        AccessAlternateDirectly: Boolean;
        AddSupplementalLogging: Boolean;
        AdditionalArchivedLogDestId: Integer;
        AllowSelectNestedTables: Boolean;
        ArchivedLogDestId: Integer;
        ArchivedLogsOnly: Boolean;
        AsmPassword: [secret] String;
        AsmServer: String;
        AsmUser: String;
        AuthenticationMethod: Enum(["password", "kerberos"]);
        CharLengthSemantics: Enum(["default", "char", "byte"]);
        ConvertTimestampWithZoneToUTC: Boolean;
        DatabaseName: String;
        DirectPathNoLog: Boolean;
        DirectPathParallelLoad: Boolean;
        EnableHomogenousTablespace: Boolean;
        ExtraArchivedLogDestIds: List(crate::settings::FieldType::Integer);
        FailTasksOnLobTruncation: Boolean;
        NumberDatatypeScale: Integer;
        OpenTransactionWindow: Integer;
        OraclePathPrefix: String;
        ParallelAsmReadThreads: Integer;
        Password: [secret] String;
        Port: Integer;
        ReadAheadBlocks: Integer;
        ReadTableSpaceName: Boolean;
        ReplacePathPrefix: Boolean;
        RetryInterval: Integer;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerOracleAsmAccessRoleArn: String;
        SecretsManagerOracleAsmSecretId: String;
        SecretsManagerSecretId: String;
        SecurityDbEncryption: [secret] String;
        SecurityDbEncryptionName: String;
        ServerName: String;
        SpatialDataOptionToGeoJsonFunctionName: String;
        StandbyDelayTime: Integer;
        TrimSpaceInChar: Boolean;
        UseAlternateFolderForOnline: Boolean;
        UseBFile: Boolean;
        UseDirectPathFullLoad: Boolean;
        UseLogminerReader: Boolean;
        UsePathPrefix: String;
        Username: String;
    }
    PostgreSQLSettings {
        AfterConnectScript: String;
        AuthenticationMethod: Enum(["password", "iam"]);
        BabelfishDatabaseName: String;
        CaptureDdls: Boolean;
        DatabaseMode: Enum(["default", "babelfish"]);
        DatabaseName: String;
        DdlArtifactsSchema: String;
        DisableUnicodeSourceFilter: Boolean;
        ExecuteTimeout: Integer;
        FailTasksOnLobTruncation: Boolean;
        HeartbeatEnable: Boolean;
        HeartbeatFrequency: Integer;
        HeartbeatSchema: String;
        MapBooleanAsBoolean: Boolean;
        MapJsonbAsClob: Boolean;
        MapLongVarcharAs: Enum(["wstring", "clob", "nclob"]);
        MaxFileSize: Integer;
        Password: [secret] String;
        PluginName: Enum(["no-preference", "test-decoding", "pglogical"]);
        Port: Integer;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        ServiceAccessRoleArn: String;
        SlotName: String;
        TrimSpaceInChar: Boolean;
        Username: String;
    }
    RedisSettings {
        AuthPassword: [secret] String;
        AuthType: Enum(["none", "auth-role", "auth-token"]);
        AuthUserName: String;
        Port: [required] Integer;
        ServerName: [required] String;
        SslCaCertificateArn: String;
        SslSecurityProtocol: Enum(["plaintext", "ssl-encryption"]);
    }
    RedshiftSettings {
        AcceptAnyDate: Boolean;
        AfterConnectScript: String;
        BucketFolder: String;
        BucketName: String;
        CaseSensitiveNames: Boolean;
        CompUpdate: Boolean;
        ConnectionTimeout: Integer;
        DatabaseName: String;
        DateFormat: String;
        EmptyAsNull: Boolean;
        EncryptionMode: Enum(["sse-s3", "sse-kms"]);
        ExplicitIds: Boolean;
        FileTransferUploadStreams: Integer;
        LoadTimeout: Integer;
        MapBooleanAsBoolean: Boolean;
        MaxFileSize: Integer;
        Password: [secret] String;
        Port: Integer;
        RemoveQuotes: Boolean;
        ReplaceChars: String;
        ReplaceInvalidChars: String;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        ServerSideEncryptionKmsKeyId: String;
        ServiceAccessRoleArn: String;
        TimeFormat: String;
        TrimBlanks: Boolean;
        TruncateColumns: Boolean;
        Username: String;
        WriteBufferSize: Integer;
    }
    S3Settings {
        AddColumnName: Boolean;
        AddTrailingPaddingCharacter: Boolean;
        BucketFolder: String;
        BucketName: String;
        CannedAclForObjects: Enum(["none", "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"]);
        CdcInsertsAndUpdates: Boolean;
        CdcInsertsOnly: Boolean;
        CdcMaxBatchInterval: Integer;
        CdcMinFileSize: Integer;
        CdcPath: String;
        CompressionType: Enum(["none", "gzip"]);
        CsvDelimiter: String;
        CsvNoSupValue: String;
        CsvNullValue: String;
        CsvRowDelimiter: String;
        DataFormat: Enum(["csv", "parquet"]);
        DataPageSize: Integer;
        DatePartitionDelimiter: Enum(["SLASH", "UNDERSCORE", "DASH", "NONE"]);
        DatePartitionEnabled: Boolean;
        DatePartitionSequence: Enum(["YYYYMMDD", "YYYYMMDDHH", "YYYYMM", "MMYYYYDD", "DDMMYYYY"]);
        DatePartitionTimezone: String;
        DictPageSizeLimit: Integer;
        EnableStatistics: Boolean;
        EncodingType: Enum(["plain", "plain-dictionary", "rle-dictionary"]);
        EncryptionMode: Enum(["sse-s3", "sse-kms"]);
        ExpectedBucketOwner: String;
        ExternalTableDefinition: String;
        GlueCatalogGeneration: Boolean;
        IgnoreHeaderRows: Integer;
        IncludeOpForFullLoad: Boolean;
        MaxFileSize: Integer;
        ParquetTimestampInMillisecond: Boolean;
        ParquetVersion: Enum(["parquet-1-0", "parquet-2-0"]);
        PreserveTransactions: Boolean;
        Rfc4180: Boolean;
        RowGroupLength: Integer;
        ServerSideEncryptionKmsKeyId: String;
        ServiceAccessRoleArn: String;
        TimestampColumnName: String;
        UseCsvNoSupValue: Boolean;
        UseTaskStartTimeForFullLoadTimestamp: Boolean;
    }
    SybaseSettings {
        DatabaseName: String;
        Password: [secret] String;
        Port: Integer;
        SecretsManagerAccessRoleArn: String;
        SecretsManagerSecretId: String;
        ServerName: String;
        Username: String;
    }
    TimestreamSettings {
        CdcInsertsAndUpdates: Boolean;
        DatabaseName: [required] String;
        EnableMagneticStoreWrites: Boolean;
        MagneticDuration: [required] Integer;
        MemoryDuration: [required] Integer;
    }
}
