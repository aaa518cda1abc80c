/* runtime/kql/option_check.c: which `name = value` an operator takes, so that a misspelt one is an
 * error and not forgotten. Must not know what the options do. */
#include <stdio.h>

#include "runtime/kql/analyze.h"

/* Options between blanks; those with a list of values take no other. */
static const struct {
    uint8_t kind;
    const char *options;
} operators[] = {
    {TR_KQL_EXTERNALDATA, NULL}, /* properties of many formats */
    {TR_KQL_INLINE_EXTERNAL_TABLE, NULL},
    {TR_KQL_JOIN, "kind=inner|innerunique|leftouter|rightouter|fullouter|leftsemi|rightsemi|"
                  "leftanti|anti|leftantisemi|rightanti|rightantisemi"},
    {TR_KQL_LOOKUP, "kind=leftouter|inner"},
    {TR_KQL_UNION, "kind=inner|outer withsource with_source isfuzzy best_effort"},
    {TR_KQL_FIND, "withsource with_source datascope"},
    {TR_KQL_SEARCH, "kind=default|case_insensitive|case_sensitive datascope"},
    {TR_KQL_MV_EXPAND, "kind=bag|array bagexpansion=bag|array with_itemindex with_item_index"},
    {TR_KQL_MV_APPLY, "with_itemindex with_item_index"},
    {TR_KQL_PARSE, "kind=simple|regex|relaxed flags"},
    {TR_KQL_PARSE_WHERE, "kind=simple|regex|relaxed flags"},
    {TR_KQL_PARSE_KV, "pair_delimiter kv_delimiter quote escape regex greedy"},
    {TR_KQL_MAKE_SERIES, "kind=nonempty"},
    {TR_KQL_REDUCE, "kind=source threshold characters"},
    {TR_KQL_SCAN, "kind=partial|full with_match_id with_step_name"},
    {TR_KQL_STEP, "output=all|last|none"},
    {TR_KQL_RENDER, "kind=default|unstacked|stacked|stacked100|map title accumulate xcolumn "
                    "ycolumns anomalycolumns series xtitle ytitle xaxis=linear|log "
                    "yaxis=linear|log legend=visible|hidden ysplit=none|axes|panels ymin ymax xmin "
                    "xmax"},
};

static const char hints[] =
    "hint.concurrency hint.distribution hint.materialized hint.num_partitions hint.pass_filters "
    "hint.pass_filters_column hint.progressive_top hint.remote hint.shufflekey hint.spread "
    "hint.strategy";

static const char *options_of(uint8_t kind) {
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (operators[i].kind == kind)
            return operators[i].options;
    return "";
}

/* Is `word` among the words of `list`, parted by `part` and ending at a blank? *values gets what
 * follows its '='. Words that are not it are offered to `nearest`. */
static bool is_listed(const char *list, char part, tr_str word, const char **values,
                      tr_nearest *nearest) {
    while (*list && (part == ' ' || *list != ' ')) {
        size_t n = strcspn(list, part == ' ' ? " =" : " |");
        if (tr_str_equal_nocase_ascii(tr_str_of(list, (uint32_t)n), word)) {
            *values = list[n] == '=' ? list + n + 1 : NULL;
            return true;
        }
        tr_nearest_try(nearest, tr_str_of(list, (uint32_t)n));
        list += part == ' ' ? strcspn(list, " ") : n;
        list += *list == part;
    }
    return false;
}

static trawl_status unknown(const tr_kql_node *at, const char *what, const tr_nearest *nearest,
                            const char *all, trawl_error *err) {
    int n = (int)(at->text.len > 60 ? 60 : at->text.len);
    trawl_status status = tr_fail_at(err, TRAWL_E_SEMANTIC, at->span, "SEM0131",
                                     "there is no %s '%.*s'", what, n, at->text.ptr);
    if (nearest->found.len)
        tr_hint_nearest(err, nearest);
    else if (all)
        tr_hint(err, "there are %.*s", (int)strcspn(all, " "), all);
    return status;
}

static trawl_status check_option(const tr_kql_node *operator_node, const tr_kql_node *option,
                                 trawl_error *err) {
    const tr_kql_node *name = option->children[0], *value = option->children[1];
    const char *known = options_of(operator_node->kind), *values = NULL, *none;
    char what[80];
    if (name->kind == TR_KQL_NONE || !known ||
        (name->text.len > 2 && memcmp(name->text.ptr, "__", 2) == 0))
        return TRAWL_OK;
    tr_nearest nearest = tr_nearest_of(name->text);
    if (!is_listed(known, ' ', name->text, &values, &nearest) &&
        !is_listed(hints, ' ', name->text, &none, &nearest)) {
        snprintf(what, sizeof what, "option of %s", tr_kql_kind_name(operator_node->kind));
        return unknown(name, what, &nearest, NULL, err);
    }
    if (!values)
        return TRAWL_OK;
    nearest = tr_nearest_of(value->text);
    if (is_listed(values, '|', value->text, &none, &nearest))
        return TRAWL_OK;
    snprintf(what, sizeof what, "%.*s of %s", (int)(name->text.len > 20 ? 20 : name->text.len),
             name->text.ptr, tr_kql_kind_name(operator_node->kind));
    return unknown(value, what, &nearest, values, err);
}

trawl_status tr_options_check(const tr_kql_node *node, trawl_error *err) {
    const tr_kql_node *options = node->child_count ? node->children[0] : node;
    for (uint32_t i = 0; options->kind == TR_KQL_OPTIONS && i < options->child_count; i++)
        TR_TRY(check_option(node, options->children[i], err));
    return TRAWL_OK;
}
