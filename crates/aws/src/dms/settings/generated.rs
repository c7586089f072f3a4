// Written by `cargo xtask endpoint-settings` from the API model of DMS 2016-01-01 that botocore
// ships (data/dms/2016-01-01/service-2.json, Apache-2.0). Do not edit.

use aws_sdk_databasemigration::types;

use super::{Error, Found, Given};

/// Sets the settings member of a call, or of any other builder that has these members.
macro_rules! set_member {
    ($builder:expr, $member:expr, $given:expr) => {{
        use $crate::dms::settings::generated as given;
        match $member {
            "DmsTransferSettings" => {
                Ok($builder.dms_transfer_settings(given::dms_transfer_settings($given)?))
            }
            "DocDbSettings" => Ok($builder.doc_db_settings(given::doc_db_settings($given)?)),
            "DynamoDbSettings" => Ok($builder.dynamo_db_settings(given::dynamo_db_settings($given)?)),
            "ElasticsearchSettings" => {
                Ok($builder.elasticsearch_settings(given::elasticsearch_settings($given)?))
            }
            "GcpMySQLSettings" => Ok($builder.gcp_my_sql_settings(given::gcp_my_sql_settings($given)?)),
            "IBMDb2Settings" => Ok($builder.ibm_db2_settings(given::ibm_db2_settings($given)?)),
            "KafkaSettings" => Ok($builder.kafka_settings(given::kafka_settings($given)?)),
            "KinesisSettings" => Ok($builder.kinesis_settings(given::kinesis_settings($given)?)),
            "MicrosoftSQLServerSettings" => {
                Ok($builder.microsoft_sql_server_settings(given::microsoft_sql_server_settings($given)?))
            }
            "MongoDbSettings" => Ok($builder.mongo_db_settings(given::mongo_db_settings($given)?)),
            "MySQLSettings" => Ok($builder.my_sql_settings(given::my_sql_settings($given)?)),
            "NeptuneSettings" => Ok($builder.neptune_settings(given::neptune_settings($given)?)),
            "OracleSettings" => Ok($builder.oracle_settings(given::oracle_settings($given)?)),
            "PostgreSQLSettings" => Ok($builder.postgre_sql_settings(given::postgre_sql_settings($given)?)),
            "RedisSettings" => Ok($builder.redis_settings(given::redis_settings($given)?)),
            "RedshiftSettings" => Ok($builder.redshift_settings(given::redshift_settings($given)?)),
            "S3Settings" => Ok($builder.s3_settings(given::s3_settings($given)?)),
            "SybaseSettings" => Ok($builder.sybase_settings(given::sybase_settings($given)?)),
            "TimestreamSettings" => Ok($builder.timestream_settings(given::timestream_settings($given)?)),
            _ => Err($crate::dms::settings::Error::unknown_structure($member)),
        }
    }};
}
pub(super) use set_member;

/// What an endpoint has in one of its settings members; `None` if it has no such member.
pub(super) fn found(endpoint: &types::Endpoint, member: &str) -> Option<Found> {
    match member {
        "DmsTransferSettings" => endpoint.dms_transfer_settings().map(found_dms_transfer_settings),
        "DocDbSettings" => endpoint.doc_db_settings().map(found_doc_db_settings),
        "DynamoDbSettings" => endpoint.dynamo_db_settings().map(found_dynamo_db_settings),
        "ElasticsearchSettings" => endpoint.elasticsearch_settings().map(found_elasticsearch_settings),
        "GcpMySQLSettings" => endpoint.gcp_my_sql_settings().map(found_gcp_my_sql_settings),
        "IBMDb2Settings" => endpoint.ibm_db2_settings().map(found_ibm_db2_settings),
        "KafkaSettings" => endpoint.kafka_settings().map(found_kafka_settings),
        "KinesisSettings" => endpoint.kinesis_settings().map(found_kinesis_settings),
        "MicrosoftSQLServerSettings" => {
            endpoint.microsoft_sql_server_settings().map(found_microsoft_sql_server_settings)
        }
        "MongoDbSettings" => endpoint.mongo_db_settings().map(found_mongo_db_settings),
        "MySQLSettings" => endpoint.my_sql_settings().map(found_my_sql_settings),
        "NeptuneSettings" => endpoint.neptune_settings().map(found_neptune_settings),
        "OracleSettings" => endpoint.oracle_settings().map(found_oracle_settings),
        "PostgreSQLSettings" => endpoint.postgre_sql_settings().map(found_postgre_sql_settings),
        "RedisSettings" => endpoint.redis_settings().map(found_redis_settings),
        "RedshiftSettings" => endpoint.redshift_settings().map(found_redshift_settings),
        "S3Settings" => endpoint.s3_settings().map(found_s3_settings),
        "SybaseSettings" => endpoint.sybase_settings().map(found_sybase_settings),
        "TimestreamSettings" => endpoint.timestream_settings().map(found_timestream_settings),
        _ => None,
    }
}

