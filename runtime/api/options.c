/* runtime/api/options.c: `set name = value;` statements. Each is obeyed, a documented no-op over
 * files in place, or refused by name. */
#include "runtime/api/api.h"

#include "runtime/data/text.h"

#include <stdlib.h>

typedef enum {
    NO_OP,   /* changes nothing here: no cache, no cluster, nothing to write to */
    MEMORY,  /* bytes a query may hold */
    RECORDS, /* rows a result may have */
    BYTES,   /* of its values */
    NO_TRUNCATION,
    TIMEOUT, /* longest run */
    NO_TIMEOUT,
    SKIP, /* what scans may use to read less */
} effect;

static const struct {
    const char *name;
    effect what;
} options[] = {
    {"maxmemoryconsumptionperiterator", MEMORY},
    {"max_memory_consumption_per_query_per_node", MEMORY},
    {"truncationmaxrecords", RECORDS},
    {"truncationmaxsize", BYTES},
    {"notruncation", NO_TRUNCATION},
    {"servertimeout", TIMEOUT},
    {"norequesttimeout", NO_TIMEOUT},
    {"query_as_of", NO_OP}, /* these are read before the text is compiled */
    {"query_now", NO_OP},
    {"query_take_max_records", NO_OP}, /* these while it is */
    {"query_bin_auto_size", NO_OP},
    {"query_bin_auto_at", NO_OP},
    {"query_force_row_level_security", NO_OP}, /* likewise before */
    {"request_block_row_level_security", NO_OP},
    {"trawl_skip", SKIP},
    {"best_effort", NO_OP},
    {"deferpartialqueryfailures", NO_OP},
    {"materialized_view_shuffle", NO_OP},
    {"push_selection_through_aggregation", NO_OP},
    {"query_distribution_nodes_span", NO_OP},
    {"query_fanout_nodes_percent", NO_OP},
    {"query_log_query_parameters", NO_OP},
    {"query_results_cache_force_refresh", NO_OP},
    {"query_results_cache_max_age", NO_OP},
    {"query_results_cache_per_shard", NO_OP},
    {"query_results_progressive_row_count", NO_OP},
    {"query_results_progressive_update_period", NO_OP},
    {"query_weakconsistency_session_id", NO_OP},
    {"request_app_name", NO_OP},
    {"request_callout_disabled", NO_OP},
    {"request_description", NO_OP},
    {"request_readonly", NO_OP},
    {"request_readonly_hardline", NO_OP},
    {"request_remote_entities_disabled", NO_OP},
    {"request_sandboxed_execution_disabled", NO_OP},
    {"request_user", NO_OP},
    {"results_progressive_enabled", NO_OP},
    {"validate_permissions", NO_OP},
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

static trawl_status bad_value(const tr_kql_property *set, const char *wanted, trawl_error *err) {
    return tr_fail_at(err, TRAWL_E_SEMANTIC, set->span, "SEM0111",
                      "set %.*s needs %s, found '%.*s'", (int)set->name.len, set->name.ptr, wanted,
                      (int)set->value.len, set->value.ptr);
}

static trawl_status unknown_option(const tr_kql_property *set, trawl_error *err) {
    trawl_status status = tr_fail_at(err, TRAWL_E_UNSUPPORTED, set->span, "SEM0110",
                                     "no such option, or one that does not run yet: '%.*s'",
                                     (int)set->name.len, set->name.ptr);
    tr_nearest nearest = tr_nearest_to(set->name, 4);
    for (uint32_t i = 0; i < OPTION_COUNT; i++)
        tr_nearest_try(&nearest, tr_str_c(options[i].name));
    tr_hint_nearest(err, &nearest);
    return status;
}

/* "none", "all", or names of tr_skip between commas. False: some word is none of them. */
static bool read_skip(tr_str text, uint32_t *out) {
    static const struct {
        const char *name;
        uint32_t bits;
    } words[] = {{"none", 0},
                 {"all", TR_SKIP_ALL},
                 {"zones", TR_SKIP_ZONES},
                 {"terms", TR_SKIP_TERMS},
                 {"ngrams", TR_SKIP_NGRAMS},
                 {"encoded", TR_SKIP_ENCODED},
                 {"metadata", TR_SKIP_METADATA}};
    enum { WORD_COUNT = sizeof words / sizeof *words };
    uint32_t bits = 0;
    for (uint32_t at = 0; at <= text.len;) {
        uint32_t end = at;
        while (end < text.len && text.ptr[end] != ',')
            end++;
        uint32_t from = at, to = end, i = 0;
        while (from < to && text.ptr[from] == ' ')
            from++;
        while (to > from && text.ptr[to - 1] == ' ')
            to--;
        tr_str word = {text.ptr + from, to - from, 0};
        while (i < WORD_COUNT && !tr_str_is(word, words[i].name))
            i++;
        bool alone = i < WORD_COUNT && words[i].bits == 0;
        if (i == WORD_COUNT || (alone && (at > 0 || end < text.len)))
            return false;
        bits |= words[i].bits;
        at = end + 1;
    }
    *out = bits;
    return true;
}

#define SKIP_WORDS                                                                                 \
    "'none', 'all', or some of zones, terms, ngrams, encoded, metadata between commas"

trawl_status tr_query_skip_from_environment(trawl_query *query, trawl_error *err) {
    const char *text = getenv("TRAWL_SKIP");
    query->skip = TR_SKIP_ALL;
    if (!text || read_skip(tr_str_c(text), &query->skip))
        return TRAWL_OK;
    return tr_fail(err, TRAWL_E_USAGE, "the environment variable TRAWL_SKIP is '%.60s', not %s",
                   text, SKIP_WORDS);
}

static trawl_status obey(trawl_query *query, const tr_kql_property *set, effect what,
                         trawl_error *err) {
    int64_t number;
    switch (what) {
    case NO_OP: return TRAWL_OK;
    case NO_TIMEOUT: query->timeout_ns = 0; return TRAWL_OK;
    case TIMEOUT:
        if (!tr_parse_timespan(set->value.ptr, set->value.len, &number) || number <= 0)
            return bad_value(set, "a timespan", err);
        query->timeout_ns = number > INT64_MAX / 100 ? INT64_MAX : number * 100;
        return TRAWL_OK;
    case MEMORY:
        if (!tr_parse_long(set->value.ptr, set->value.len, &number) || number <= 0)
            return bad_value(set, "a number of bytes", err);
        if (query->budget.limit_bytes <= 0 || number < query->budget.limit_bytes)
            query->budget.limit_bytes = number;
        return TRAWL_OK;
    case SKIP:
        if (!read_skip(set->value, &query->skip))
            return bad_value(set, SKIP_WORDS, err);
        return TRAWL_OK;
    case RECORDS:
        if (!tr_parse_long(set->value.ptr, set->value.len, &number) || number < 0)
            return bad_value(set, "a number of rows", err);
        if (query->records_max < 0 || number < query->records_max)
            query->records_max = number;
        return TRAWL_OK;
    case BYTES:
        if (!tr_parse_long(set->value.ptr, set->value.len, &number) || number < 0)
            return bad_value(set, "a number of bytes", err);
        if (query->bytes_max < 0 || number < query->bytes_max)
            query->bytes_max = number;
        return TRAWL_OK;
    case NO_TRUNCATION: query->no_truncation = !tr_str_is(set->value, "false"); return TRAWL_OK;
    }
    return TRAWL_OK;
}

trawl_status tr_query_apply_sets(trawl_query *query, trawl_error *err) {
    for (uint32_t s = 0; s < query->program.set_count; s++) {
        const tr_kql_property *set = &query->program.sets[s];
        uint32_t i = 0;
        while (i < OPTION_COUNT && !tr_str_equal_nocase_ascii(set->name, tr_str_c(options[i].name)))
            i++;
        if (i == OPTION_COUNT)
            return unknown_option(set, err);
        TR_TRY(obey(query, set, options[i].what, err));
    }
    return TRAWL_OK;
}

static uint64_t value_bytes(const tr_rows *rows) {
    uint64_t bytes = 0;
    for (uint32_t c = 0; c < rows->schema.count; c++) {
        tr_type type = rows->schema.fields[c].type;
        if (!tr_type_is_text(type)) {
            bytes += rows->row_count * (type == TR_BOOL ? 1 : tr_type_bytes(type));
            continue;
        }
        for (uint32_t k = 0; k < rows->chunk_count; k++) {
            const tr_vec *v = &rows->chunks[k].columns[c];
            for (uint32_t i = 0; i < rows->chunks[k].n; i++)
                bytes += tr_vec_str(v)[tr_row(v, i)].len;
        }
    }
    return bytes;
}

trawl_status tr_query_check_size(const trawl_query *query, const tr_rows *rows, trawl_error *err) {
    const char *name = "truncationmaxrecords", *what = "rows";
    uint64_t has = rows->row_count;
    int64_t most = query->records_max;
    if (most < 0 || has <= (uint64_t)most) {
        name = "truncationmaxsize";
        what = "bytes of values";
        most = query->bytes_max;
        has = most < 0 ? 0 : value_bytes(rows);
    }
    if (query->no_truncation || most < 0 || has <= (uint64_t)most)
        return TRAWL_OK;
    trawl_status status = tr_fail(err, TRAWL_E_LIMIT, "the result has %llu %s, more than %s = %lld",
                                  (unsigned long long)has, what, name, (long long)most);
    tr_hint(err, "add 'take', or raise it with: set %s = ...;", name);
    return status;
}
