/* runtime/func/environment.c: functions about the place a query runs at. A service answers them
 * from its accounts, shards and databases; over files in place there is none of these. */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

static trawl_status empty_text_eval(tr_call *call, trawl_error *err) {
    (void)err;
    for (uint32_t i = 0; i < call->n; i++)
        tr_out_str(call)[i] = tr_empty();
    return TRAWL_OK;
}

static trawl_status false_eval(tr_call *call, trawl_error *err) {
    (void)call;
    (void)err;
    return TRAWL_OK;
}

static trawl_status empty_guid_eval(tr_call *call, trawl_error *err) {
    (void)err;
    memset(call->out->data, 0, call->n * sizeof(tr_guid));
    return TRAWL_OK;
}

static trawl_status null_eval(tr_call *call, trawl_error *err) {
    for (uint32_t i = 0; i < call->n; i++)
        TR_TRY(tr_call_null(call, i, err));
    return TRAWL_OK;
}

static trawl_status principal_details_eval(tr_call *call, trawl_error *err) {
    static const char *const keys[] = {
        "UserPrincipalName", "IdentityProvider", "TenantId", "Authority",
        "DisplayName",       "ObjectId",         "FQN",      "Type"};
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        tr_dyn_open_bag(b);
        for (uint32_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            tr_dyn_put_key(b, tr_str_c(keys[k]));
            tr_dyn_put_string(b, tr_empty());
        }
        tr_dyn_close(b);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status geo_info_eval(tr_call *call, trawl_error *err) {
    (void)call;
    return tr_fail(err, TRAWL_E_UNSUPPORTED,
                   "geo_info_from_ip_address(): no location database is installed");
}

const tr_func tr_funcs_environment[] = {
    {.name = "current_principal",
     .args = "",
     .result = 's',
     .eval = empty_text_eval,
     .summary = "Who runs the query: nobody in particular, an empty text.",
     .example = "print fqn = current_principal()"},
    {.name = "current_principal_details",
     .args = "",
     .result = 'y',
     .eval = principal_details_eval,
     .summary = "Who runs the query, as a bag of empty texts.",
     .example = "print d = current_principal_details()"},
    {.name = "current_principal_is_member_of",
     .args = "xx*",
     .result = 'b',
     .flags = TR_FUNC_NULLS,
     .eval = false_eval,
     .summary = "False: there are no groups.",
     .example = "print isCurrentUserInGroup = current_principal_is_member_of('aadgroup=x')"},
    {.name = "current_cluster_endpoint",
     .args = "",
     .result = 's',
     .eval = empty_text_eval,
     .summary = "An empty text: there is no cluster.",
     .example = "print strcat('This query executed on: ', current_cluster_endpoint())"},
    {.name = "current_node_id",
     .args = "",
     .result = 's',
     .eval = empty_text_eval,
     .summary = "An empty text: there are no nodes.",
     .example = "print current_node_id()"},
    {.name = "extent_id",
     .args = "",
     .result = 'g',
     .flags = TR_FUNC_CONTEXT,
     .eval = empty_guid_eval,
     .summary = "The extent of a row; the empty guid for rows outside of extents.",
     .example = "print extent_id()"},
    {.name = "extentid",
     .args = "",
     .result = 'g',
     .flags = TR_FUNC_HIDDEN | TR_FUNC_CONTEXT,
     .eval = empty_guid_eval,
     .summary = "extent_id() by its old name.",
     .example = NULL},
    {.name = "extent_tags",
     .args = "",
     .result = 'y',
     .flags = TR_FUNC_NULLS | TR_FUNC_CONTEXT,
     .eval = null_eval,
     .summary = "The tags of a row's extent; null for rows outside of extents.",
     .example = "print extent_tags()"},
    {.name = "ingestion_time",
     .args = "",
     .result = 'd',
     .flags = TR_FUNC_NULLS | TR_FUNC_CONTEXT,
     .eval = null_eval,
     .summary = "When a row was taken in; null for rows that are read in place.",
     .example = "print ingestion_time()"},
    {.name = "geo_info_from_ip_address",
     .args = "s",
     .result = 'y',
     .flags = TR_FUNC_COSTLY | TR_FUNC_NULLS | TR_FUNC_VOLATILE | TR_FUNC_HIDDEN,
     .eval = geo_info_eval,
     .summary = "Where an IP address is. Needs a location database, which is not installed.",
     .example = NULL},
    {.name = NULL},
};
