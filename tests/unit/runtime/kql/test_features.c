/* test_features.c: the support table answers by node and by plugin name. */
#include <criterion/criterion.h>

#include "runtime/kql/features.h"

Test(kql_features, names_are_unique_within_their_group) {
    uint32_t n;
    const tr_kql_feature *features = tr_kql_features(&n);
    cr_assert_gt(n, 100u);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            cr_expect(features[i].group != features[j].group ||
                          strcmp(features[i].name, features[j].name) != 0,
                      "%s is there twice", features[i].name);
}

static trawl_status check(const char *query, trawl_error *err) {
    tr_arena *arena = tr_arena_new(NULL);
    const tr_kql_node *root = NULL;
    cr_assert_eq(tr_kql_parse(arena, query, strlen(query), &root, err), TRAWL_OK);
    trawl_status status = tr_kql_feature_check(root->children[0]->children[1], err);
    tr_arena_free(arena);
    return status;
}

Test(kql_features, a_refusal_points_at_the_name) {
    trawl_error err = TRAWL_ERROR_INIT;
    cr_expect_eq(check("T | __executeAndCache", &err), TRAWL_E_UNSUPPORTED);
    cr_expect_str_eq(err.code, "FEA0001");
    cr_expect_eq(err.span_offset, 4u);
    cr_expect_eq(err.span_bytes, 17u);
}

Test(kql_features, every_operator_node_has_a_feature) {
    tr_kql_node node = {0};
    for (int kind = TR_KQL_AS; kind <= TR_KQL_GRAPH_WHERE_NODES; kind++) {
        node.kind = (uint8_t)kind;
        switch (kind) {
        case TR_KQL_BRANCH:
        case TR_KQL_SERIES_ITEM:
        case TR_KQL_SERIES_RANGE:
        case TR_KQL_SERIES_IN_RANGE:
        case TR_KQL_MV_ITEM:
        case TR_KQL_STEP:
        case TR_KQL_NEST_LEVEL:
        case TR_KQL_GRAPH_TABLE:
        case TR_KQL_GRAPH_PARTITION:
        case TR_KQL_GRAPH_PATTERN:
        case TR_KQL_GRAPH_NODE:
        case TR_KQL_GRAPH_EDGE:
        case TR_KQL_GRAPH_OUTPUT: cr_expect_null(tr_kql_feature_of(&node)); break;
        default:
            cr_expect_not_null(tr_kql_feature_of(&node), "%s", tr_kql_kind_name((tr_kql_kind)kind));
        }
    }
}

Test(kql_features, plugins_by_name) {
    cr_expect_not_null(tr_kql_plugin(tr_str_c("bag_unpack")));
    cr_expect_null(tr_kql_plugin(tr_str_c("bag_unpak")));
    cr_expect_str_eq(tr_kql_plugin_nearest(tr_str_c("bag_unpak")), "bag_unpack");
    cr_expect_null(tr_kql_plugin_nearest(tr_str_c("something_else_entirely")));
}
