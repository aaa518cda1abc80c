/* runtime/kql/command.h: management commands as records: what was written, checked for form only.
 *
 * A command is read by matching its text with the forms of command_forms.c. A record says which
 * form it was and what stood in its slots; whether the names in it exist is for whoever runs it.
 * Commands that only look (.show ...) are run while a text is compiled, others when their result
 * is. Spans are bytes of the whole text. Must not know stores and files. */
#ifndef TR_KQL_COMMAND_H
#define TR_KQL_COMMAND_H

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/data/type.h"

#define TR_COMMANDS(X)                                                                             \
    X(NONE)                                                                                        \
    /* looking */                                                                                  \
    X(SHOW_FEATURES)                                                                               \
    X(SHOW_COMMAND_FORMS)                                                                          \
    X(SHOW_VERSION)                                                                                \
    X(SHOW_CLUSTER)                                                                                \
    X(SHOW_DATABASES)                                                                              \
    X(SHOW_DATABASES_DETAILS)                                                                      \
    X(SHOW_DATABASES_IDENTITY)                                                                     \
    X(SHOW_DATABASES_POLICIES)                                                                     \
    X(SHOW_DATABASES_DATASTATS)                                                                    \
    X(SHOW_DATABASE_SCHEMA)                                                                        \
    X(SHOW_DATABASE_SCHEMA_JSON)                                                                   \
    X(SHOW_DATABASE_CSLSCHEMA)                                                                     \
    X(SHOW_DATABASE_SCRIPT)                                                                        \
    X(SHOW_SCHEMA_JSON)                                                                            \
    X(SHOW_TABLES)                                                                                 \
    X(SHOW_TABLES_DETAILS)                                                                         \
    X(SHOW_TABLE)                                                                                  \
    X(SHOW_TABLE_CSLSCHEMA)                                                                        \
    X(SHOW_TABLE_SCHEMA_JSON)                                                                      \
    X(SHOW_EXTENTS)                                                                                \
    X(SHOW_FUNCTIONS)                                                                              \
    X(SHOW_FUNCTION)                                                                               \
    X(SHOW_MAPPINGS)                                                                               \
    X(SHOW_POLICY)                                                                                 \
    X(SHOW_VIEWS)                                                                                  \
    X(SHOW_VIEW)                                                                                   \
    X(SHOW_VIEWS_DETAILS)                                                                          \
    X(SHOW_VIEW_CSLSCHEMA)                                                                         \
    X(SHOW_VIEW_EXTENTS)                                                                           \
    X(SHOW_JOURNAL)                                                                                \
    X(SHOW_OPERATIONS)                                                                             \
    X(SHOW_OPERATION_DETAILS)                                                                      \
    X(SHOW_INGESTION_FAILURES)                                                                     \
    X(SHOW_PURGES)                                                                                 \
    /* changing: from here on */                                                                   \
    X(CREATE_TABLE)                                                                                \
    X(CREATE_MERGE_TABLE)                                                                          \
    X(CREATE_TABLE_BASED_ON)                                                                       \
    X(CREATE_TABLES)                                                                               \
    X(CREATE_MERGE_TABLES)                                                                         \
    X(ALTER_TABLE)                                                                                 \
    X(ALTER_MERGE_TABLE)                                                                           \
    X(ALTER_TABLE_DOCSTRING)                                                                       \
    X(ALTER_TABLE_FOLDER)                                                                          \
    X(ALTER_COLUMN_DOCSTRINGS)                                                                     \
    X(ALTER_COLUMN_TYPE)                                                                           \
    X(RENAME_TABLES)                                                                               \
    X(RENAME_COLUMN)                                                                               \
    X(RENAME_COLUMNS)                                                                              \
    X(DROP_TABLES)                                                                                 \
    X(DROP_COLUMN)                                                                                 \
    X(DROP_COLUMNS)                                                                                \
    X(CLEAR_TABLE)                                                                                 \
    X(CLEAR_CACHE)                                                                                 \
    X(SEAL_TABLE)                                                                                  \
    X(MERGE_EXTENTS)                                                                               \
    X(INGEST_INLINE)                                                                               \
    X(INGEST_FILES)                                                                                \
    X(SET_TABLE)                                                                                   \
    X(DELETE_RECORDS)                                                                              \
    X(UPDATE_TABLE)                                                                                \
    X(PURGE_RECORDS)                                                                               \
    X(PURGE_TABLE)                                                                                 \
    X(UNDO_DROP_TABLE)                                                                             \
    X(REPLACE_EXTENTS)                                                                             \
    X(DROP_EXTENTS)                                                                                \
    X(DROP_EXTENTS_FROM)                                                                           \
    X(DROP_EXTENTS_QUERY)                                                                          \
    X(MOVE_EXTENTS)                                                                                \
    X(MOVE_EXTENTS_QUERY)                                                                          \
    X(TAG_EXTENTS)                                                                                 \
    X(UNTAG_EXTENTS)                                                                               \
    X(CREATE_FUNCTION)                                                                             \
    X(ALTER_FUNCTION_DOCSTRING)                                                                    \
    X(ALTER_FUNCTION_FOLDER)                                                                       \
    X(DROP_FUNCTIONS)                                                                              \
    X(PUT_MAPPING)                                                                                 \
    X(DROP_MAPPING)                                                                                \
    X(PUT_POLICY)                                                                                  \
    X(DELETE_POLICY)                                                                               \
    X(CREATE_VIEW)                                                                                 \
    X(ALTER_VIEW_TEXT)                                                                             \
    X(ALTER_VIEW_STATE)                                                                            \
    X(RENAME_VIEW)                                                                                 \
    X(CLEAR_VIEW)                                                                                  \
    X(DROP_VIEW)                                                                                   \
    X(EXECUTE_SCRIPT)

