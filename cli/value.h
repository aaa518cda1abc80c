/* cli/value.h: values -> text, as Kusto writes them. Knows nothing of formats or streams. */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include "cli/rows.h"

/** Room that each cli_write_ function below may use. */
enum { CLI_VALUE_BYTES = 40 };

char *cli_write_long(char *at, int64_t v);
/** Shortest text that reads back the same; 1.0 is "1"; NaN, Infinity, -Infinity; 1E+20. */
char *cli_write_real(char *at, double v);
/** 2020-01-31T23:59:59.1234567Z; ticks of 100 ns since 0001-01-01. */
char *cli_write_datetime(char *at, int64_t ticks);
/** [-][d.]hh:mm:ss[.fffffff] */
char *cli_write_timespan(char *at, int64_t ticks);

/** A number, bool, datetime or timespan that is not null. */
char *cli_write_fixed(char *at, const cli_column *c, int64_t row);

/** The text of a cell for a human: a dynamic string without its quotes, "" for null. Lives in
 *  `scratch` (CLI_VALUE_BYTES), in the batch, or in `spare`, which is emptied. */
tr_str cli_cell_text(const cli_column *c, int64_t row, char *scratch, tr_buf *spare);

/** The text of a JSON string that includes its quotes. Lives in it or in `spare`, which is emptied.
 */
tr_str cli_json_text(tr_str json, tr_buf *spare);

/** Read "2024-01-31[T10:20[:30[.1234567]]][Z]". */
bool cli_read_datetime(const char *text, int64_t *ticks);

#endif
