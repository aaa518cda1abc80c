/* runtime/api/command_list.c: who carries out which command, and the columns that it answers. */
#include "runtime/api/command.h"

#define DATABASE_HEAD                                                                              \
    "DatabaseName:string, PersistentStorage:string, Version:string, IsCurrent:bool, "              \
    "DatabaseAccessMode:string, PrettyName:string, "
#define EXTENT_DROPPED "ExtentId:guid, TableName:string, CreatedOn:datetime"
#define EXTENT_MOVED   "OriginalExtentId:string, ResultExtentId:string, Details:string"
#define EXTENT_TAGGED                                                                              \
    "OriginalExtentId:string, ResultExtentId:string, ResultExtentTags:string, Details:string"
#define FUNCTION_ROW "Name:string, Parameters:string, Body:string, Folder:string, DocString:string"
#define POLICY_ROW                                                                                 \
    "PolicyName:string, EntityName:string, Policy:string, ChildEntities:string, EntityType:string"
#define COLUMN_ROW "EntityName:string, DataType:string, Policy:string"
#define INGESTED_ROW                                                                               \
    "ExtentId:guid, ItemLoaded:string, Duration:timespan, HasErrors:bool, OperationId:guid"
#define SET_ROW                                                                                    \
    "ExtentId:guid, OriginalSize:long, ExtentSize:long, ColumnSize:long, IndexSize:long, "         \
    "RowCount:long"
#define VIEW_ROW                                                                                   \
    "Name:string, SourceTable:string, Query:string, MaterializedTo:datetime, LastRun:datetime, "   \
    "LastRunResult:string, IsHealthy:bool, IsEnabled:bool, Folder:string, DocString:string, "      \
    "AutoUpdateSchema:bool, EffectiveDateTime:datetime, Lookback:timespan, LookbackColumn:string"

#define PURGE_ROW                                                                                  \
    "OperationId:guid, DatabaseName:string, TableName:string, ScheduledTime:datetime, "            \
    "Duration:timespan, LastUpdatedOn:datetime, EngineOperationId:guid, State:string, "            \
    "StateDetails:string, EngineStartTime:datetime, EngineDuration:timespan, Retries:int, "        \
    "ClientRequestId:string, Principal:string"

