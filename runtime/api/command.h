/* runtime/api/command.h: what the files that carry out commands share. Room-internal. */
#ifndef TR_API_COMMAND_H
#define TR_API_COMMAND_H

#include "runtime/api/api.h"
#include "runtime/api/ingest.h"
#include "runtime/api/sheet.h"

/** One command under way. Memory of the answer, and all that is thrown away after it, comes from
 *  `arena`. */
typedef struct tr_doing {
    trawl_query *query;
    trawl_db *db;
    const tr_kql_result *result; /* NULL while looking */
    const tr_command *command;
    tr_arena *arena;
    tr_state *state;           /* before the command */
    const tr_catalog *catalog; /* NULL: no directory; with the steps so far */
    tr_store *store;           /* NULL while looking */
    tr_change *change;         /* NULL while looking */
    tr_str key;                /* what makes the change happen once, "" none */
    tr_exec *exec;             /* NULL while looking */
    uint32_t depth;            /* of update policies that feed each other */
    bool policy_failed;        /* the command fails because an update policy does */
    bool is_async;             /* the answer is the id of the operation */
    bool is_noted;             /* how it went is in the change */
    tr_guid operation;
    int64_t started_ticks;
    struct tr_rejects *rejects; /* NULL: rows that do not fit are kept */
} tr_doing;

typedef trawl_status tr_command_fn(tr_doing *d, tr_sheet *out, trawl_error *err);

typedef struct tr_command_row {
    tr_command_fn *run;  /* NULL: does not run yet */
    const char *columns; /* for tr_sheet_start; NULL: the function says */
} tr_command_row;
/** command_list.c */
const tr_command_row *tr_command_row_of(tr_command_kind kind);

/* ---- entry: for queries (command.c, command_function.c, command_view.c) ---- */

/** The rows of a command that only looks: request.show. */
trawl_status tr_command_rows(void *query, tr_plan_ctx *plan_ctx, const tr_command *command,
                             tr_rows *out, trawl_error *err);
/** Carry out a command that changes something. *out lives in the arena of `exec`. */
trawl_status tr_command_run(trawl_query *query, tr_exec *exec, const tr_kql_result *result,
                            tr_rows *out, trawl_error *err);
bool tr_stored_function(void *query, tr_str name, tr_kql_stored *out);
bool tr_kept_name(void *query, uint32_t i, tr_str *out, bool *is_function);
trawl_status tr_view_plan(void *query, tr_plan_ctx *plan_ctx, tr_str name, tr_span span,
                          const tr_plan **out, trawl_error *err);

/** What is shown of a table or a view that has a policy for it: request.guarded. (guard.c) */
trawl_status tr_guarded_table(void *query, tr_plan_ctx *plan_ctx, const tr_table *table,
                              tr_span span, const tr_plan **out, trawl_error *err);
trawl_status tr_guarded_view(trawl_query *query, tr_plan_ctx *plan_ctx, const tr_cat_view *view,
                             tr_span span, const tr_plan **plan, trawl_error *err);
typedef struct tr_security {
    bool is_enabled;
    tr_str query; /* "": there is no policy */
} tr_security;
/** Of the policy's JSON; of a table. */
trawl_status tr_security_read(tr_arena *arena, tr_str json, tr_security *out, trawl_error *err);
trawl_status tr_security_of(tr_arena *arena, const tr_cat_table *table, tr_security *out,
                            trawl_error *err);
/** Is the table only for unrestricted viewers? */
trawl_status tr_restriction_of(tr_arena *arena, const tr_cat_table *table, bool *out,
                               trawl_error *err);
/** Compile the query of a policy; it must give the columns of schema. */
trawl_status tr_security_plan(trawl_query *query, tr_arena *arena, tr_str name,
                              const tr_schema *schema, tr_str text, const tr_plan **out,
                              trawl_error *err);