pub(super) fn dms_transfer_settings(given: &Given<'_>) -> Result<types::DmsTransferSettings, Error> {
    let built = types::DmsTransferSettings::builder()
        .set_bucket_name(given.string("BucketName")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .build();
    Ok(built)
}

fn found_dms_transfer_settings(from: &types::DmsTransferSettings) -> Found {
    let mut found = Found::new();
    found.string("BucketName", from.bucket_name());
    found.string("ServiceAccessRoleArn", from.service_access_role_arn());
    found
}

pub(super) fn doc_db_settings(given: &Given<'_>) -> Result<types::DocDbSettings, Error> {
    let built = types::DocDbSettings::builder()
        .set_database_name(given.string("DatabaseName")?)
        .set_docs_to_investigate(given.integer("DocsToInvestigate")?)
        .set_extract_doc_id(given.boolean("ExtractDocId")?)
        .set_kms_key_id(given.string("KmsKeyId")?)
        .set_nesting_level(given.word("NestingLevel")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_replicate_shard_collections(given.boolean("ReplicateShardCollections")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_use_update_look_up(given.boolean("UseUpdateLookUp")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_doc_db_settings(from: &types::DocDbSettings) -> Found {
    let mut found = Found::new();
    found.string("DatabaseName", from.database_name());
    found.integer("DocsToInvestigate", from.docs_to_investigate());
    found.boolean("ExtractDocId", from.extract_doc_id());
    found.string("KmsKeyId", from.kms_key_id());
    found.string("NestingLevel", from.nesting_level().map(types::NestingLevelValue::as_str));
    found.integer("Port", from.port());
    found.boolean("ReplicateShardCollections", from.replicate_shard_collections());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.boolean("UseUpdateLookUp", from.use_update_look_up());
    found.string("Username", from.username());
    found
}

pub(super) fn dynamo_db_settings(given: &Given<'_>) -> Result<types::DynamoDbSettings, Error> {
    let built = types::DynamoDbSettings::builder()
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .build()?;
    Ok(built)
}

fn found_dynamo_db_settings(from: &types::DynamoDbSettings) -> Found {
    let mut found = Found::new();
    found.string("ServiceAccessRoleArn", Some(from.service_access_role_arn()));
    found
}

pub(super) fn elasticsearch_settings(given: &Given<'_>) -> Result<types::ElasticsearchSettings, Error> {
    let built = types::ElasticsearchSettings::builder()
        .set_endpoint_uri(given.string("EndpointUri")?)
        .set_error_retry_duration(given.integer("ErrorRetryDuration")?)
        .set_full_load_error_percentage(given.integer("FullLoadErrorPercentage")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .set_use_new_mapping_type(given.boolean("UseNewMappingType")?)
        .build()?;
    Ok(built)
}

fn found_elasticsearch_settings(from: &types::ElasticsearchSettings) -> Found {
    let mut found = Found::new();
    found.string("EndpointUri", Some(from.endpoint_uri()));
    found.integer("ErrorRetryDuration", from.error_retry_duration());
    found.integer("FullLoadErrorPercentage", from.full_load_error_percentage());
    found.string("ServiceAccessRoleArn", Some(from.service_access_role_arn()));
    found.boolean("UseNewMappingType", from.use_new_mapping_type());
    found
}

pub(super) fn gcp_my_sql_settings(given: &Given<'_>) -> Result<types::GcpMySqlSettings, Error> {
    let built = types::GcpMySqlSettings::builder()
        .set_after_connect_script(given.string("AfterConnectScript")?)
        .set_clean_source_metadata_on_mismatch(given.boolean("CleanSourceMetadataOnMismatch")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_events_poll_interval(given.integer("EventsPollInterval")?)
        .set_max_file_size(given.integer("MaxFileSize")?)
        .set_parallel_load_threads(given.integer("ParallelLoadThreads")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_server_timezone(given.string("ServerTimezone")?)
        .set_target_db_type(given.word("TargetDbType")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_gcp_my_sql_settings(from: &types::GcpMySqlSettings) -> Found {
    let mut found = Found::new();
    found.string("AfterConnectScript", from.after_connect_script());
    found.boolean("CleanSourceMetadataOnMismatch", from.clean_source_metadata_on_mismatch());
    found.string("DatabaseName", from.database_name());
    found.integer("EventsPollInterval", from.events_poll_interval());
    found.integer("MaxFileSize", from.max_file_size());
    found.integer("ParallelLoadThreads", from.parallel_load_threads());
    found.integer("Port", from.port());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.string("ServerTimezone", from.server_timezone());
    found.string("TargetDbType", from.target_db_type().map(types::TargetDbType::as_str));
    found.string("Username", from.username());
    found
}

pub(super) fn ibm_db2_settings(given: &Given<'_>) -> Result<types::IbmDb2Settings, Error> {
    let built = types::IbmDb2Settings::builder()
        .set_current_lsn(given.string("CurrentLsn")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_keep_csv_files(given.boolean("KeepCsvFiles")?)
        .set_load_timeout(given.integer("LoadTimeout")?)
        .set_max_file_size(given.integer("MaxFileSize")?)
        .set_max_k_bytes_per_read(given.integer("MaxKBytesPerRead")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_set_data_capture_changes(given.boolean("SetDataCaptureChanges")?)
        .set_username(given.string("Username")?)
        .set_write_buffer_size(given.integer("WriteBufferSize")?)
        .build();
    Ok(built)
}

fn found_ibm_db2_settings(from: &types::IbmDb2Settings) -> Found {
    let mut found = Found::new();
    found.string("CurrentLsn", from.current_lsn());
    found.string("DatabaseName", from.database_name());
    found.boolean("KeepCsvFiles", from.keep_csv_files());
    found.integer("LoadTimeout", from.load_timeout());
    found.integer("MaxFileSize", from.max_file_size());
    found.integer("MaxKBytesPerRead", from.max_k_bytes_per_read());
    found.integer("Port", from.port());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.boolean("SetDataCaptureChanges", from.set_data_capture_changes());
    found.string("Username", from.username());
    found.integer("WriteBufferSize", from.write_buffer_size());
    found
}

pub(super) fn kafka_settings(given: &Given<'_>) -> Result<types::KafkaSettings, Error> {
    let built = types::KafkaSettings::builder()
        .set_broker(given.string("Broker")?)
        .set_include_control_details(given.boolean("IncludeControlDetails")?)
        .set_include_null_and_empty(given.boolean("IncludeNullAndEmpty")?)
        .set_include_partition_value(given.boolean("IncludePartitionValue")?)
        .set_include_table_alter_operations(given.boolean("IncludeTableAlterOperations")?)
        .set_include_transaction_details(given.boolean("IncludeTransactionDetails")?)
        .set_message_format(given.word("MessageFormat")?)
        .set_message_max_bytes(given.integer("MessageMaxBytes")?)
        .set_no_hex_prefix(given.boolean("NoHexPrefix")?)
        .set_partition_include_schema_table(given.boolean("PartitionIncludeSchemaTable")?)
        .set_sasl_mechanism(given.word("SaslMechanism")?)
        .set_sasl_password(given.secret("SaslPassword"))
        .set_sasl_username(given.string("SaslUsername")?)
        .set_security_protocol(given.word("SecurityProtocol")?)
        .set_ssl_ca_certificate_arn(given.string("SslCaCertificateArn")?)
        .set_ssl_client_certificate_arn(given.string("SslClientCertificateArn")?)
        .set_ssl_client_key_arn(given.string("SslClientKeyArn")?)
        .set_ssl_client_key_password(given.secret("SslClientKeyPassword"))
        .set_ssl_endpoint_identification_algorithm(given.word("SslEndpointIdentificationAlgorithm")?)
        .set_topic(given.string("Topic")?)
        .set_use_large_integer_value(given.boolean("UseLargeIntegerValue")?)
        .build();
    Ok(built)
}

fn found_kafka_settings(from: &types::KafkaSettings) -> Found {
    let mut found = Found::new();
    found.string("Broker", from.broker());
    found.boolean("IncludeControlDetails", from.include_control_details());
    found.boolean("IncludeNullAndEmpty", from.include_null_and_empty());
    found.boolean("IncludePartitionValue", from.include_partition_value());
    found.boolean("IncludeTableAlterOperations", from.include_table_alter_operations());
    found.boolean("IncludeTransactionDetails", from.include_transaction_details());
    found.string("MessageFormat", from.message_format().map(types::MessageFormatValue::as_str));
    found.integer("MessageMaxBytes", from.message_max_bytes());
    found.boolean("NoHexPrefix", from.no_hex_prefix());
    found.boolean("PartitionIncludeSchemaTable", from.partition_include_schema_table());
    found.string("SaslMechanism", from.sasl_mechanism().map(types::KafkaSaslMechanism::as_str));
    found.string("SaslUsername", from.sasl_username());
    found.string("SecurityProtocol", from.security_protocol().map(types::KafkaSecurityProtocol::as_str));
    found.string("SslCaCertificateArn", from.ssl_ca_certificate_arn());
    found.string("SslClientCertificateArn", from.ssl_client_certificate_arn());
    found.string("SslClientKeyArn", from.ssl_client_key_arn());
    found.string(
        "SslEndpointIdentificationAlgorithm",
        from.ssl_endpoint_identification_algorithm()
            .map(types::KafkaSslEndpointIdentificationAlgorithm::as_str),
    );
    found.string("Topic", from.topic());
    found.boolean("UseLargeIntegerValue", from.use_large_integer_value());
    found
}

pub(super) fn kinesis_settings(given: &Given<'_>) -> Result<types::KinesisSettings, Error> {
    let built = types::KinesisSettings::builder()
        .set_include_control_details(given.boolean("IncludeControlDetails")?)
        .set_include_null_and_empty(given.boolean("IncludeNullAndEmpty")?)
        .set_include_partition_value(given.boolean("IncludePartitionValue")?)
        .set_include_table_alter_operations(given.boolean("IncludeTableAlterOperations")?)
        .set_include_transaction_details(given.boolean("IncludeTransactionDetails")?)
        .set_message_format(given.word("MessageFormat")?)
        .set_no_hex_prefix(given.boolean("NoHexPrefix")?)
        .set_partition_include_schema_table(given.boolean("PartitionIncludeSchemaTable")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .set_stream_arn(given.string("StreamArn")?)
        .set_use_large_integer_value(given.boolean("UseLargeIntegerValue")?)
        .build();
    Ok(built)
}

fn found_kinesis_settings(from: &types::KinesisSettings) -> Found {
    let mut found = Found::new();
    found.boolean("IncludeControlDetails", from.include_control_details());
    found.boolean("IncludeNullAndEmpty", from.include_null_and_empty());
    found.boolean("IncludePartitionValue", from.include_partition_value());
    found.boolean("IncludeTableAlterOperations", from.include_table_alter_operations());
    found.boolean("IncludeTransactionDetails", from.include_transaction_details());
    found.string("MessageFormat", from.message_format().map(types::MessageFormatValue::as_str));
    found.boolean("NoHexPrefix", from.no_hex_prefix());
    found.boolean("PartitionIncludeSchemaTable", from.partition_include_schema_table());
    found.string("ServiceAccessRoleArn", from.service_access_role_arn());
    found.string("StreamArn", from.stream_arn());
    found.boolean("UseLargeIntegerValue", from.use_large_integer_value());
    found
}

pub(super) fn microsoft_sql_server_settings(
    given: &Given<'_>,
) -> Result<types::MicrosoftSqlServerSettings, Error> {
    let built = types::MicrosoftSqlServerSettings::builder()
        .set_authentication_method(given.word("AuthenticationMethod")?)
        .set_bcp_packet_size(given.integer("BcpPacketSize")?)
        .set_control_tables_file_group(given.string("ControlTablesFileGroup")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_force_lob_lookup(given.boolean("ForceLobLookup")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_query_single_always_on_node(given.boolean("QuerySingleAlwaysOnNode")?)
        .set_read_backup_only(given.boolean("ReadBackupOnly")?)
        .set_safeguard_policy(given.word("SafeguardPolicy")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_tlog_access_mode(given.word("TlogAccessMode")?)
        .set_trim_space_in_char(given.boolean("TrimSpaceInChar")?)
        .set_use_bcp_full_load(given.boolean("UseBcpFullLoad")?)
        .set_use_third_party_backup_device(given.boolean("UseThirdPartyBackupDevice")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_microsoft_sql_server_settings(from: &types::MicrosoftSqlServerSettings) -> Found {
    let mut found = Found::new();
    found.string(
        "AuthenticationMethod",
        from.authentication_method().map(types::SqlServerAuthenticationMethod::as_str),
    );
    found.integer("BcpPacketSize", from.bcp_packet_size());
    found.string("ControlTablesFileGroup", from.control_tables_file_group());
    found.string("DatabaseName", from.database_name());
    found.boolean("ForceLobLookup", from.force_lob_lookup());
    found.integer("Port", from.port());
    found.boolean("QuerySingleAlwaysOnNode", from.query_single_always_on_node());
    found.boolean("ReadBackupOnly", from.read_backup_only());
    found.string("SafeguardPolicy", from.safeguard_policy().map(types::SafeguardPolicy::as_str));
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.string("TlogAccessMode", from.tlog_access_mode().map(types::TlogAccessMode::as_str));
    found.boolean("TrimSpaceInChar", from.trim_space_in_char());
    found.boolean("UseBcpFullLoad", from.use_bcp_full_load());
    found.boolean("UseThirdPartyBackupDevice", from.use_third_party_backup_device());
    found.string("Username", from.username());
    found
}

pub(super) fn mongo_db_settings(given: &Given<'_>) -> Result<types::MongoDbSettings, Error> {
    let built = types::MongoDbSettings::builder()
        .set_auth_mechanism(given.word("AuthMechanism")?)
        .set_auth_source(given.string("AuthSource")?)
        .set_auth_type(given.word("AuthType")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_docs_to_investigate(given.string("DocsToInvestigate")?)
        .set_extract_doc_id(given.string("ExtractDocId")?)
        .set_kms_key_id(given.string("KmsKeyId")?)
        .set_nesting_level(given.word("NestingLevel")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_replicate_shard_collections(given.boolean("ReplicateShardCollections")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_use_update_look_up(given.boolean("UseUpdateLookUp")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_mongo_db_settings(from: &types::MongoDbSettings) -> Found {
    let mut found = Found::new();
    found.string("AuthMechanism", from.auth_mechanism().map(types::AuthMechanismValue::as_str));
    found.string("AuthSource", from.auth_source());
    found.string("AuthType", from.auth_type().map(types::AuthTypeValue::as_str));
    found.string("DatabaseName", from.database_name());
    found.string("DocsToInvestigate", from.docs_to_investigate());
    found.string("ExtractDocId", from.extract_doc_id());
    found.string("KmsKeyId", from.kms_key_id());
    found.string("NestingLevel", from.nesting_level().map(types::NestingLevelValue::as_str));
    found.integer("Port", from.port());
    found.boolean("ReplicateShardCollections", from.replicate_shard_collections());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.boolean("UseUpdateLookUp", from.use_update_look_up());
    found.string("Username", from.username());
    found
}

pub(super) fn my_sql_settings(given: &Given<'_>) -> Result<types::MySqlSettings, Error> {
    let built = types::MySqlSettings::builder()
        .set_after_connect_script(given.string("AfterConnectScript")?)
        .set_authentication_method(given.word("AuthenticationMethod")?)
        .set_clean_source_metadata_on_mismatch(given.boolean("CleanSourceMetadataOnMismatch")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_events_poll_interval(given.integer("EventsPollInterval")?)
        .set_execute_timeout(given.integer("ExecuteTimeout")?)
        .set_max_file_size(given.integer("MaxFileSize")?)
        .set_parallel_load_threads(given.integer("ParallelLoadThreads")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_server_timezone(given.string("ServerTimezone")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .set_target_db_type(given.word("TargetDbType")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_my_sql_settings(from: &types::MySqlSettings) -> Found {
    let mut found = Found::new();
    found.string("AfterConnectScript", from.after_connect_script());
    found.string(
        "AuthenticationMethod",
        from.authentication_method().map(types::MySqlAuthenticationMethod::as_str),
    );
    found.boolean("CleanSourceMetadataOnMismatch", from.clean_source_metadata_on_mismatch());
    found.string("DatabaseName", from.database_name());
    found.integer("EventsPollInterval", from.events_poll_interval());
    found.integer("ExecuteTimeout", from.execute_timeout());
    found.integer("MaxFileSize", from.max_file_size());
    found.integer("ParallelLoadThreads", from.parallel_load_threads());
    found.integer("Port", from.port());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.string("ServerTimezone", from.server_timezone());
    found.string("ServiceAccessRoleArn", from.service_access_role_arn());
    found.string("TargetDbType", from.target_db_type().map(types::TargetDbType::as_str));
    found.string("Username", from.username());
    found
}

pub(super) fn neptune_settings(given: &Given<'_>) -> Result<types::NeptuneSettings, Error> {
    let built = types::NeptuneSettings::builder()
        .set_error_retry_duration(given.integer("ErrorRetryDuration")?)
        .set_iam_auth_enabled(given.boolean("IamAuthEnabled")?)
        .set_max_file_size(given.integer("MaxFileSize")?)
        .set_max_retry_count(given.integer("MaxRetryCount")?)
        .set_s3_bucket_folder(given.string("S3BucketFolder")?)
        .set_s3_bucket_name(given.string("S3BucketName")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .build()?;
    Ok(built)
}

fn found_neptune_settings(from: &types::NeptuneSettings) -> Found {
    let mut found = Found::new();
    found.integer("ErrorRetryDuration", from.error_retry_duration());
    found.boolean("IamAuthEnabled", from.iam_auth_enabled());
    found.integer("MaxFileSize", from.max_file_size());
    found.integer("MaxRetryCount", from.max_retry_count());
    found.string("S3BucketFolder", Some(from.s3_bucket_folder()));
    found.string("S3BucketName", Some(from.s3_bucket_name()));
    found.string("ServiceAccessRoleArn", from.service_access_role_arn());
    found
}

pub(super) fn oracle_settings(given: &Given<'_>) -> Result<types::OracleSettings, Error> {
    let built = types::OracleSettings::builder()
        .set_access_alternate_directly(given.boolean("AccessAlternateDirectly")?)
        .set_add_supplemental_logging(given.boolean("AddSupplementalLogging")?)
        .set_additional_archived_log_dest_id(given.integer("AdditionalArchivedLogDestId")?)
        .set_allow_select_nested_tables(given.boolean("AllowSelectNestedTables")?)
        .set_archived_log_dest_id(given.integer("ArchivedLogDestId")?)
        .set_archived_logs_only(given.boolean("ArchivedLogsOnly")?)
        .set_asm_password(given.secret("AsmPassword"))
        .set_asm_server(given.string("AsmServer")?)
        .set_asm_user(given.string("AsmUser")?)
        .set_authentication_method(given.word("AuthenticationMethod")?)
        .set_char_length_semantics(given.word("CharLengthSemantics")?)
        .set_convert_timestamp_with_zone_to_utc(given.boolean("ConvertTimestampWithZoneToUTC")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_direct_path_no_log(given.boolean("DirectPathNoLog")?)
        .set_direct_path_parallel_load(given.boolean("DirectPathParallelLoad")?)
        .set_enable_homogenous_tablespace(given.boolean("EnableHomogenousTablespace")?)
        .set_extra_archived_log_dest_ids(given.integers("ExtraArchivedLogDestIds")?)
        .set_fail_tasks_on_lob_truncation(given.boolean("FailTasksOnLobTruncation")?)
        .set_number_datatype_scale(given.integer("NumberDatatypeScale")?)
        .set_open_transaction_window(given.integer("OpenTransactionWindow")?)
        .set_oracle_path_prefix(given.string("OraclePathPrefix")?)
        .set_parallel_asm_read_threads(given.integer("ParallelAsmReadThreads")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_read_ahead_blocks(given.integer("ReadAheadBlocks")?)
        .set_read_table_space_name(given.boolean("ReadTableSpaceName")?)
        .set_replace_path_prefix(given.boolean("ReplacePathPrefix")?)
        .set_retry_interval(given.integer("RetryInterval")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_oracle_asm_access_role_arn(given.string("SecretsManagerOracleAsmAccessRoleArn")?)
        .set_secrets_manager_oracle_asm_secret_id(given.string("SecretsManagerOracleAsmSecretId")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_security_db_encryption(given.secret("SecurityDbEncryption"))
        .set_security_db_encryption_name(given.string("SecurityDbEncryptionName")?)
        .set_server_name(given.string("ServerName")?)
        .set_spatial_data_option_to_geo_json_function_name(
            given.string("SpatialDataOptionToGeoJsonFunctionName")?,
        )
        .set_standby_delay_time(given.integer("StandbyDelayTime")?)
        .set_trim_space_in_char(given.boolean("TrimSpaceInChar")?)
        .set_use_alternate_folder_for_online(given.boolean("UseAlternateFolderForOnline")?)
        .set_use_b_file(given.boolean("UseBFile")?)
        .set_use_direct_path_full_load(given.boolean("UseDirectPathFullLoad")?)
        .set_use_logminer_reader(given.boolean("UseLogminerReader")?)
        .set_use_path_prefix(given.string("UsePathPrefix")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_oracle_settings(from: &types::OracleSettings) -> Found {
    let mut found = Found::new();
    found.boolean("AccessAlternateDirectly", from.access_alternate_directly());
    found.boolean("AddSupplementalLogging", from.add_supplemental_logging());
    found.integer("AdditionalArchivedLogDestId", from.additional_archived_log_dest_id());
    found.boolean("AllowSelectNestedTables", from.allow_select_nested_tables());
    found.integer("ArchivedLogDestId", from.archived_log_dest_id());
    found.boolean("ArchivedLogsOnly", from.archived_logs_only());
    found.string("AsmServer", from.asm_server());
    found.string("AsmUser", from.asm_user());
    found.string(
        "AuthenticationMethod",
        from.authentication_method().map(types::OracleAuthenticationMethod::as_str),
    );
    found.string("CharLengthSemantics", from.char_length_semantics().map(types::CharLengthSemantics::as_str));
    found.boolean("ConvertTimestampWithZoneToUTC", from.convert_timestamp_with_zone_to_utc());
    found.string("DatabaseName", from.database_name());
    found.boolean("DirectPathNoLog", from.direct_path_no_log());
    found.boolean("DirectPathParallelLoad", from.direct_path_parallel_load());
    found.boolean("EnableHomogenousTablespace", from.enable_homogenous_tablespace());
    found.integers("ExtraArchivedLogDestIds", from.extra_archived_log_dest_ids());
    found.boolean("FailTasksOnLobTruncation", from.fail_tasks_on_lob_truncation());
    found.integer("NumberDatatypeScale", from.number_datatype_scale());
    found.integer("OpenTransactionWindow", from.open_transaction_window());
    found.string("OraclePathPrefix", from.oracle_path_prefix());
    found.integer("ParallelAsmReadThreads", from.parallel_asm_read_threads());
    found.integer("Port", from.port());
    found.integer("ReadAheadBlocks", from.read_ahead_blocks());
    found.boolean("ReadTableSpaceName", from.read_table_space_name());
    found.boolean("ReplacePathPrefix", from.replace_path_prefix());
    found.integer("RetryInterval", from.retry_interval());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerOracleAsmAccessRoleArn", from.secrets_manager_oracle_asm_access_role_arn());
    found.string("SecretsManagerOracleAsmSecretId", from.secrets_manager_oracle_asm_secret_id());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("SecurityDbEncryptionName", from.security_db_encryption_name());
    found.string("ServerName", from.server_name());
    found.string(
        "SpatialDataOptionToGeoJsonFunctionName",
        from.spatial_data_option_to_geo_json_function_name(),
    );
    found.integer("StandbyDelayTime", from.standby_delay_time());
    found.boolean("TrimSpaceInChar", from.trim_space_in_char());
    found.boolean("UseAlternateFolderForOnline", from.use_alternate_folder_for_online());
    found.boolean("UseBFile", from.use_b_file());
    found.boolean("UseDirectPathFullLoad", from.use_direct_path_full_load());
    found.boolean("UseLogminerReader", from.use_logminer_reader());
    found.string("UsePathPrefix", from.use_path_prefix());
    found.string("Username", from.username());
    found
}

pub(super) fn postgre_sql_settings(given: &Given<'_>) -> Result<types::PostgreSqlSettings, Error> {
    let built = types::PostgreSqlSettings::builder()
        .set_after_connect_script(given.string("AfterConnectScript")?)
        .set_authentication_method(given.word("AuthenticationMethod")?)
        .set_babelfish_database_name(given.string("BabelfishDatabaseName")?)
        .set_capture_ddls(given.boolean("CaptureDdls")?)
        .set_database_mode(given.word("DatabaseMode")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_ddl_artifacts_schema(given.string("DdlArtifactsSchema")?)
        .set_disable_unicode_source_filter(given.boolean("DisableUnicodeSourceFilter")?)
        .set_execute_timeout(given.integer("ExecuteTimeout")?)
        .set_fail_tasks_on_lob_truncation(given.boolean("FailTasksOnLobTruncation")?)
        .set_heartbeat_enable(given.boolean("HeartbeatEnable")?)
        .set_heartbeat_frequency(given.integer("HeartbeatFrequency")?)
        .set_heartbeat_schema(given.string("HeartbeatSchema")?)
        .set_map_boolean_as_boolean(given.boolean("MapBooleanAsBoolean")?)
        .set_map_jsonb_as_clob(given.boolean("MapJsonbAsClob")?)
        .set_map_long_varchar_as(given.word("MapLongVarcharAs")?)
        .set_max_file_size(given.integer("MaxFileSize")?)
        .set_password(given.secret("Password"))
        .set_plugin_name(given.word("PluginName")?)
        .set_port(given.integer("Port")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .set_slot_name(given.string("SlotName")?)
        .set_trim_space_in_char(given.boolean("TrimSpaceInChar")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_postgre_sql_settings(from: &types::PostgreSqlSettings) -> Found {
    let mut found = Found::new();
    found.string("AfterConnectScript", from.after_connect_script());
    found.string(
        "AuthenticationMethod",
        from.authentication_method().map(types::PostgreSqlAuthenticationMethod::as_str),
    );
    found.string("BabelfishDatabaseName", from.babelfish_database_name());
    found.boolean("CaptureDdls", from.capture_ddls());
    found.string("DatabaseMode", from.database_mode().map(types::DatabaseMode::as_str));
    found.string("DatabaseName", from.database_name());
    found.string("DdlArtifactsSchema", from.ddl_artifacts_schema());
    found.boolean("DisableUnicodeSourceFilter", from.disable_unicode_source_filter());
    found.integer("ExecuteTimeout", from.execute_timeout());
    found.boolean("FailTasksOnLobTruncation", from.fail_tasks_on_lob_truncation());
    found.boolean("HeartbeatEnable", from.heartbeat_enable());
    found.integer("HeartbeatFrequency", from.heartbeat_frequency());
    found.string("HeartbeatSchema", from.heartbeat_schema());
    found.boolean("MapBooleanAsBoolean", from.map_boolean_as_boolean());
    found.boolean("MapJsonbAsClob", from.map_jsonb_as_clob());
    found.string("MapLongVarcharAs", from.map_long_varchar_as().map(types::LongVarcharMappingType::as_str));
    found.integer("MaxFileSize", from.max_file_size());
    found.string("PluginName", from.plugin_name().map(types::PluginNameValue::as_str));
    found.integer("Port", from.port());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.string("ServiceAccessRoleArn", from.service_access_role_arn());
    found.string("SlotName", from.slot_name());
    found.boolean("TrimSpaceInChar", from.trim_space_in_char());
    found.string("Username", from.username());
    found
}

pub(super) fn redis_settings(given: &Given<'_>) -> Result<types::RedisSettings, Error> {
    let built = types::RedisSettings::builder()
        .set_auth_password(given.secret("AuthPassword"))
        .set_auth_type(given.word("AuthType")?)
        .set_auth_user_name(given.string("AuthUserName")?)
        .set_port(given.integer("Port")?)
        .set_server_name(given.string("ServerName")?)
        .set_ssl_ca_certificate_arn(given.string("SslCaCertificateArn")?)
        .set_ssl_security_protocol(given.word("SslSecurityProtocol")?)
        .build()?;
    Ok(built)
}

fn found_redis_settings(from: &types::RedisSettings) -> Found {
    let mut found = Found::new();
    found.string("AuthType", from.auth_type().map(types::RedisAuthTypeValue::as_str));
    found.string("AuthUserName", from.auth_user_name());
    found.integer("Port", Some(from.port()));
    found.string("ServerName", Some(from.server_name()));
    found.string("SslCaCertificateArn", from.ssl_ca_certificate_arn());
    found.string(
        "SslSecurityProtocol",
        from.ssl_security_protocol().map(types::SslSecurityProtocolValue::as_str),
    );
    found
}

pub(super) fn redshift_settings(given: &Given<'_>) -> Result<types::RedshiftSettings, Error> {
    let built = types::RedshiftSettings::builder()
        .set_accept_any_date(given.boolean("AcceptAnyDate")?)
        .set_after_connect_script(given.string("AfterConnectScript")?)
        .set_bucket_folder(given.string("BucketFolder")?)
        .set_bucket_name(given.string("BucketName")?)
        .set_case_sensitive_names(given.boolean("CaseSensitiveNames")?)
        .set_comp_update(given.boolean("CompUpdate")?)
        .set_connection_timeout(given.integer("ConnectionTimeout")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_date_format(given.string("DateFormat")?)
        .set_empty_as_null(given.boolean("EmptyAsNull")?)
        .set_encryption_mode(given.word("EncryptionMode")?)
        .set_explicit_ids(given.boolean("ExplicitIds")?)
        .set_file_transfer_upload_streams(given.integer("FileTransferUploadStreams")?)
        .set_load_timeout(given.integer("LoadTimeout")?)
        .set_map_boolean_as_boolean(given.boolean("MapBooleanAsBoolean")?)
        .set_max_file_size(given.integer("MaxFileSize")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_remove_quotes(given.boolean("RemoveQuotes")?)
        .set_replace_chars(given.string("ReplaceChars")?)
        .set_replace_invalid_chars(given.string("ReplaceInvalidChars")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_server_side_encryption_kms_key_id(given.string("ServerSideEncryptionKmsKeyId")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .set_time_format(given.string("TimeFormat")?)
        .set_trim_blanks(given.boolean("TrimBlanks")?)
        .set_truncate_columns(given.boolean("TruncateColumns")?)
        .set_username(given.string("Username")?)
        .set_write_buffer_size(given.integer("WriteBufferSize")?)
        .build();
    Ok(built)
}

fn found_redshift_settings(from: &types::RedshiftSettings) -> Found {
    let mut found = Found::new();
    found.boolean("AcceptAnyDate", from.accept_any_date());
    found.string("AfterConnectScript", from.after_connect_script());
    found.string("BucketFolder", from.bucket_folder());
    found.string("BucketName", from.bucket_name());
    found.boolean("CaseSensitiveNames", from.case_sensitive_names());
    found.boolean("CompUpdate", from.comp_update());
    found.integer("ConnectionTimeout", from.connection_timeout());
    found.string("DatabaseName", from.database_name());
    found.string("DateFormat", from.date_format());
    found.boolean("EmptyAsNull", from.empty_as_null());
    found.string("EncryptionMode", from.encryption_mode().map(types::EncryptionModeValue::as_str));
    found.boolean("ExplicitIds", from.explicit_ids());
    found.integer("FileTransferUploadStreams", from.file_transfer_upload_streams());
    found.integer("LoadTimeout", from.load_timeout());
    found.boolean("MapBooleanAsBoolean", from.map_boolean_as_boolean());
    found.integer("MaxFileSize", from.max_file_size());
    found.integer("Port", from.port());
    found.boolean("RemoveQuotes", from.remove_quotes());
    found.string("ReplaceChars", from.replace_chars());
    found.string("ReplaceInvalidChars", from.replace_invalid_chars());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.string("ServerSideEncryptionKmsKeyId", from.server_side_encryption_kms_key_id());
    found.string("ServiceAccessRoleArn", from.service_access_role_arn());
    found.string("TimeFormat", from.time_format());
    found.boolean("TrimBlanks", from.trim_blanks());
    found.boolean("TruncateColumns", from.truncate_columns());
    found.string("Username", from.username());
    found.integer("WriteBufferSize", from.write_buffer_size());
    found
}

pub(super) fn s3_settings(given: &Given<'_>) -> Result<types::S3Settings, Error> {
    let built = types::S3Settings::builder()
        .set_add_column_name(given.boolean("AddColumnName")?)
        .set_add_trailing_padding_character(given.boolean("AddTrailingPaddingCharacter")?)
        .set_bucket_folder(given.string("BucketFolder")?)
        .set_bucket_name(given.string("BucketName")?)
        .set_canned_acl_for_objects(given.word("CannedAclForObjects")?)
        .set_cdc_inserts_and_updates(given.boolean("CdcInsertsAndUpdates")?)
        .set_cdc_inserts_only(given.boolean("CdcInsertsOnly")?)
        .set_cdc_max_batch_interval(given.integer("CdcMaxBatchInterval")?)
        .set_cdc_min_file_size(given.integer("CdcMinFileSize")?)
        .set_cdc_path(given.string("CdcPath")?)
        .set_compression_type(given.word("CompressionType")?)
        .set_csv_delimiter(given.string("CsvDelimiter")?)
        .set_csv_no_sup_value(given.string("CsvNoSupValue")?)
        .set_csv_null_value(given.string("CsvNullValue")?)
        .set_csv_row_delimiter(given.string("CsvRowDelimiter")?)
        .set_data_format(given.word("DataFormat")?)
        .set_data_page_size(given.integer("DataPageSize")?)
        .set_date_partition_delimiter(given.word("DatePartitionDelimiter")?)
        .set_date_partition_enabled(given.boolean("DatePartitionEnabled")?)
        .set_date_partition_sequence(given.word("DatePartitionSequence")?)
        .set_date_partition_timezone(given.string("DatePartitionTimezone")?)
        .set_dict_page_size_limit(given.integer("DictPageSizeLimit")?)
        .set_enable_statistics(given.boolean("EnableStatistics")?)
        .set_encoding_type(given.word("EncodingType")?)
        .set_encryption_mode(given.word("EncryptionMode")?)
        .set_expected_bucket_owner(given.string("ExpectedBucketOwner")?)
        .set_external_table_definition(given.string("ExternalTableDefinition")?)
        .set_glue_catalog_generation(given.boolean("GlueCatalogGeneration")?)
        .set_ignore_header_rows(given.integer("IgnoreHeaderRows")?)
        .set_include_op_for_full_load(given.boolean("IncludeOpForFullLoad")?)
        .set_max_file_size(given.integer("MaxFileSize")?)
        .set_parquet_timestamp_in_millisecond(given.boolean("ParquetTimestampInMillisecond")?)
        .set_parquet_version(given.word("ParquetVersion")?)
        .set_preserve_transactions(given.boolean("PreserveTransactions")?)
        .set_rfc4180(given.boolean("Rfc4180")?)
        .set_row_group_length(given.integer("RowGroupLength")?)
        .set_server_side_encryption_kms_key_id(given.string("ServerSideEncryptionKmsKeyId")?)
        .set_service_access_role_arn(given.string("ServiceAccessRoleArn")?)
        .set_timestamp_column_name(given.string("TimestampColumnName")?)
        .set_use_csv_no_sup_value(given.boolean("UseCsvNoSupValue")?)
        .set_use_task_start_time_for_full_load_timestamp(
            given.boolean("UseTaskStartTimeForFullLoadTimestamp")?,
        )
        .build();
    Ok(built)
}

fn found_s3_settings(from: &types::S3Settings) -> Found {
    let mut found = Found::new();
    found.boolean("AddColumnName", from.add_column_name());
    found.boolean("AddTrailingPaddingCharacter", from.add_trailing_padding_character());
    found.string("BucketFolder", from.bucket_folder());
    found.string("BucketName", from.bucket_name());
    found.string(
        "CannedAclForObjects",
        from.canned_acl_for_objects().map(types::CannedAclForObjectsValue::as_str),
    );
    found.boolean("CdcInsertsAndUpdates", from.cdc_inserts_and_updates());
    found.boolean("CdcInsertsOnly", from.cdc_inserts_only());
    found.integer("CdcMaxBatchInterval", from.cdc_max_batch_interval());
    found.integer("CdcMinFileSize", from.cdc_min_file_size());
    found.string("CdcPath", from.cdc_path());
    found.string("CompressionType", from.compression_type().map(types::CompressionTypeValue::as_str));
    found.string("CsvDelimiter", from.csv_delimiter());
    found.string("CsvNoSupValue", from.csv_no_sup_value());
    found.string("CsvNullValue", from.csv_null_value());
    found.string("CsvRowDelimiter", from.csv_row_delimiter());
    found.string("DataFormat", from.data_format().map(types::DataFormatValue::as_str));
    found.integer("DataPageSize", from.data_page_size());
    found.string(
        "DatePartitionDelimiter",
        from.date_partition_delimiter().map(types::DatePartitionDelimiterValue::as_str),
    );
    found.boolean("DatePartitionEnabled", from.date_partition_enabled());
    found.string(
        "DatePartitionSequence",
        from.date_partition_sequence().map(types::DatePartitionSequenceValue::as_str),
    );
    found.string("DatePartitionTimezone", from.date_partition_timezone());
    found.integer("DictPageSizeLimit", from.dict_page_size_limit());
    found.boolean("EnableStatistics", from.enable_statistics());
    found.string("EncodingType", from.encoding_type().map(types::EncodingTypeValue::as_str));
    found.string("EncryptionMode", from.encryption_mode().map(types::EncryptionModeValue::as_str));
    found.string("ExpectedBucketOwner", from.expected_bucket_owner());
    found.string("ExternalTableDefinition", from.external_table_definition());
    found.boolean("GlueCatalogGeneration", from.glue_catalog_generation());
    found.integer("IgnoreHeaderRows", from.ignore_header_rows());
    found.boolean("IncludeOpForFullLoad", from.include_op_for_full_load());
    found.integer("MaxFileSize", from.max_file_size());
    found.boolean("ParquetTimestampInMillisecond", from.parquet_timestamp_in_millisecond());
    found.string("ParquetVersion", from.parquet_version().map(types::ParquetVersionValue::as_str));
    found.boolean("PreserveTransactions", from.preserve_transactions());
    found.boolean("Rfc4180", from.rfc4180());
    found.integer("RowGroupLength", from.row_group_length());
    found.string("ServerSideEncryptionKmsKeyId", from.server_side_encryption_kms_key_id());
    found.string("ServiceAccessRoleArn", from.service_access_role_arn());
    found.string("TimestampColumnName", from.timestamp_column_name());
    found.boolean("UseCsvNoSupValue", from.use_csv_no_sup_value());
    found.boolean("UseTaskStartTimeForFullLoadTimestamp", from.use_task_start_time_for_full_load_timestamp());
    found
}

pub(super) fn sybase_settings(given: &Given<'_>) -> Result<types::SybaseSettings, Error> {
    let built = types::SybaseSettings::builder()
        .set_database_name(given.string("DatabaseName")?)
        .set_password(given.secret("Password"))
        .set_port(given.integer("Port")?)
        .set_secrets_manager_access_role_arn(given.string("SecretsManagerAccessRoleArn")?)
        .set_secrets_manager_secret_id(given.string("SecretsManagerSecretId")?)
        .set_server_name(given.string("ServerName")?)
        .set_username(given.string("Username")?)
        .build();
    Ok(built)
}

fn found_sybase_settings(from: &types::SybaseSettings) -> Found {
    let mut found = Found::new();
    found.string("DatabaseName", from.database_name());
    found.integer("Port", from.port());
    found.string("SecretsManagerAccessRoleArn", from.secrets_manager_access_role_arn());
    found.string("SecretsManagerSecretId", from.secrets_manager_secret_id());
    found.string("ServerName", from.server_name());
    found.string("Username", from.username());
    found
}

pub(super) fn timestream_settings(given: &Given<'_>) -> Result<types::TimestreamSettings, Error> {
    let built = types::TimestreamSettings::builder()
        .set_cdc_inserts_and_updates(given.boolean("CdcInsertsAndUpdates")?)
        .set_database_name(given.string("DatabaseName")?)
        .set_enable_magnetic_store_writes(given.boolean("EnableMagneticStoreWrites")?)
        .set_magnetic_duration(given.integer("MagneticDuration")?)
        .set_memory_duration(given.integer("MemoryDuration")?)
        .build()?;
    Ok(built)
}

fn found_timestream_settings(from: &types::TimestreamSettings) -> Found {
    let mut found = Found::new();
    found.boolean("CdcInsertsAndUpdates", from.cdc_inserts_and_updates());
    found.string("DatabaseName", Some(from.database_name()));
    found.boolean("EnableMagneticStoreWrites", from.enable_magnetic_store_writes());
    found.integer("MagneticDuration", Some(from.magnetic_duration()));
    found.integer("MemoryDuration", Some(from.memory_duration()));
    found
}
