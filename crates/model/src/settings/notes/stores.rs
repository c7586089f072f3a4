//! The settings of warehouses, document databases, streams and other stores.

use super::{Note, notes};

pub(super) const NOTES: &[(&str, &[Note])] = notes! {
    DmsTransferSettings {
        BucketName: "The S3 bucket.";
    }
    DocDbSettings {
        DocsToInvestigate: "How many documents are looked at to find the columns, where `nestingLevel` is `one`." = 1000, limits 1 to 2_147_483_647;
        ExtractDocId: "Whether the document's id becomes a column, where `nestingLevel` is `none`." = false;
        NestingLevel: "Whether documents stay documents (`none`) or become rows (`one`)." = "none";
        ReplicateShardCollections: "Whether sharded collections are migrated; for elastic clusters as targets." = false;
        UseUpdateLookUp: "Whether an update brings the whole document and not only what changed.";
    }
    ElasticsearchSettings {
        EndpointUri: "The address of the cluster; HTTPS unless it says otherwise.";
        ErrorRetryDuration: "For how long failed requests to the cluster are tried again, in seconds." = 300, limits 1 to 2_147_483_647;
        FullLoadErrorPercentage: "How many percent of the records may fail before a full load stops; counted after the first 1000." = 10, limits 1 to 100;
        UseNewMappingType: "Whether documents are of the type `_doc`, the only one from version 7 on." = false;
    }
    KafkaSettings {
        Broker: "The brokers as `host:port`, separated by commas.";
        IncludeControlDetails: "Whether messages tell of definitions of tables and columns." = false;
        IncludeNullAndEmpty: "Whether messages have columns that are null or empty." = false;
        IncludePartitionValue: "Whether messages have the partition's value; not for partitions by schema and table." = false;
        IncludeTableAlterOperations: "Whether messages tell of changed, renamed and dropped tables and columns." = false;
        IncludeTransactionDetails: "Whether messages have the commit's time, the log position and the transaction's ids." = false;
        MessageFormat: "Whether a message is laid out in lines or is one line." = "json";
        MessageMaxBytes: "The greatest size of a message, in bytes." = 1000000;
        NoHexPrefix: "Whether raw data in hexadecimal digits stands without `0x`." = false;
        PartitionIncludeSchemaTable: "Whether schema and table go before the partition's value where that is the primary key, to spread the load." = false;
        SaslMechanism: "How DMS logs in by SASL." = "scram-sha-512";
        SaslPassword: "The password for SASL.";
        SaslUsername: "The user for SASL.";
        SecurityProtocol: "How the connection is encrypted and who authenticates; `sasl-ssl` needs user and password.";
        SslCaCertificateArn: "The ARN of the certificate of the authority that signed the cluster's.";
        SslClientCertificateArn: "The ARN of the client's certificate.";
        SslClientKeyArn: "The ARN of the client's private key.";
        SslClientKeyPassword: "The password of the client's private key.";
        SslEndpointIdentificationAlgorithm: "Whether the host's name is checked against its certificate.";
        Topic: "The topic." = "kafka-default-topic";
        UseLargeIntegerValue: "Whether whole numbers may be large ones.";
    }
    KinesisSettings {
        IncludeControlDetails: "Whether records tell of definitions of tables and columns." = false;
        IncludeNullAndEmpty: "Whether records have columns that are null or empty." = false;
        IncludePartitionValue: "Whether records have the partition's value; not for partitions by schema and table." = false;
        IncludeTableAlterOperations: "Whether records tell of changed, renamed and dropped tables and columns." = false;
        IncludeTransactionDetails: "Whether records have the commit's time, the log position and the transaction's ids." = false;
        MessageFormat: "Whether a record is laid out in lines or is one line." = "json";
        NoHexPrefix: "Whether raw data in hexadecimal digits stands without `0x`." = false;
        PartitionIncludeSchemaTable: "Whether schema and table go before the partition's value where that is the primary key, to spread the load." = false;
        StreamArn: "The ARN of the stream.";
        UseLargeIntegerValue: "Whether whole numbers may be large ones.";
    }
    MongoDbSettings {
        AuthMechanism: "How the user's password is checked; not used where `authType` is `no`.";
        AuthSource: "The database that knows the user; not used where `authType` is `no`." = "admin";
        AuthType: "Whether a user and password are needed.";
        DocsToInvestigate: "How many documents are looked at to find the columns, where `nestingLevel` is `one`. DMS takes it as text." = "1000";
        ExtractDocId: "Whether the document's id becomes a column, where `nestingLevel` is `none`. DMS takes `true` or `false` as text." = "false";
        NestingLevel: "Whether documents stay documents (`none`) or become rows (`one`)." = "none";
        ReplicateShardCollections: "Whether sharded collections are migrated; for elastic clusters of DocumentDB as targets." = false;
        UseUpdateLookUp: "Whether an update brings the whole document and not only what changed.";
    }
    NeptuneSettings {
        ErrorRetryDuration: "How long DMS waits before it tries a bulk load again, in milliseconds." = 250;
        IamAuthEnabled: "Whether Neptune is reached by IAM; the role then needs the policy for it." = false;
        MaxFileSize: "The greatest size of a CSV file before it is loaded, in KB." = 1048576;
        MaxRetryCount: "How often a bulk load is tried again." = 5;
        S3BucketFolder: "The folder for them in that bucket.";
        S3BucketName: "The S3 bucket in which CSV files wait to be loaded.";
    }
    RedisSettings {
        AuthPassword: "The password or token, where `authType` is not `none`.";
        AuthType: "How DMS logs in: not at all, by a token, or as a user.";
        AuthUserName: "The user, where `authType` is `auth-role`.";
        SslCaCertificateArn: "The ARN of the certificate of the authority that signed the server's; Amazon's root unless given.";
        SslSecurityProtocol: "Whether the connection is encrypted." = "ssl-encryption";
    }
    RedshiftSettings {
        AcceptAnyDate: "Whether dates that are none, such as 00/00/00, are loaded and do not fail." = false;
        BucketFolder: "The folder in the S3 bucket in which CSV files wait to be loaded.";
        BucketName: "The S3 bucket in which CSV files wait to be loaded.";
        CaseSensitiveNames: "Whether names of schemas are case-sensitive, as the cluster is set up." = false;
        CompUpdate: "Whether Redshift chooses the compression of columns while it loads an empty table." = true;
        ConnectionTimeout: "How long DMS waits for a connection, in milliseconds.";
        DateFormat: "How dates are written: `auto`, or a format; `YYYY-MM-DD` unless given.";
        EmptyAsNull: "Whether empty text becomes null." = false;
        EncryptionMode: "How S3 encrypts the CSV files. Cannot be changed from `sse-s3` to `sse-kms`." = "sse-s3";
        ExplicitIds: "Whether a full load writes the values of identity columns instead of new ones." = false;
        FileTransferUploadStreams: "With how many streams a file is sent to S3." = 10, limits 1 to 64;
        LoadTimeout: "How long DMS waits for what it does in Redshift, in seconds.";
        MapBooleanAsBoolean: "Whether booleans stay booleans and do not become `varchar(1)`; for source and target alike." = false;
        MaxFileSize: "The greatest size of a CSV file that carries rows to the target, in KB.";
        RemoveQuotes: "Whether quotation marks around text are taken off." = false;
        ReplaceChars: "What stands in place of the characters of `replaceInvalidChars`." = "?";
        ReplaceInvalidChars: "Characters to replace.";
        ServerSideEncryptionKmsKeyId: "The KMS key, where `encryptionMode` is `sse-kms`.";
        TimeFormat: "How times are written: `auto`, `epochsecs`, `epochmillisecs`, or a format.";
        TrimBlanks: "Whether spaces at the end of `VARCHAR` are cut off." = false;
        TruncateColumns: "Whether text that is too long for its column is cut." = false;
        WriteBufferSize: "The buffer for writing CSV files on the instance, in KB." = 1000;
    }
    S3Settings {
        AddColumnName: "Whether CSV files have a line with the columns' names." = false;
        AddTrailingPaddingCharacter: "Whether text is padded at its end." = false;
        BucketFolder: "A folder before those of schema and table.";
        BucketName: "The bucket.";
        CannedAclForObjects: "The ready-made access list of the objects that are written." = "none";
        CdcInsertsAndUpdates: "Whether only inserts and updates are written; not with `cdcInsertsOnly`." = false;
        CdcInsertsOnly: "Whether only inserts are written; not with `cdcInsertsAndUpdates`." = false;
        CdcMaxBatchInterval: "After how long a file of changes is written, in seconds, if `cdcMinFileSize` is not reached before." = 60;
        CdcMinFileSize: "From which size on a file of changes is written, in KB, if `cdcMaxBatchInterval` has not passed before; 32 MB unless given.";
        CdcPath: "The folder of files of changes. A source needs it to capture changes, a target for `preserveTransactions`.";
        CompressionType: "Whether files are compressed." = "none";
        CsvDelimiter: "What separates columns." = ",";
        CsvNoSupValue: "What stands for columns that the supplemental log lacks, with `useCsvNoSupValue`.";
        CsvNullValue: "What stands for null.";
        CsvRowDelimiter: "What separates rows." = "\\n";
        DataFormat: "The format of files." = "csv";
        DataPageSize: "The size of a Parquet page, in bytes; 1 MiB by AWS's API reference.";
        DatePartitionDelimiter: "What separates the parts of a date in folders." = "SLASH";
        DatePartitionEnabled: "Whether folders are made by the date of the commit." = false;
        DatePartitionSequence: "The parts of the date of which folders are made." = "YYYYMMDD";
        DatePartitionTimezone: "The time zone of dates in folders and file names, as `Area/Location`; UTC unless given.";
        DictPageSizeLimit: "The greatest size of a Parquet dictionary page, in bytes, before a column is written plain; 1 MiB by AWS's API reference.";
        EnableStatistics: "Whether Parquet files have statistics." = true;
        EncodingType: "How Parquet values are encoded." = "rle-dictionary";
        EncryptionMode: "How S3 encrypts the files. Cannot be changed from `sse-s3` to `sse-kms`." = "sse-s3";
        ExpectedBucketOwner: "The account that must own the bucket.";
        ExternalTableDefinition: "How the tables in a source's files are defined: a JSON document.";
        GlueCatalogGeneration: "Whether Glue catalogues what is written; not with `preserveTransactions` or `cdcPath`." = false;
        IgnoreHeaderRows: "1 to leave out the first line of a source's CSV files." = 0, limits 0 to 1;
        IncludeOpForFullLoad: "Whether a full load marks each row as an insert." = false;
        MaxFileSize: "The greatest size of a CSV file of a full load, in KB." = 1048576, limits 1 to 1_048_576;
        ParquetTimestampInMillisecond: "Whether Parquet time stamps are precise to the millisecond and not the microsecond." = false;
        ParquetVersion: "The version of Parquet." = "parquet-1-0";
        PreserveTransactions: "Whether files of changes keep the order of transactions; needs `cdcPath`." = false;
        Rfc4180: "Whether quotation marks are read or written as RFC 4180 says." = true;
        RowGroupLength: "How many rows a Parquet row group has; 10,000 by AWS's API reference.";
        ServerSideEncryptionKmsKeyId: "The KMS key, where `encryptionMode` is `sse-kms`.";
        TimestampColumnName: "The name of a column that DMS adds with the time of the commit or of the write.";
        UseCsvNoSupValue: "Whether `csvNoSupValue` stands for columns that the supplemental log lacks." = false;
        UseTaskStartTimeForFullLoadTimestamp: "Whether the added column has the task's start time in a full load." = false;
    }
    TimestreamSettings {
        CdcInsertsAndUpdates: "Whether only inserts and updates are applied; otherwise deletes make records empty, since Timestream deletes none.";
        EnableMagneticStoreWrites: "Whether records older than the memory store's time are written.";
        MagneticDuration: "How long records stay in the magnetic store, in days.";
        MemoryDuration: "How long records stay in the memory store, in hours.";
    }
};