/** Commands that take rows out may not do so where rows are hidden. */
trawl_status tr_check_unguarded(const tr_doing *d, const tr_command_text *name, trawl_error *err);

/* ---- helpers (command.c) ---- */

/** "Entity 'X' of kind 'Table' was not found.", at the name, with the nearest name. */
trawl_status tr_no_entity(const tr_doing *d, const tr_command_text *name, const char *kind,
                          trawl_error *err);
trawl_status tr_find_table(const tr_doing *d, const tr_command_text *name, const tr_cat_table **out,
                           trawl_error *err);
/** The tables that the command names: names[], then list[]; all if it names none. Hidden ones only
 *  by name. */
trawl_status tr_named_tables(const tr_doing *d, const tr_cat_table *const **out, uint32_t *count,
                             trawl_error *err);
/** The database that names[0] names, if it names one, must be this one. */
trawl_status tr_check_database(const tr_doing *d, const tr_command_text *name, trawl_error *err);
bool tr_property_is_true(const tr_command *command, const char *name);
/** Text of a property; "" if it is not given. */
tr_str tr_property_text(const tr_command *command, const char *name);
/** ["a", "b"] -> texts in the arena. */
trawl_status tr_property_list(tr_doing *d, const char *name, const tr_str **out, uint32_t *count,
                              trawl_error *err);
/** Every property must be one of these (ends in NULL). */
trawl_status tr_check_properties(const tr_doing *d, const char *const *known, trawl_error *err);
/** Abandon the change so far and begin another: what was done stays done only if it was committed.
 *  The state is that before the change from then on. */
trawl_status tr_doing_start(tr_doing *d, trawl_error *err);
/** Rows of the table that have no extent get one, in the change: it is what the command sees then,
 *  with all steps so far. */
trawl_status tr_doing_seal(tr_doing *d, tr_str table, trawl_error *err);
/** Make the steps so far durable. */
trawl_status tr_doing_commit(tr_doing *d, bool *repeated, trawl_error *err);
/** The statements inside of the command, from `span` of the text, between `lead` and `tail`. */
trawl_status tr_doing_inner(tr_doing *d, const char *lead, tr_span span, const char *tail,
                            const tr_plan **out, trawl_error *err);
/** Nothing is to be changed after all. */
trawl_status tr_doing_nothing(tr_doing *d);
/** Run a plan to its end; rows are copied into the arena. */
trawl_status tr_doing_rows(tr_doing *d, const tr_plan *plan, tr_rows *out, trawl_error *err);
/** Compile a text that the database keeps (a policy's query, a view's); places in err are those of
 *  the text. given: rows that names stand for. */
trawl_status tr_doing_compile(tr_doing *d, tr_str text, uint32_t given_count,
                              const tr_kql_given *given, const tr_plan **out, trawl_error *err);
/** The query of the command, against the state before it: as it was bound, or rewritten to run. */
trawl_status tr_doing_plain_query(tr_doing *d, const tr_plan **out, trawl_error *err);
trawl_status tr_doing_query(tr_doing *d, const tr_plan **out, trawl_error *err);
/** An id of its own, by the store's rules (frozen in tests). */
tr_guid tr_new_id(tr_doing *d);
int64_t tr_now_of(const tr_doing *d);
/** tr_schema of a table, in the arena. */
trawl_status tr_schema_of_table(const tr_doing *d, const tr_cat_table *table, tr_schema *out,
                                trawl_error *err);

/* ---- rows in (command_ingest.c, update_policy.c) ---- */

typedef struct tr_loading {
    tr_str table;
    int64_t created_ticks;
    const tr_str *tags;
    uint32_t tag_count;
} tr_loading;

/** Put the rows of a plan, whose columns are those of the table in order, into the table, and do
 *  what update policies say. */
trawl_status tr_load_plan(tr_doing *d, const tr_plan *plan, const tr_loading *to,
                          tr_ingest_result *out, trawl_error *err);
