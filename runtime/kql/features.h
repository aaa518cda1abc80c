/* runtime/kql/features.h: which statements, sources, operators and plugins of KQL trawl runs.
 *
 * One table serves two ends: refusing, by name and at its place, what parses but does not run; and
 * printing the support matrix. Functions and aggregates have tables of their own in runtime/func.
 * It must not know how anything runs. */
#ifndef TR_KQL_FEATURES_H
#define TR_KQL_FEATURES_H

#include "runtime/kql/syntax.h"

typedef enum tr_kql_feature_group {
    TR_KQL_STATEMENT,
    TR_KQL_SOURCE,
    TR_KQL_OPERATOR,
    TR_KQL_GRAPH_OPERATOR,
    TR_KQL_PLUGIN
} tr_kql_feature_group;

typedef enum tr_kql_support {
    TR_KQL_PARSES, /* the parser knows it; running it is TRAWL_E_UNSUPPORTED */
    TR_KQL_RUNS
} tr_kql_support;

typedef struct tr_kql_feature {
    const char *name; /* as users write it */
    uint8_t group;    /* tr_kql_feature_group */
    uint8_t support;  /* tr_kql_support */
    uint8_t kind;     /* tr_kql_kind of its node; TR_KQL_NONE for plugins */
} tr_kql_feature;

/** All features, grouped, in the order of the support matrix; *count gets their number. */
const tr_kql_feature *tr_kql_features(uint32_t *count);
/** "statement", "operator", ... */
const char *tr_kql_feature_group_name(tr_kql_feature_group group);
/** The feature of a node (for EVALUATE: the operator, not its plugin); NULL for other kinds. */
const tr_kql_feature *tr_kql_feature_of(const tr_kql_node *node);
/** A plugin by name; NULL if there is none of that name. */
const tr_kql_feature *tr_kql_plugin(tr_str name);
/** The plugin nearest to a misspelt name; NULL if none is near. */
const char *tr_kql_plugin_nearest(tr_str name);
/** TRAWL_OK if the node's feature runs or the node is no feature; else TRAWL_E_UNSUPPORTED, code
 *  FEA0001, at the name of the operator. For EVALUATE the plugin is checked as well; an unknown
 *  plugin is TRAWL_E_SEMANTIC, code FEA0002, with the nearest name as hint. */
trawl_status tr_kql_feature_check(const tr_kql_node *node, trawl_error *err);

#endif
