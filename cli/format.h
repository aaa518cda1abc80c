/* cli/format.h: ways to write a result. A format is a const struct in a file of its own kind.
 *
 * For each result: begin once, rows for each batch, end once. Formats put bytes and allocate;
 * failures of writing are found by the caller at the next flush. */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include "cli/output.h"
#include "cli/rows.h"
#include "cli/value.h"

typedef struct cli_format cli_format;

typedef struct cli_sink {
    const cli_format *format; /* begin may put another one in its place */
    cli_output *out;
    const cli_rows *rows; /* columns, and the batch at hand */
    tr_arena *arena;      /* lives until the result ends */
    tr_buf spare;         /* for cli_cell_text */
    uint32_t result_i;
    bool color;
    uint32_t width;             /* of the terminal; 0: no limit */
    const char *chart, *render; /* of the operator render, or NULL */
    void *state;                /* of the format */
} cli_sink;

struct cli_format {
    const char *name;
    const char *extension; /* of --out, or NULL */
    trawl_status (*begin)(cli_sink *sink, trawl_error *err);
    trawl_status (*rows)(cli_sink *sink, int64_t n, trawl_error *err);
    trawl_status (*end)(cli_sink *sink, trawl_error *err);
};

extern const cli_format cli_format_json, cli_format_jsonl, cli_format_csv, cli_format_tsv,
    cli_format_raw, cli_format_box, cli_format_table, cli_format_markdown, cli_format_vertical,
    cli_format_html, cli_format_datatable;

/** What stands in for box where the query says render; it has no name of its own. */
extern const cli_format cli_format_chart;
bool cli_chart_is_drawn(const char *chart);

/** By name (-o); an unknown name gives TRAWL_E_USAGE with a hint. */
trawl_status cli_format_named(const char *name, const cli_format **out, trawl_error *err);
/** By the extension of a path (--out). */
trawl_status cli_format_of_path(const char *path, const cli_format **out, trawl_error *err);

/** A blank line between results. */
static inline void cli_begin_result(cli_sink *sink) {
    if (sink->result_i)
        cli_put_char(sink->out, '\n');
}

/** A copy in the arena that is safe for a terminal and one line high. ptr is NULL when memory is
 * out. */
tr_str cli_shown_text(tr_arena *arena, tr_str text, bool is_markdown);
/** A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void cli_put_json_string(cli_output *out, const char *text, size_t bytes);

#endif