/** A table that no materialized view is made of. (command_table.c) */
trawl_status tr_check_no_view(const tr_doing *d, const tr_command_text *name, trawl_error *err);
/** Rows of materialized views come from their source alone. */
trawl_status tr_check_writable(const tr_doing *d, const tr_command_text *name, trawl_error *err);
/** A plan whose columns become those of the table, by position. */
trawl_status tr_fit_plan(tr_doing *d, const tr_plan *plan, const tr_cat_table *table,
                         const tr_plan **out, trawl_error *err);
/** Check the JSON of an update policy. */
trawl_status tr_check_update_policy(tr_doing *d, const tr_cat_table *table, tr_str json,
                                    tr_span span, trawl_error *err);
/** A table that hides rows may feed no other, by an update policy or as a materialized view. */
trawl_status tr_check_source(const tr_doing *d, const tr_cat_table *source, tr_span span,
                             trawl_error *err);
/** Does an update policy of the table take rows of `source`? */
trawl_status tr_is_fed_by(const tr_doing *d, const tr_cat_table *table, tr_str source, bool *out,
                          trawl_error *err);
/** Feed the tables whose update policies name `source`, from the rows that it just got. */
trawl_status tr_apply_update_policies(tr_doing *d, tr_str source, const tr_plan *rows,
                                      const tr_loading *like, trawl_error *err);
/** What is remembered of commands, in the change of this one or, if it has none, in their own: for
 *  14 days, 500 of each kind. (command_note.c) */
typedef enum tr_note_kind { TR_NOTE_OPERATION, TR_NOTE_FAILURE, TR_NOTE_PURGE } tr_note_kind;
trawl_status tr_note_operation(tr_doing *d, tr_guid id, int64_t started, trawl_status result,
                               const char *message, trawl_error *err);
/** An ingestion that failed, or went on without a part of it. */
trawl_status tr_note_failure(tr_doing *d, tr_str table, const char *details, const char *kind,
                             bool from_update_policy, trawl_error *err);
/** d->operation is a purge, and as far as `state` says. */
trawl_status tr_note_purge(tr_doing *d, tr_str table, int64_t started, const char *state,
                           trawl_error *err);
/** A row of .show purges. (command_purge.c) */
typedef struct tr_purge_row {
    tr_guid id;
    tr_str table;
    int64_t started_ticks, ended_ticks;
    tr_str state;
} tr_purge_row;
void tr_put_purge(const tr_doing *d, tr_sheet *out, const tr_purge_row *row);
/** Notes lie among the mappings of the database. */
bool tr_is_note(const tr_cat_entry *entry);
/** Rows that do not fit are to be left out: d->rejects takes them from now on. (reject.c) */
trawl_status tr_rejects_open(tr_doing *d, trawl_error *err);
/** What scans are to tell of them; NULL: nothing. */
const tr_reject_taker *tr_rejects_taker(tr_doing *d);
uint64_t tr_rejects_count(const tr_doing *d);
/** Put the file in its place, synced: before the change is committed. */
trawl_status tr_rejects_publish(tr_doing *d, trawl_error *err);
/** The command ended with this: a file of a command that was not done goes, unless it tells why. */
void tr_rejects_close(tr_doing *d, trawl_status status);
/** The rows of files or of a text, mapped to the columns of a table. */
typedef struct tr_source {
    uint32_t file_count;
    const char *const *files;
    tr_str text; /* instead of files */
} tr_source;
/** The columns that the source shows. */
trawl_status tr_source_schema(tr_doing *d, const tr_source *source, tr_schema *out,
                              trawl_error *err);
trawl_status tr_source_plan(tr_doing *d, const tr_source *source, const tr_cat_table *table,
                            const tr_plan **out, trawl_error *err);

/* ---- rows out (command_delete.c) ---- */

