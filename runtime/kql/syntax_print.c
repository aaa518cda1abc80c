/* runtime/kql/syntax_print.c: names of kinds and operators, and the S-expression dump. */
#include <inttypes.h>

#include "runtime/base/buf.h"
#include "runtime/kql/syntax.h"

const char *tr_kql_kind_name(tr_kql_kind kind) {
    static const char *const names[] = {
#define X(kind, name) name,
        TR_KQL_KINDS(X)
#undef X
    };
    return kind < TR_KQL_KIND_COUNT ? names[kind] : "?";
}

const char *tr_kql_op_text(tr_kql_op op) {
    static const char *const texts[] = {
#define X(op, text) text,
        TR_KQL_OPS(X)
#undef X
    };
    return op < TR_KQL_OP_COUNT ? texts[op] : "?";
}

static const char *const flag_names[] = {
    "null",       "bracketed", "hidden", "view",     "open",          "asc",  "desc", "nulls-first",
    "nulls-last", "granny",    "braces", "optional", "project-smart", "away", "left", "right"};

static void put_quoted(tr_buf *out, tr_str text) {
    tr_buf_put_char(out, '"');
    for (uint32_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\')
            tr_buf_put_char(out, '\\');
        if (c == '\n')
            tr_buf_put_text(out, "\\n");
        else if ((unsigned char)c < 0x20)
            tr_buf_printf(out, "\\x%02x", (unsigned char)c);
        else
            tr_buf_put_char(out, c);
    }
    tr_buf_put_char(out, '"');
}

/* Kinds whose text repeats that of a child, or says nothing that the value does not. */
static bool text_is_shown(const tr_kql_node *node) {
    switch (node->kind) {
    case TR_KQL_NAME:
    case TR_KQL_WILDCARD:
    case TR_KQL_CLIENT_PARAMETER:
    case TR_KQL_DECIMAL:
    case TR_KQL_GUID:
    case TR_KQL_STRING:
    case TR_KQL_DYNAMIC:
    case TR_KQL_TYPE:
    case TR_KQL_COMMAND:
    case TR_KQL_RENDER:
    case TR_KQL_GRAPH_OUTPUT: return true;
    default: return false;
    }
}

static void put_value(tr_buf *out, const tr_kql_node *node) {
    if (node->flags & TR_KQL_FLAG_NULL)
        return;
    switch (node->kind) {
    case TR_KQL_BOOL:
    case TR_KQL_INT:
    case TR_KQL_LONG:
    case TR_KQL_DATETIME:
    case TR_KQL_TIMESPAN: tr_buf_printf(out, " %" PRId64, node->value.integer); break;
    case TR_KQL_REAL: tr_buf_printf(out, " %g", node->value.real); break;
    case TR_KQL_BINARY:
    case TR_KQL_LIST_TEST:
    case TR_KQL_BETWEEN: tr_buf_printf(out, " %s", tr_kql_op_text((tr_kql_op)node->op)); break;
    default: break;
    }
}

static void put_node(tr_buf *out, const tr_kql_node *node) {
    if (node->kind == TR_KQL_NONE) {
        tr_buf_put_char(out, '_');
        return;
    }
    if (node->kind == TR_KQL_NAME && node->flags == 0 && node->text.len > 0) {
        tr_buf_put_str(out, node->text);
        return;
    }
    tr_buf_printf(out, "(%s", tr_kql_kind_name((tr_kql_kind)node->kind));
    for (uint32_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
        if (node->flags & (1u << i))
            tr_buf_printf(out, " :%s", flag_names[i]);
    if (text_is_shown(node) && !(node->flags & TR_KQL_FLAG_NULL)) {
        tr_buf_put_char(out, ' ');
        put_quoted(out, node->text);
    }
    put_value(out, node);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const tr_kql_node *child = node->children[i];
        if (child->kind == TR_KQL_OPTIONS && child->child_count == 0)
            continue;
        tr_buf_put_char(out, ' ');
        put_node(out, child);
    }
    tr_buf_put_char(out, ')');
}

const char *tr_kql_syntax_print(tr_arena *arena, const tr_kql_node *node) {
    tr_buf out;
    tr_buf_start(&out, arena);
    put_node(&out, node);
    tr_buf_put_char(&out, 0);
    return out.failed ? NULL : out.bytes;
}
