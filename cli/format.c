/* cli/format.c: which format a name or a file extension means. */
#include "cli/format.h"

#include <stdio.h>

enum { SUGGEST_DISTANCE_MAX = 3 };

static const cli_format *const formats[] = {
    &cli_format_box,   &cli_format_table, &cli_format_vertical,  &cli_format_markdown,
    &cli_format_html,  &cli_format_csv,   &cli_format_tsv,       &cli_format_json,
    &cli_format_jsonl, &cli_format_raw,   &cli_format_datatable,
};
enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

static const struct {
    const char *extension;
    const cli_format *format;
} other_extensions[] = {
    {"ndjson", &cli_format_jsonl},
    {"markdown", &cli_format_markdown},
    {"htm", &cli_format_html},
};

static const char *const planned[] = {"parquet", "arrow", "kusto-v1", "kusto-v2"};

static trawl_status fail_planned(const char *name, trawl_error *err) {
    tr_fail(err, TRAWL_E_USAGE, "the format '%s' cannot be written yet", name);
    tr_hint(err, "csv, json and jsonl keep every value exactly");
    return TRAWL_E_USAGE;
}

trawl_status cli_format_named(const char *name, const cli_format **out, trawl_error *err) {
    for (size_t i = 0; i < sizeof planned / sizeof *planned; i++)
        if (strcmp(name, planned[i]) == 0)
            return fail_planned(name, err);
    tr_nearest nearest = tr_nearest_to(tr_str_c(name), SUGGEST_DISTANCE_MAX);
    for (int i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(name, formats[i]->name) == 0) {
            *out = formats[i];
            return TRAWL_OK;
        }
        tr_nearest_try(&nearest, tr_str_c(formats[i]->name));
    }
    tr_fail(err, TRAWL_E_USAGE, "there is no output format '%.40s'", name);
    if (nearest.found.len)
        tr_hint_nearest(err, &nearest);
    else
        tr_hint(err, "box table vertical markdown html csv tsv json jsonl raw datatable");
    return TRAWL_E_USAGE;
}

trawl_status cli_format_of_path(const char *path, const cli_format **out, trawl_error *err) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (int i = 0; dot && i < FORMAT_COUNT; i++)
        if (formats[i]->extension && strcmp(dot + 1, formats[i]->extension) == 0) {
            *out = formats[i];
            return TRAWL_OK;
        }
    for (size_t i = 0; dot && i < sizeof other_extensions / sizeof *other_extensions; i++)
        if (strcmp(dot + 1, other_extensions[i].extension) == 0) {
            *out = other_extensions[i].format;
            return TRAWL_OK;
        }
    for (size_t i = 0; dot && i < sizeof planned / sizeof *planned; i++)
        if (strcmp(dot + 1, planned[i]) == 0)
            return fail_planned(planned[i], err);
    *out = &cli_format_csv;
    return TRAWL_OK;
}