/** Rows taken out of an extent. */
typedef struct tr_deleted {
    const tr_cat_extent *extent; /* as it was */
    uint64_t row_count;
    bool is_gone; /* they were all */
} tr_deleted;
/** Which rows of the table the plan means, which must be the table behind filters and projections;
 *  NULL: all. */
trawl_status tr_delete_condition(tr_doing *d, const tr_plan *plan, tr_str table,
                                 const tr_expr **out, trawl_error *err);
/** Take them out of the table's extents as the command sees them (or only count them); the table is
 *  sealed. */
trawl_status tr_delete_rows(tr_doing *d, tr_str table, const tr_expr *wanted, bool only_count,
                            tr_deleted **out, uint32_t *count, trawl_error *err);

/* ---- texts (command_schema.c) ---- */

/** "a:string,b:long" */
void tr_put_csl_schema(tr_buf *out, const tr_cat_table *table);
/** {"Name":"T","Folder":...,"OrderedColumns":[...]} */
void tr_put_json_schema(tr_buf *out, const tr_cat_table *table);
/** A name as a command writes it: bare, or ['...']. */
void tr_put_name(tr_buf *out, tr_str name);
/** TableName, Schema (JSON), DatabaseName, Folder, DocString */
void tr_put_table5(const tr_doing *d, tr_sheet *out, const tr_cat_table *table);
#define TR_TABLE5                                                                                  \
    "TableName:string, Schema:string, DatabaseName:string, Folder:string, DocString:string"
#define TR_TABLE4 "TableName:string, DatabaseName:string, Folder:string, DocString:string"

/** The text of a policy or "null". */
tr_str tr_policy_text(const tr_cat_entries *entries, const char *kind);

/** Make the state of views anew whose source has many rows since, each in a change of its own. */
void tr_refresh_views(tr_doing *d);
/** Columns of a view, in d->arena. */
trawl_status tr_view_schema(const tr_doing *d, const tr_cat_view *view, tr_schema *out);

/* ---- the commands ---- */
tr_command_fn tr_show_version, tr_show_cluster, tr_show_databases, tr_show_databases_details,
    tr_show_databases_identity, tr_show_databases_policies, tr_show_databases_datastats,
    tr_show_database_schema, tr_show_database_schema_json, tr_show_database_cslschema,
    tr_show_database_script, tr_show_schema_json, tr_show_tables, tr_show_tables_details,
    tr_show_table, tr_show_table_cslschema, tr_show_table_schema_json;
tr_command_fn tr_create_table, tr_create_table_based_on, tr_create_tables, tr_alter_table,
    tr_alter_table_text, tr_alter_column_docstrings, tr_alter_column_type, tr_rename_tables,
    tr_rename_column, tr_drop_tables, tr_drop_columns, tr_clear_table, tr_clear_cache;
tr_command_fn tr_ingest_inline, tr_ingest_files, tr_set_table;
tr_command_fn tr_delete_records, tr_show_extents, tr_drop_extents, tr_drop_extents_from,
    tr_drop_extents_query, tr_move_extents, tr_move_extents_query, tr_tag_extents, tr_untag_extents,
    tr_seal_rows, tr_merge_extents, tr_replace_extents;
tr_command_fn tr_update_table, tr_purge_records, tr_purge_table, tr_show_purges, tr_undo_drop_table;
tr_command_fn tr_show_functions, tr_create_function, tr_alter_function_text, tr_drop_functions;
tr_command_fn tr_show_mappings, tr_put_mapping, tr_drop_mapping;
tr_command_fn tr_show_policy, tr_put_policy, tr_delete_policy;
tr_command_fn tr_show_views, tr_show_view_cslschema, tr_create_view, tr_alter_view_text,
    tr_alter_view_state, tr_rename_view, tr_clear_view, tr_drop_view;
tr_command_fn tr_show_journal, tr_show_operations, tr_show_operation_details,
    tr_show_ingestion_failures, tr_execute_script;

#endif
