/* runtime/kql/suggest.c: what to write instead of a name that is not there. */
#include "runtime/kql/special.h"

/* ---- names of columns, tables, lets ---- */

static void try_columns(const tr_context *ctx, tr_nearest *nearest) {
    static const char *const sides[] = {"$left", "$right"};
    for (uint32_t i = 0; ctx->input && i < ctx->input->count; i++)
        tr_nearest_try(nearest, ctx->input->fields[i].name);
    for (uint32_t i = 0; ctx->right && i < sizeof sides / sizeof *sides; i++)
        tr_nearest_try(nearest, tr_str_c(sides[i]));
}

static void try_scalars(const tr_context *ctx, tr_nearest *nearest) {
    static const char *const words[] = {"true", "false"};
    for (const tr_binding *b = ctx->scope; b; b = b->next)
        if (!b->database && !b->plan)
            tr_nearest_try(nearest, b->name);
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++)
        tr_nearest_try(nearest, tr_str_c(words[i]));
}

/* Functions that the database keeps, or its views; both may stand for tables. */
static void try_kept(const tr_context *ctx, bool views, tr_nearest *nearest) {
    const tr_kql_request *request = ctx->a->request;
    tr_str name;
    bool is_function;
    for (uint32_t i = 0;
         request->kept_name && request->kept_name(request->ctx, i, &name, &is_function); i++)
        if (is_function || views)
            tr_nearest_try(nearest, name);
}

static void try_tables(const tr_context *ctx, tr_nearest *nearest) {
    const tr_database *database = ctx->a->request->database;
    for (const tr_binding *b = ctx->scope; b; b = b->next)
        if (!b->database && !b->expr)
            tr_nearest_try(nearest, b->name);
    for (uint32_t i = 0; database && i < database->table_count; i++)
        tr_nearest_try(nearest, database->tables[i]->name);
    try_kept(ctx, true, nearest);
}

/* What to say of a word that is near to no name, but known. */
static void hint_by_meaning(const tr_context *ctx, tr_str name, trawl_error *err) {
    static const char *const nulls[] = {"null", "nil", "none"};
    uint32_t rows;
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (tr_str_equal_nocase_ascii(name, tr_str_c(nulls[i]))) {
            tr_hint(err, "write isnull(...) or isnotnull(...); a null is written long(null), ...");
            return;
        }
    if (tr_func_find(name, &rows) || tr_is_aggregate(name))
        tr_hint(err, "%.*s is a function: write %.*s(...)", (int)name.len, name.ptr, (int)name.len,
                name.ptr);
    else if (ctx->input && ctx->operator_name && strcmp(ctx->operator_name, "where") == 0)
        tr_hint(err, "text stands in quotes: '%.*s'", (int)(name.len > 60 ? 60 : name.len),
                name.ptr);
}

trawl_status tr_name_unknown(const tr_context *ctx, const tr_kql_node *node, const char *what,
                             trawl_error *err) {
    trawl_status status =
        tr_fail_at(err, TRAWL_E_SEMANTIC, node->span, "SEM0100", "no such %s: '%.*s'", what,
                   (int)node->text.len, node->text.ptr);
    tr_nearest likely = tr_nearest_of(node->text);
    tr_nearest unlikely = tr_nearest_to(node->text, 2);
    if (ctx->input) {
        try_columns(ctx, &likely);
        try_scalars(ctx, &likely);
        try_tables(ctx, &unlikely);
    } else {
        try_tables(ctx, &likely);
        try_scalars(ctx, &unlikely);
    }
    bool near_enough = likely.found.len && likely.distance <= 1;
    const tr_nearest *nearest = near_enough || !unlikely.found.len ? &likely : &unlikely;
    if (nearest->found.len)
        tr_hint_nearest(err, nearest);
    else
        hint_by_meaning(ctx, node->text, err);
    return status;
}

/* ---- names of functions ---- */

/* Names that other languages have for functions of KQL. */
static const char *native_name(tr_str name) {
    static const struct {
        const char *foreign, *native;
    } names[] = {
        {"len", "strlen"},
        {"length", "strlen"},
        {"concat", "strcat"},
        {"concat_ws", "strcat_delim"},
        {"substr", "substring"},
        {"mid", "substring"},
        {"ifnull", "coalesce"},
        {"nvl", "coalesce"},
        {"if", "iff"},
        {"upper", "toupper"},
        {"lower", "tolower"},
        {"ucase", "toupper"},
        {"lcase", "tolower"},
        {"date_trunc", "bin"},
        {"datediff", "datetime_diff"},
        {"dateadd", "datetime_add"},
        {"getdate", "now"},
        {"current_timestamp", "now"},
        {"to_date", "todatetime"},
        {"to_timestamp", "todatetime"},
        {"str", "tostring"},
        {"instr", "indexof"},
        {"charindex", "indexof"},
        {"strpos", "indexof"},
        {"regexp_extract", "extract"},
        {"regexp_replace", "replace_regex"},
        {"stddev", "stdev"},
        {"mean", "avg"},
        {"average", "avg"},
        {"group_concat", "make_list"},
        {"string_agg", "make_list"},
        {"array_agg", "make_list"},
        {"collect_list", "make_list"},
        {"collect_set", "make_set"},
        {"any_value", "take_any"},
        {"json_extract", "extract_json"},
        {"ceil", "ceiling"},
        {"power", "pow"},
        {"ln", "log"},
        {"year", "getyear"},
        {"month", "monthofyear"},
        {"day", "dayofmonth"},
        {"hour", "hourofday"},
        {"md5", "hash_md5"},
        {"sha256", "hash_sha256"},
        {"sha1", "hash_sha1"},
        {"sum_if", "sumif"},
        {"count_if", "countif"},
        {"approx_count_distinct", "dcount"},
        {"ifelse", "iff"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tr_str_equal_nocase_ascii(name, tr_str_c(names[i].foreign)))
            return names[i].native;
    return NULL;
}

void tr_call_suggest(const tr_context *ctx, tr_str name, uint32_t argc, trawl_error *err) {
    static const char *const tabular[] = {
        "materialize",    "table",    "view",   "materialized_view",
        "external_table", "database", "cluster"};
    static const char *const scalar[] = {"typeof", "dynamic", "datetime", "timespan"};
    enum { UNLIKELY = 3 };
    tr_nearest nearest = tr_nearest_function(name, argc, ctx->aggs != NULL);
    const char *special, *summary, *native = native_name(name);
    for (const tr_binding *b = ctx->scope; b; b = b->next)
        if (!b->database && b->function)
            tr_nearest_try(&nearest, b->name);
    try_kept(ctx, false, &nearest);
    for (uint32_t i = 0; (special = tr_special_at(i, &summary)); i++)
        tr_nearest_try_rare(&nearest, tr_str_c(special), tr_func_rarity(tr_str_c(special)));
    for (uint32_t i = 0; i < sizeof tabular / sizeof *tabular; i++)
        tr_nearest_try_rare(&nearest, tr_str_c(tabular[i]), ctx->input ? UNLIKELY : 0);
    for (uint32_t i = 0; i < sizeof scalar / sizeof *scalar; i++)
        tr_nearest_try_rare(&nearest, tr_str_c(scalar[i]), UNLIKELY);
    if (native && (!nearest.found.len || nearest.distance > 1))
        nearest = (tr_nearest){.found = tr_str_c(native)};
    tr_hint_nearest(err, &nearest);
}
