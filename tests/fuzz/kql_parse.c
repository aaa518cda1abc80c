/* kql_parse.c: any bytes parse or fail with a place in the text; the tree keeps its promises.
 *
 * Built with -fsanitize=fuzzer. */
#include <stdlib.h>

#include "runtime/kql/syntax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition)
        abort();
}

static void check_node(const tr_kql_node *node, size_t bytes) {
    uint32_t deepest = 0;
    need(node->kind < TR_KQL_KIND_COUNT);
    need(node->op < TR_KQL_OP_COUNT);
    need((size_t)node->span.offset + node->span.bytes <= bytes);
    need(node->depth <= TR_KQL_DEPTH_MAX);
    for (uint32_t i = 0; i < node->child_count; i++) {
        check_node(node->children[i], bytes);
        if (node->children[i]->depth > deepest)
            deepest = node->children[i]->depth;
    }
    need(node->depth == deepest + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tr_arena *arena = tr_arena_new(NULL);
    const tr_kql_node *root = NULL;
    trawl_error err = TRAWL_ERROR_INIT;
    trawl_status status = tr_kql_parse(arena, (const char *)data, size, &root, &err);
    if (status == TRAWL_OK) {
        check_node(root, size);
        need(tr_kql_syntax_print(arena, root) != NULL);
    } else {
        need(root == NULL);
        need(status == TRAWL_E_SYNTAX || status == TRAWL_E_LIMIT);
        need((size_t)err.span_offset + err.span_bytes <= size);
        need(err.message[0] != 0 && err.code[0] != 0);
    }
    tr_arena_free(arena);
    return 0;
}