typedef enum tr_command_kind {
#define X(kind) TR_COMMAND_##kind,
    TR_COMMANDS(X)
#undef X
        TR_COMMAND_COUNT
} tr_command_kind;

/* Words that may be left out of a form, or of which one is chosen. */
typedef enum tr_command_flag {
    TR_COMMAND_ASYNC = 1,
    TR_COMMAND_IF_EXISTS = 1 << 1,
    TR_COMMAND_IF_NOT_EXISTS = 1 << 2,
    TR_COMMAND_DETAILS = 1 << 3,
    TR_COMMAND_ALL = 1 << 4,     /* all tables, all extents, `table *` */
    TR_COMMAND_HOURS = 1 << 5,   /* older N hours; else days */
    TR_COMMAND_WHATIF = 1 << 6,  /* say what would be done */
    TR_COMMAND_MAPPING = 1 << 7, /* one mapping by name, which must be there */
    TR_COMMAND_OLDER = 1 << 8,
} tr_command_flag;

/** A text with its place: a name, a decoded string. */
typedef struct tr_command_text {
    tr_str text;
    tr_span span;
} tr_command_text;

/** `left = right`, `left : "text"`, a property: name and value. */
typedef struct tr_command_pair {
    tr_command_text left, right;
    tr_command_text column; /* `new = table.column`: table in right, column here */
} tr_command_pair;

typedef struct tr_command_column {
    tr_command_text name;
    tr_type type;
} tr_command_column;

/** name (column:type, ...) */
typedef struct tr_command_schema {
    tr_command_text name; /* of the table in .create tables; "" else */
    uint32_t column_count;
    const tr_command_column *columns;
} tr_command_schema;

/** where tags has 'x' */
typedef struct tr_command_filter {
    bool is_not, contains; /* !has, contains */
    tr_str text;
} tr_command_filter;

enum { TR_COMMAND_NAMES_MAX = 4 };

typedef struct tr_command {
    tr_command_kind kind;
    uint32_t flags;
    tr_span span; /* of the command, without what follows a pipe */
    tr_str form;  /* the leading words of the form: ".create table" */
    tr_str verb;  /* ".create", as the form writes it */
    tr_span verb_span;
    char scope;          /* t table, d database, c cluster, v view, o column; 0 not said */
    uint32_t name_count; /* names in the order of the form */
    tr_command_text names[TR_COMMAND_NAMES_MAX];
    tr_command_text column; /* with names[0] as its table */
    tr_command_text word;   /* a kind: of policy, of mapping */
    uint32_t text_count;    /* strings in the order of the form */
    tr_command_text texts[2];
    uint32_t list_count; /* (A, B, ...), ('x', 'y'), ids */
    const tr_command_text *list;
    uint32_t pair_count; /* a = b, c = d; docstrings */
    const tr_command_pair *pairs;
    uint32_t property_count; /* with (...) */
    const tr_command_pair *properties;
    uint32_t schema_count;
    const tr_command_schema *schemas;
    uint32_t filter_count;
    const tr_command_filter *filters;
    tr_type type;
    int64_t number;
    tr_command_text parameters, body; /* of a function or a view, as written */
    tr_span query;                    /* after <|, or after the pipe of .show; bytes == 0: none */
    tr_span data;                     /* rows after <| or in [...], a script, inner statements */
} tr_command;

/** Does the command only look? */
static inline bool tr_command_looks(const tr_command *command) {
    return command->kind < TR_COMMAND_CREATE_TABLE;
}

/** Read the command that begins with the '.' at text[at]. Other statements may follow it.
 *
 *  text    `bytes` bytes, followed by a NUL and TR_PAD readable bytes; the record points into it
 *  out     lives in `query`
 *  end     gets where the command ends: at a ';', at the next command, or at the end of the text
 *  returns TRAWL_OK, TRAWL_E_SYNTAX, TRAWL_E_UNSUPPORTED (a known command that does not run),
 *          TRAWL_E_MEMORY; err gets the place and what was expected there */
trawl_status tr_command_parse(tr_arena *query, const char *text, uint32_t bytes, uint32_t at,
                              const tr_command **out, uint32_t *end, trawl_error *err);

/** One form of a command, for lists and tests; false past the last. */
bool tr_command_form_at(uint32_t i, tr_str *form, bool *runs);

/** The value of a property (any case), or NULL. */
const tr_command_pair *tr_command_property(const tr_command *command, const char *name);

/* ---- finding ends (command_scan.c) ---- */

/** Past the string literal that begins at `at` (h, @ and quotes of all kinds); `at` if there is
 *  none. One that is not closed ends with its line. */
uint32_t tr_command_skip_string(const char *text, uint32_t bytes, uint32_t at);
/** Past the bracket that closes the one at `at`; `bytes` if none does. Strings and comments are
 *  passed over. */
uint32_t tr_command_skip_brackets(const char *text, uint32_t bytes, uint32_t at);
/** Does a line begin at `at` whose first word is a command's ('.show', '.create-merge' ...)? */
bool tr_command_begins_line(const char *text, uint32_t bytes, uint32_t at);
/** Where the query that begins at `at` ends: before a line that begins with a command, before a
 *  ';' that a command follows, or (semicolons) before any ';'. */
uint32_t tr_command_query_end(const char *text, uint32_t bytes, uint32_t at, bool semicolons);

#endif
