/* cli/rows.h: the Arrow stream of one result, as columns that formats can read cell by cell.
 *
 * Text and arrays belong to the stream's batch at hand. Knows nothing of output formats. */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "include/trawl.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/status.h"
#include "runtime/base/str.h"

typedef enum cli_type {
    CLI_BOOL,
    CLI_INT,
    CLI_LONG,
    CLI_REAL,
    CLI_DECIMAL,
    CLI_DATETIME,
    CLI_TIMESPAN,
    CLI_STRING,
    CLI_GUID,
    CLI_DYNAMIC,
    CLI_TYPE_COUNT
} cli_type;

typedef struct cli_column {
    const char *name;
    cli_type type;
    /* the batch at hand; row i of it lies at index i + offset */
    const uint8_t *valid; /* NULL: no nulls */
    const void *values;   /* numbers, bits of bool, or int32 ends of texts */
    const char *text;
    int64_t offset;
} cli_column;

typedef struct cli_rows {
    const char *name; /* of the result */
    uint32_t column_count;
    cli_column *columns;
    int64_t n; /* rows of the batch at hand */
} cli_rows;

/** "long", "string" ... */
const char *cli_type_name(cli_type type);

/** The KQL type that a field's metadata names. */
bool cli_type_of_field(const struct ArrowSchema *field, cli_type *out);
/** Columns from the stream's schema, made with exact_ticks; memory from arena. */
trawl_status cli_rows_start(cli_rows *rows, tr_arena *arena, const struct ArrowSchema *schema,
                            const char *name, trawl_error *err);
/** Look at a batch, which must outlive its use. */
trawl_status cli_rows_look(cli_rows *rows, const struct ArrowArray *batch, trawl_error *err);
/** A table of texts with no stream: fills columns of strings from cells[row * column_count +
 * column], for tables that the tool makes itself. */
trawl_status cli_rows_of_text(cli_rows *rows, tr_arena *arena, const char *name,
                              const char *const *column_names, uint32_t column_count,
                              const tr_str *cells, int64_t row_count, trawl_error *err);

static inline bool cli_type_is_text(cli_type type) {
    return type == CLI_STRING || type == CLI_GUID || type == CLI_DYNAMIC || type == CLI_DECIMAL;
}

static inline bool cli_type_is_number(cli_type type) {
    return type == CLI_INT || type == CLI_LONG || type == CLI_REAL || type == CLI_DECIMAL;
}

static inline bool cli_is_null(const cli_column *c, int64_t row) {
    int64_t i = row + c->offset;
    return c->valid && !(c->valid[i >> 3] >> (i & 7) & 1);
}

static inline int64_t cli_long_at(const cli_column *c, int64_t row) {
    if (c->type == CLI_INT)
        return ((const int32_t *)c->values)[row + c->offset];
    return ((const int64_t *)c->values)[row + c->offset];
}

static inline double cli_real_at(const cli_column *c, int64_t row) {
    return ((const double *)c->values)[row + c->offset];
}

static inline bool cli_bool_at(const cli_column *c, int64_t row) {
    int64_t i = row + c->offset;
    return ((const uint8_t *)c->values)[i >> 3] >> (i & 7) & 1;
}

/** Not padded: use ptr and len only. */
static inline tr_str cli_text_at(const cli_column *c, int64_t row) {
    const int32_t *ends = (const int32_t *)c->values + row + c->offset;
    return (tr_str){c->text + ends[0], (uint32_t)(ends[1] - ends[0]), 0};
}

#endif