static const tr_command_row rows[TR_COMMAND_COUNT] = {
    [TR_COMMAND_SHOW_VERSION] = {tr_show_version,
                                 "BuildVersion:string, BuildTime:datetime, ServiceType:string, "
                                 "ProductVersion:string, ServiceOffering:string"},
    [TR_COMMAND_SHOW_CLUSTER] = {tr_show_cluster, NULL},
    [TR_COMMAND_SHOW_DATABASES] = {tr_show_databases, DATABASE_HEAD
                                   "ReservedSlot1:bool, DatabaseId:guid, InTransitionTo:string, "
                                   "SuspensionState:string"},
    [TR_COMMAND_SHOW_DATABASES_IDENTITY] =
        {tr_show_databases_identity,
         DATABASE_HEAD "CurrentUserIsUnrestrictedViewer:bool, DatabaseId:guid, "
                       "InTransitionTo:string, SuspensionState:string"},
    [TR_COMMAND_SHOW_DATABASES_DETAILS] =
        {tr_show_databases_details, DATABASE_HEAD
         "AuthorizedPrincipals:string, RetentionPolicy:string, MergePolicy:string, "
         "ReservedSlot1:string, CachingPolicy:string, ShardingPolicy:string, "
         "StreamingIngestionPolicy:string, IngestionBatchingPolicy:string, TotalSize:real, "
         "DatabaseId:guid, InTransitionTo:string"},
    [TR_COMMAND_SHOW_DATABASES_POLICIES] =
        {tr_show_databases_policies,
         DATABASE_HEAD "DatabaseId:guid, AuthorizedPrincipals:string, RetentionPolicy:string, "
                       "MergePolicy:string, CachingPolicy:string, ShardingPolicy:string, "
                       "StreamingIngestionPolicy:string, IngestionBatchingPolicy:string"},
    [TR_COMMAND_SHOW_DATABASES_DATASTATS] =
        {tr_show_databases_datastats,
         DATABASE_HEAD "DatabaseId:guid, OriginalSize:real, ExtentSize:real, CompressedSize:real, "
                       "IndexSize:real, RowCount:long, HotOriginalSize:real, HotExtentSize:real, "
                       "HotCompressedSize:real, HotIndexSize:real, HotRowCount:long"},
    [TR_COMMAND_SHOW_DATABASE_SCHEMA] =
        {tr_show_database_schema,
         "DatabaseName:string, TableName:string, ColumnName:string, ColumnType:string, "
         "IsDefaultTable:bool, IsDefaultColumn:bool, PrettyName:string, Version:string, "
         "Folder:string, DocString:string"},
    [TR_COMMAND_SHOW_DATABASE_SCHEMA_JSON] = {tr_show_database_schema_json,
                                              "DatabaseSchema:string"},
    [TR_COMMAND_SHOW_SCHEMA_JSON] = {tr_show_schema_json, "ClusterSchema:string"},
    [TR_COMMAND_SHOW_DATABASE_CSLSCHEMA] = {tr_show_database_cslschema, TR_TABLE5},
    [TR_COMMAND_SHOW_DATABASE_SCRIPT] = {tr_show_database_script, "DatabaseSchemaScript:string"},
    [TR_COMMAND_SHOW_TABLES] = {tr_show_tables, TR_TABLE4},
    [TR_COMMAND_SHOW_TABLES_DETAILS] =
        {tr_show_tables_details, TR_TABLE4
         ", TotalExtents:long, TotalExtentSize:real, TotalOriginalSize:real, TotalRowCount:long, "
         "HotExtents:long, HotExtentSize:real, HotOriginalSize:real, HotRowCount:long, "
         "AuthorizedPrincipals:string, RetentionPolicy:string, CachingPolicy:string, "
         "ShardingPolicy:string, MergePolicy:string, StreamingIngestionPolicy:string, "
         "IngestionBatchingPolicy:string, MinExtentsCreationTime:datetime, "
         "MaxExtentsCreationTime:datetime, RowOrderPolicy:string, TableId:guid"},
    [TR_COMMAND_SHOW_TABLE] =
        {tr_show_table,
         "AttributeName:string, AttributeType:string, ExtentSize:long, CompressionRatio:real, "
         "IndexSize:long, IndexSizePercent:real, OriginalSize:long, AttributeId:guid, "
         "SharedIndexSize:long, StorageEngineVersion:string"},
    [TR_COMMAND_SHOW_TABLE_CSLSCHEMA] = {tr_show_table_cslschema, TR_TABLE5},
    [TR_COMMAND_SHOW_TABLE_SCHEMA_JSON] = {tr_show_table_schema_json, TR_TABLE5},
    [TR_COMMAND_SHOW_EXTENTS] =
        {tr_show_extents,
         "ExtentId:guid, DatabaseName:string, TableName:string, MaxCreatedOn:datetime, "
         "OriginalSize:real, ExtentSize:real, CompressedSize:real, IndexSize:real, Blocks:long, "
         "Segments:long, ExtentContainerId:string, RowCount:long, MinCreatedOn:datetime, "
         "Tags:string, Kind:string, DeletedRowCount:long"},
    [TR_COMMAND_SHOW_FUNCTIONS] = {tr_show_functions, FUNCTION_ROW},
    [TR_COMMAND_SHOW_FUNCTION] = {tr_show_functions, FUNCTION_ROW},
    [TR_COMMAND_SHOW_MAPPINGS] = {tr_show_mappings, NULL},
    [TR_COMMAND_SHOW_POLICY] = {tr_show_policy, POLICY_ROW},
    [TR_COMMAND_SHOW_JOURNAL] =
        {tr_show_journal,
         "Event:string, EventTimestamp:datetime, Database:string, EntityName:string, "
         "UpdatedEntityName:string, EntityVersion:string, EntityContainerName:string, "
         "OriginalEntityState:string, UpdatedEntityState:string, ChangeCommand:string, "
         "Principal:string, RootActivityId:guid, ClientRequestId:string, User:string, "
         "OriginalEntityVersion:string"},
    [TR_COMMAND_SHOW_OPERATIONS] =
        {tr_show_operations,
         "OperationId:guid, Operation:string, NodeId:string, StartedOn:datetime, "
         "LastUpdatedOn:datetime, Duration:timespan, State:string, Status:string, "
         "RootActivityId:guid, ShouldRetry:bool, Database:string, Principal:string, User:string, "
         "AdminEpochStartTime:datetime, VirtualCluster:string"},
    [TR_COMMAND_SHOW_OPERATION_DETAILS] = {tr_show_operation_details, NULL},
    [TR_COMMAND_SHOW_INGESTION_FAILURES] =
        {tr_show_ingestion_failures,
         "OperationId:guid, Database:string, Table:string, FailedOn:datetime, "
         "IngestionSourcePath:string, Details:string, FailureKind:string, RootActivityId:guid, "
         "OperationKind:string, OriginatesFromUpdatePolicy:bool, ErrorCode:string, "
         "Principal:string, ShouldRetry:bool, User:string, IngestionProperties:string"},
    [TR_COMMAND_SHOW_PURGES] = {tr_show_purges, PURGE_ROW},
    [TR_COMMAND_CREATE_TABLE] = {tr_create_table, TR_TABLE5},
    [TR_COMMAND_CREATE_MERGE_TABLE] = {tr_create_table, TR_TABLE5},
    [TR_COMMAND_CREATE_TABLE_BASED_ON] = {tr_create_table_based_on, TR_TABLE5},
    [TR_COMMAND_CREATE_TABLES] = {tr_create_tables, TR_TABLE4},
    [TR_COMMAND_CREATE_MERGE_TABLES] = {tr_create_tables, TR_TABLE4},
    [TR_COMMAND_ALTER_TABLE] = {tr_alter_table, TR_TABLE5},
    [TR_COMMAND_ALTER_MERGE_TABLE] = {tr_alter_table, TR_TABLE5},
    [TR_COMMAND_ALTER_TABLE_DOCSTRING] = {tr_alter_table_text, TR_TABLE5},
    [TR_COMMAND_ALTER_TABLE_FOLDER] = {tr_alter_table_text, TR_TABLE5},
    [TR_COMMAND_ALTER_COLUMN_DOCSTRINGS] = {tr_alter_column_docstrings, TR_TABLE5},
    [TR_COMMAND_ALTER_COLUMN_TYPE] = {tr_alter_column_type, COLUMN_ROW},
    [TR_COMMAND_RENAME_TABLES] = {tr_rename_tables, TR_TABLE4},
    [TR_COMMAND_RENAME_COLUMN] = {tr_rename_column, COLUMN_ROW},
    [TR_COMMAND_RENAME_COLUMNS] = {tr_rename_column, COLUMN_ROW},
    [TR_COMMAND_DROP_TABLES] = {tr_drop_tables, "TableName:string, DatabaseName:string"},
    [TR_COMMAND_DROP_COLUMN] = {tr_drop_columns, TR_TABLE5},
    [TR_COMMAND_DROP_COLUMNS] = {tr_drop_columns, TR_TABLE5},
    [TR_COMMAND_CLEAR_TABLE] = {tr_clear_table, "Status:string"},
    [TR_COMMAND_CLEAR_CACHE] = {tr_clear_cache, "NodeId:string, Status:string"},
    [TR_COMMAND_SEAL_TABLE] = {tr_seal_rows, EXTENT_DROPPED},
    [TR_COMMAND_MERGE_EXTENTS] =
        {tr_merge_extents, "OriginalExtentId:string, ResultExtentId:string, Duration:timespan"},
    [TR_COMMAND_INGEST_INLINE] = {tr_ingest_inline, INGESTED_ROW},
    [TR_COMMAND_INGEST_FILES] = {tr_ingest_files, INGESTED_ROW},
    [TR_COMMAND_SET_TABLE] = {tr_set_table, SET_ROW},
    [TR_COMMAND_DELETE_RECORDS] = {tr_delete_records, EXTENT_MOVED},
    [TR_COMMAND_UPDATE_TABLE] = {tr_update_table,
                                 "Table:string, Action:string, ExtentId:guid, RowCount:long"},
    [TR_COMMAND_PURGE_RECORDS] = {tr_purge_records, PURGE_ROW},
    [TR_COMMAND_PURGE_TABLE] = {tr_purge_table, PURGE_ROW},
    [TR_COMMAND_UNDO_DROP_TABLE] =
        {tr_undo_drop_table,
         "ExtentId:guid, NumberOfRecords:long, Status:string, FailureReason:string"},
    [TR_COMMAND_REPLACE_EXTENTS] = {tr_replace_extents, EXTENT_MOVED},
    [TR_COMMAND_DROP_EXTENTS] = {tr_drop_extents, EXTENT_DROPPED},
    [TR_COMMAND_DROP_EXTENTS_FROM] = {tr_drop_extents_from, EXTENT_DROPPED},
    [TR_COMMAND_DROP_EXTENTS_QUERY] = {tr_drop_extents_query, EXTENT_DROPPED},
    [TR_COMMAND_MOVE_EXTENTS] = {tr_move_extents, EXTENT_MOVED},
    [TR_COMMAND_MOVE_EXTENTS_QUERY] = {tr_move_extents_query, EXTENT_MOVED},
    [TR_COMMAND_TAG_EXTENTS] = {tr_tag_extents, EXTENT_TAGGED},
    [TR_COMMAND_UNTAG_EXTENTS] = {tr_untag_extents, EXTENT_TAGGED},
    [TR_COMMAND_CREATE_FUNCTION] = {tr_create_function, FUNCTION_ROW},
    [TR_COMMAND_ALTER_FUNCTION_DOCSTRING] = {tr_alter_function_text, FUNCTION_ROW},
    [TR_COMMAND_ALTER_FUNCTION_FOLDER] = {tr_alter_function_text, FUNCTION_ROW},
    [TR_COMMAND_DROP_FUNCTIONS] = {tr_drop_functions, FUNCTION_ROW},
    [TR_COMMAND_PUT_MAPPING] = {tr_put_mapping, NULL},
    [TR_COMMAND_DROP_MAPPING] = {tr_drop_mapping, NULL},
    [TR_COMMAND_PUT_POLICY] = {tr_put_policy, POLICY_ROW},
    [TR_COMMAND_DELETE_POLICY] = {tr_delete_policy, POLICY_ROW},
    [TR_COMMAND_SHOW_VIEWS] = {tr_show_views, VIEW_ROW},
    [TR_COMMAND_SHOW_VIEW] = {tr_show_views, VIEW_ROW},
    [TR_COMMAND_SHOW_VIEW_CSLSCHEMA] = {tr_show_view_cslschema, TR_TABLE5},
    [TR_COMMAND_CREATE_VIEW] = {tr_create_view, VIEW_ROW},
    [TR_COMMAND_ALTER_VIEW_TEXT] = {tr_alter_view_text, VIEW_ROW},
    [TR_COMMAND_ALTER_VIEW_STATE] = {tr_alter_view_state, VIEW_ROW},
    [TR_COMMAND_RENAME_VIEW] = {tr_rename_view, VIEW_ROW},
    [TR_COMMAND_CLEAR_VIEW] = {tr_clear_view, EXTENT_DROPPED},
    [TR_COMMAND_DROP_VIEW] = {tr_drop_view, VIEW_ROW},
    [TR_COMMAND_EXECUTE_SCRIPT] = {tr_execute_script,
                                   "OperationId:guid, CommandType:string, CommandText:string, "
                                   "Result:string, Reason:string"},
};

const tr_command_row *tr_command_row_of(tr_command_kind kind) {
    return &rows[kind];
}
