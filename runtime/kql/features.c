/* runtime/kql/features.c: the table of what runs.
 *
 * A line says PARSES until the operator answers queries; whoever makes it run changes the line. The
 * first line of a node kind is the one that counts for nodes; synonyms share it. */
#include "runtime/kql/features.h"

#define PARSES TR_KQL_PARSES
#define RUNS   TR_KQL_RUNS

static const tr_kql_feature features[] = {
    {"alias", TR_KQL_STATEMENT, PARSES, TR_KQL_ALIAS},
    {"declare pattern", TR_KQL_STATEMENT, RUNS, TR_KQL_DECLARE_PATTERN},
    {"declare query_parameters", TR_KQL_STATEMENT, RUNS, TR_KQL_DECLARE_PARAMETERS},
    {"let", TR_KQL_STATEMENT, RUNS, TR_KQL_LET},
    {"restrict", TR_KQL_STATEMENT, PARSES, TR_KQL_RESTRICT},
    {"set", TR_KQL_STATEMENT, RUNS, TR_KQL_SET},
    {"tabular-expression", TR_KQL_STATEMENT, RUNS, TR_KQL_PIPELINE},
    {"datatable", TR_KQL_SOURCE, RUNS, TR_KQL_DATATABLE},
    {"externaldata", TR_KQL_SOURCE, RUNS, TR_KQL_EXTERNALDATA},
    {"inline_external_table", TR_KQL_SOURCE, PARSES, TR_KQL_INLINE_EXTERNAL_TABLE},
    {"print", TR_KQL_SOURCE, RUNS, TR_KQL_PRINT},
    {"range", TR_KQL_SOURCE, RUNS, TR_KQL_RANGE},
    {"__executeAndCache", TR_KQL_OPERATOR, PARSES, TR_KQL_EXECUTE_AND_CACHE},
    {"__partitionby", TR_KQL_OPERATOR, PARSES, TR_KQL_PARTITION_BY},
    {"as", TR_KQL_OPERATOR, RUNS, TR_KQL_AS},
    {"assert-schema", TR_KQL_OPERATOR, RUNS, TR_KQL_ASSERT_SCHEMA},
    {"consume", TR_KQL_OPERATOR, RUNS, TR_KQL_CONSUME},
    {"count", TR_KQL_OPERATOR, RUNS, TR_KQL_COUNT},
    {"distinct", TR_KQL_OPERATOR, RUNS, TR_KQL_DISTINCT},
    {"evaluate", TR_KQL_OPERATOR, RUNS, TR_KQL_EVALUATE},
    {"extend", TR_KQL_OPERATOR, RUNS, TR_KQL_EXTEND},
    {"facet", TR_KQL_OPERATOR, RUNS, TR_KQL_FACET},
    {"find", TR_KQL_OPERATOR, RUNS, TR_KQL_FIND},
    {"fork", TR_KQL_OPERATOR, RUNS, TR_KQL_FORK},
    {"getschema", TR_KQL_OPERATOR, RUNS, TR_KQL_GETSCHEMA},
    {"invoke", TR_KQL_OPERATOR, RUNS, TR_KQL_INVOKE},
    {"join", TR_KQL_OPERATOR, RUNS, TR_KQL_JOIN},
    {"lookup", TR_KQL_OPERATOR, RUNS, TR_KQL_LOOKUP},
    {"macro-expand", TR_KQL_OPERATOR, PARSES, TR_KQL_MACRO_EXPAND},
    {"make-series", TR_KQL_OPERATOR, RUNS, TR_KQL_MAKE_SERIES},
    {"mv-apply", TR_KQL_OPERATOR, RUNS, TR_KQL_MV_APPLY},
    {"mv-expand", TR_KQL_OPERATOR, RUNS, TR_KQL_MV_EXPAND},
    {"parse", TR_KQL_OPERATOR, RUNS, TR_KQL_PARSE},
    {"parse-kv", TR_KQL_OPERATOR, RUNS, TR_KQL_PARSE_KV},
    {"parse-where", TR_KQL_OPERATOR, RUNS, TR_KQL_PARSE_WHERE},
    {"partition", TR_KQL_OPERATOR, RUNS, TR_KQL_PARTITION},
    {"project", TR_KQL_OPERATOR, RUNS, TR_KQL_PROJECT},
    {"project-away", TR_KQL_OPERATOR, RUNS, TR_KQL_PROJECT_AWAY},
    {"project-by-names", TR_KQL_OPERATOR, RUNS, TR_KQL_PROJECT_BY_NAMES},
    {"project-keep", TR_KQL_OPERATOR, RUNS, TR_KQL_PROJECT_KEEP},
    {"project-rename", TR_KQL_OPERATOR, RUNS, TR_KQL_PROJECT_RENAME},
    {"project-reorder", TR_KQL_OPERATOR, RUNS, TR_KQL_PROJECT_REORDER},
    {"reduce", TR_KQL_OPERATOR, RUNS, TR_KQL_REDUCE},
    {"render", TR_KQL_OPERATOR, RUNS, TR_KQL_RENDER},
    {"sample", TR_KQL_OPERATOR, RUNS, TR_KQL_SAMPLE},
    {"sample-distinct", TR_KQL_OPERATOR, RUNS, TR_KQL_SAMPLE_DISTINCT},
    {"scan", TR_KQL_OPERATOR, RUNS, TR_KQL_SCAN},
    {"search", TR_KQL_OPERATOR, RUNS, TR_KQL_SEARCH},
    {"serialize", TR_KQL_OPERATOR, RUNS, TR_KQL_SERIALIZE},
    {"sort", TR_KQL_OPERATOR, RUNS, TR_KQL_SORT},
    {"summarize", TR_KQL_OPERATOR, RUNS, TR_KQL_SUMMARIZE},
    {"take", TR_KQL_OPERATOR, RUNS, TR_KQL_TAKE},
    {"top", TR_KQL_OPERATOR, RUNS, TR_KQL_TOP},
    {"top-hitters", TR_KQL_OPERATOR, RUNS, TR_KQL_TOP_HITTERS},
    {"top-nested", TR_KQL_OPERATOR, RUNS, TR_KQL_TOP_NESTED},
    {"union", TR_KQL_OPERATOR, RUNS, TR_KQL_UNION},
    {"where", TR_KQL_OPERATOR, RUNS, TR_KQL_WHERE},
    {"graph-mark-components", TR_KQL_GRAPH_OPERATOR, PARSES, TR_KQL_GRAPH_MARK_COMPONENTS},
    {"graph-match", TR_KQL_GRAPH_OPERATOR, PARSES, TR_KQL_GRAPH_MATCH},
    {"graph-shortest-paths", TR_KQL_GRAPH_OPERATOR, PARSES, TR_KQL_GRAPH_SHORTEST_PATHS},
    {"graph-to-table", TR_KQL_GRAPH_OPERATOR, PARSES, TR_KQL_GRAPH_TO_TABLE},
    {"graph-where-edges", TR_KQL_GRAPH_OPERATOR, PARSES, TR_KQL_GRAPH_WHERE_EDGES},
    {"graph-where-nodes", TR_KQL_GRAPH_OPERATOR, PARSES, TR_KQL_GRAPH_WHERE_NODES},
    {"make-graph", TR_KQL_GRAPH_OPERATOR, PARSES, TR_KQL_MAKE_GRAPH},
    {"active_users_count", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"activity_counts_metrics", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"activity_engagement", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"activity_metrics", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"ai_chat_completion", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"ai_chat_completion_prompt", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"ai_embed_text", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"ai_embeddings", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"autocluster", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"azure_digital_twins_query_request", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"bag_unpack", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"basket", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"cosmosdb_sql_request", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"csharp", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"dax_request", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"dcount_intersect", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"diffpatterns", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"diffpatterns_text", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"estimate_rows_count", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"execute_query", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"execute_show_command", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"external_datatable", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"funnel_sequence", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"funnel_sequence_completion", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"geo_line_lookup", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"geo_polygon_lookup", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"http_request", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"http_request_post", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"identity", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"identity_v3", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"infer_storage_schema", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"infer_storage_schema_with_suggestions", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"ipv4_lookup", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"ipv6_lookup", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"mysql_request", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"narrow", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"new_activity_metrics", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"pivot", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"postgresql_request", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"preview", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"python", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"r", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"rolling_percentile", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"rows_near", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"schema_merge", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"sequence_detect", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"session_count", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
    {"sliding_window_counts", TR_KQL_PLUGIN, RUNS, TR_KQL_NONE},
    {"sql_request", TR_KQL_PLUGIN, PARSES, TR_KQL_NONE},
};

enum { FEATURE_COUNT = sizeof features / sizeof *features };

const tr_kql_feature *tr_kql_features(uint32_t *count) {
    *count = FEATURE_COUNT;
    return features;
}

const char *tr_kql_feature_group_name(tr_kql_feature_group group) {
    static const char *const names[] = {"statement", "source", "operator", "graph operator",
                                        "plugin"};
    return (size_t)group < sizeof names / sizeof *names ? names[group] : "?";
}

const tr_kql_feature *tr_kql_feature_of(const tr_kql_node *node) {
    for (uint32_t i = 0; i < FEATURE_COUNT; i++)
        if (features[i].kind == node->kind && node->kind != TR_KQL_NONE)
            return &features[i];
    return NULL;
}

const tr_kql_feature *tr_kql_plugin(tr_str name) {
    for (uint32_t i = 0; i < FEATURE_COUNT; i++)
        if (features[i].group == TR_KQL_PLUGIN && tr_str_is(name, features[i].name))
            return &features[i];
    return NULL;
}

const char *tr_kql_plugin_nearest(tr_str name) {
    uint32_t half = name.len / 2 + 1;
    tr_nearest nearest = tr_nearest_to(name, half < 4 ? half : 4);
    for (uint32_t i = 0; i < FEATURE_COUNT; i++)
        if (features[i].group == TR_KQL_PLUGIN)
            tr_nearest_try(&nearest, tr_str_c(features[i].name));
    return nearest.found.len ? nearest.found.ptr : NULL;
}

/* Operators and statements begin with their name; operators say how long it was written. */
static tr_span name_span(const tr_kql_node *node, const char *name) {
    uint32_t bytes = (uint32_t)node->value.integer;
    if (bytes == 0)
        bytes = (uint32_t)strlen(name);
    return (tr_span){node->span.offset, bytes < node->span.bytes ? bytes : node->span.bytes};
}

static trawl_status plugin_check(const tr_kql_node *call, trawl_error *err) {
    const tr_kql_feature *plugin = tr_kql_plugin(call->text);
    tr_span span = call->children[0]->span;
    if (!plugin) {
        const char *nearest = tr_kql_plugin_nearest(call->text);
        trawl_status status =
            tr_fail_at(err, TRAWL_E_SEMANTIC, span, "FEA0002", "there is no plugin '%.*s'",
                       (int)(call->text.len > 60 ? 60 : call->text.len), call->text.ptr);
        if (nearest)
            tr_hint(err, "did you mean '%s'?", nearest);
        return status;
    }
    if (plugin->support == TR_KQL_RUNS)
        return TRAWL_OK;
    return tr_fail_at(err, TRAWL_E_UNSUPPORTED, span, "FEA0001",
                      "trawl does not run the plugin '%s' yet", plugin->name);
}

trawl_status tr_kql_feature_check(const tr_kql_node *node, trawl_error *err) {
    const tr_kql_feature *feature = tr_kql_feature_of(node);
    if (!feature)
        return TRAWL_OK;
    if (feature->support != TR_KQL_RUNS)
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, name_span(node, feature->name), "FEA0001",
                          "trawl does not run the %s '%s' yet",
                          tr_kql_feature_group_name((tr_kql_feature_group)feature->group),
                          feature->name);
    if (node->kind == TR_KQL_EVALUATE)
        return plugin_check(node->children[1], err);
    return TRAWL_OK;
}
