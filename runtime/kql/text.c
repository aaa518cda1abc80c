/* runtime/kql/text.c: the entry of the room: a text, cut into queries and commands, each parsed and
 * then compiled. Knows neither the grammar of commands nor that of queries. */
#include "runtime/data/text.h"
#include "runtime/kql/analyze.h"
#include "runtime/kql/parse.h"

enum { PIECES_MAX = 10000 };

/* A list of statements, or a command. */
typedef struct {
    const tr_kql_node *root;   /* statements; of a command: those of its query, or NULL */
    const tr_command *command; /* NULL: statements only */
    const tr_command *inner;   /* what stands after <| instead of a query: .show ... */
} kql_piece;

struct tr_kql_text {
    const char *text;
    uint32_t bytes;
    uint32_t piece_count, piece_capacity;
    kql_piece *pieces;
};

/* Stands for the rows of the command, before a pipe. */
static const char results_name[] = "$command_results";

/* ---- parsing ---- */

/* The newline that ends an empty line between the token at `offset` and the one before it, or
 * SIZE_MAX. Comment lines may stand between as well. */
static size_t blank_line_before(const char *text, size_t offset) {
    size_t end = offset;
    while (end > 0) {
        size_t start = end;
        while (start > 0 && text[start - 1] != '\n')
            start--;
        size_t at = start;
        while (at < end && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
            at++;
        bool comment = at + 1 < end && text[at] == '/' && text[at + 1] == '/';
        if (at == end && end < offset && start < end + 1 && text[end] == '\n')
            return end;
        if (at != end && !comment)
            return SIZE_MAX;
        if (start == 0)
            return SIZE_MAX;
        end = start - 1;
    }
    return SIZE_MAX;
}

/* Several queries in one text are separated by ';' or, where that reads as a mistake otherwise, by
 * an empty line, as people write them in files. */
static trawl_status parse_queries(tr_arena *query, const char *text, size_t bytes,
                                  const tr_kql_node **out, trawl_error *err) {
    enum { SPLITS_MAX = 1000 };
    trawl_error error = TRAWL_ERROR_INIT;
    trawl_status status = tr_kql_parse(query, text, bytes, out, &error);
    char *copy = NULL;
    for (uint32_t n = 0; status == TRAWL_E_SYNTAX && n < SPLITS_MAX; n++) {
        size_t at = blank_line_before(copy ? copy : text, error.span_offset);
        if (at == SIZE_MAX)
            break;
        if (!copy)
            copy = tr_arena_text(query, text, bytes);
        if (!copy)
            return tr_fail_memory(err);
        copy[at] = ';';
        status = tr_kql_parse(query, copy, bytes, out, &error);
    }
    if (status == TRAWL_E_SYNTAX) {
        if (!copy)
            copy = tr_arena_text(query, text, bytes);
        if (!copy)
            return tr_fail_memory(err);
        tr_syntax_suggest(query, copy, bytes, &error);
    }
    if (status != TRAWL_OK && err) {
        uint32_t size = err->struct_size;
        *err = error;
        err->struct_size = size;
    }
    return status;
}

/* The tree was made of a part of the text: move its places to where they are in the whole. */
static void shift(const tr_kql_node *node, int64_t by) {
    if (node->kind == TR_KQL_NONE || (node->kind == TR_KQL_OPTIONS && !node->child_count))
        return; /* shared by many */
    tr_kql_node *own = (tr_kql_node *)(uintptr_t)node;
    int64_t at = (int64_t)own->span.offset + by;
    own->span.offset = at > 0 ? (uint32_t)at : 0;
    if (own->kind == TR_KQL_BINARY || own->kind == TR_KQL_DYNAMIC)
        own->value.integer += by;
    for (uint32_t i = 0; i < own->child_count; i++)
        shift(own->children[i], by);
}

static trawl_status parse_part(tr_arena *query, const char *part, size_t bytes, int64_t offset,
                               const tr_kql_node **out, trawl_error *err) {
    trawl_status status = parse_queries(query, part, bytes, out, err);
    if (status == TRAWL_OK && offset)
        shift(*out, offset);
    else if (status != TRAWL_OK && err && err->span_bytes)
        err->span_offset = (uint32_t)((int64_t)err->span_offset + offset);
    return status;
}

/* The query of a command: whole after <|, without its source after a pipe. */
static trawl_status parse_command_query(tr_arena *query, const tr_kql_text *text,
                                        const tr_command *command, const tr_command **inner,
                                        const tr_kql_node **out, trawl_error *err) {
    tr_span span = command->query;
    uint32_t end;
    *out = NULL;
    if (span.bytes == 0)
        return TRAWL_OK;
    if (!tr_command_looks(command) && text->text[span.offset] == '.') {
        TR_TRY(tr_command_parse(query, text->text, span.offset + span.bytes, span.offset, inner,
                                &end, err));
        if (!tr_command_looks(*inner))
            return tr_fail_at(err, TRAWL_E_SYNTAX, (*inner)->verb_span, "CMD0002",
                              "only a query or .show may stand after '<|'");
        return parse_command_query(query, text, *inner, inner, out, err);
    }
    if (!tr_command_looks(command))
        return parse_part(query, text->text + span.offset, span.bytes, span.offset, out, err);
    const char *piped =
        tr_arena_printf(query, "%s %.*s", results_name, (int)span.bytes, text->text + span.offset);
    if (!piped)
        return tr_fail_memory(err);
    return parse_part(query, piped, strlen(piped), (int64_t)span.offset - (int)sizeof results_name,
                      out, err);
}

static trawl_status add_piece(tr_arena *query, tr_kql_text *text, const kql_piece *piece,
                              trawl_error *err) {
    if (text->piece_count == PIECES_MAX)
        return tr_fail(err, TRAWL_E_LIMIT, "a text holds at most %d commands and queries",
                       PIECES_MAX);
    if (!TR_ROOM(query, text->pieces, text->piece_count, text->piece_capacity))
        return tr_fail_memory(err);
    text->pieces[text->piece_count++] = *piece;
    return TRAWL_OK;
}

static bool is_declaration(const tr_kql_node *node) {
    return node->kind == TR_KQL_LET || node->kind == TR_KQL_SET ||
           node->kind == TR_KQL_DECLARE_PARAMETERS || node->kind == TR_KQL_DECLARE_PATTERN;
}

/* The query of a changing command is its first statement that declares nothing: what follows it is
 * a piece of its own. */
static trawl_status cut_query(tr_arena *query, kql_piece *piece, kql_piece *rest,
                              trawl_error *err) {
    const tr_kql_node *root = piece->root;
    uint32_t n = 0;
    *rest = (kql_piece){NULL, NULL, NULL};
    while (root && n < root->child_count && is_declaration(root->children[n]))
        n++;
    if (!root || tr_command_looks(piece->command) || n + 1 >= root->child_count)
        return TRAWL_OK;
    tr_kql_node *nodes = TR_NEW_N(query, tr_kql_node, 2);
    if (!nodes)
        return tr_fail_memory(err);
    nodes[0] = nodes[1] = *root;
    nodes[0].child_count = n + 1;
    nodes[1].child_count -= n + 1;
    nodes[1].children += n + 1;
    nodes[1].span = nodes[1].children[0]->span;
    piece->root = &nodes[0];
    rest->root = &nodes[1];
    return TRAWL_OK;
}

/* Only whether it can be read. `lead` stands before it when it is compiled. */
static trawl_status read_inner(tr_arena *query, const tr_kql_text *text, tr_span span,
                               const char *lead, trawl_error *err) {
    const tr_kql_text *inner;
    char *whole = tr_arena_printf(query, "%s%.*s", lead, (int)span.bytes, text->text + span.offset);
    uint32_t before = (uint32_t)strlen(lead);
    if (!whole)
        return tr_fail_memory(err);
    trawl_status status = tr_kql_text_open(query, whole, before + span.bytes, &inner, err);
    if (status != TRAWL_OK && err && err->span_bytes)
        err->span_offset =
            err->span_offset > before ? err->span_offset - before + span.offset : span.offset;
    return status;
}

/* Nothing of a text runs if some of it cannot be read: also what commands compile themselves. */
static trawl_status read_inners(tr_arena *query, const tr_kql_text *text, const tr_command *c,
                                trawl_error *err) {
    if (c->kind == TR_COMMAND_UPDATE_TABLE)
        return read_inner(query, text, c->data, "", err);
    if (c->kind == TR_COMMAND_PURGE_RECORDS)
        return read_inner(query, text, c->data, "T | ", err);
    for (uint32_t i = 0; c->kind == TR_COMMAND_REPLACE_EXTENTS && i < c->text_count; i++)
        TR_TRY(read_inner(query, text, c->texts[i].span, "", err));
    return TRAWL_OK;
}

static trawl_status parse_piece(tr_arena *query, tr_kql_text *text, uint32_t *at,
                                trawl_error *err) {
    kql_piece piece = {NULL, NULL, NULL};
    uint32_t end;
    if (text->text[*at] == '.') {
        TR_TRY(tr_command_parse(query, text->text, text->bytes, *at, &piece.command, &end, err));
        TR_TRY(read_inners(query, text, piece.command, err));
        TR_TRY(parse_command_query(query, text, piece.command, &piece.inner, &piece.root, err));
    } else {
        end = tr_command_query_end(text->text, text->bytes, *at, false);
        TR_TRY(parse_part(query, text->text + *at, end - *at, *at, &piece.root, err));
    }
    *at = end;
    kql_piece rest = {NULL, NULL, NULL};
    if (piece.command)
        TR_TRY(cut_query(query, &piece, &rest, err));
    TR_TRY(add_piece(query, text, &piece, err));
    return rest.root ? add_piece(query, text, &rest, err) : TRAWL_OK;
}

trawl_status tr_kql_text_open(tr_arena *query, const char *bytes_of_text, size_t bytes,
                              const tr_kql_text **out, trawl_error *err) {
    tr_kql_text *text = TR_NEW(query, tr_kql_text);
    if (bytes > TR_KQL_TEXT_BYTES_MAX)
        return tr_fail_at(err, TRAWL_E_LIMIT, (tr_span){0, 0}, "SYN0016",
                          "the query has %zu bytes, at most %d are taken", bytes,
                          TR_KQL_TEXT_BYTES_MAX);
    if (!text)
        return tr_fail_memory(err);
    text->text = tr_arena_text(query, bytes_of_text, bytes);
    text->bytes = (uint32_t)bytes;
    if (!text->text)
        return tr_fail_memory(err);
    for (uint32_t at = 0;;) {
        at = tr_kql_skip_blanks(text->text, text->bytes, at);
        while (at < text->bytes && text->text[at] == ';' && text->piece_count)
            at = tr_kql_skip_blanks(text->text, text->bytes, at + 1);
        if (at >= text->bytes && text->piece_count)
            break;
        if (at >= text->bytes) { /* nothing at all: an empty list */
            kql_piece piece = {NULL, NULL, NULL};
            TR_TRY(parse_part(query, text->text, bytes, 0, &piece.root, err));
            TR_TRY(add_piece(query, text, &piece, err));
            break;
        }
        TR_TRY(parse_piece(query, text, &at, err));
    }
    *out = text;
    return TRAWL_OK;
}

uint32_t tr_kql_next_piece(const char *text, uint32_t bytes, uint32_t at, uint32_t *end) {
    at = tr_kql_skip_blanks(text, bytes, at);
    while (at < bytes && text[at] == ';')
        at = tr_kql_skip_blanks(text, bytes, at + 1);
    *end = at < bytes ? tr_command_query_end(text, bytes, at, false) : bytes;
    return at;
}

uint32_t tr_kql_text_pieces(const tr_kql_text *text) {
    return text->piece_count;
}

const char *tr_kql_text_bytes(const tr_kql_text *text) {
    return text->text;
}

bool tr_kql_text_set(const tr_kql_text *text, const char *name, tr_kql_property *out) {
    bool found = false;
    for (uint32_t i = 0; i < text->piece_count; i++) {
        const tr_kql_node *root = text->pieces[i].root;
        for (uint32_t s = 0; root && s < root->child_count; s++) {
            const tr_kql_node *node = root->children[s];
            if (node->kind != TR_KQL_SET || !tr_str_equal_nocase_ascii(node->text, tr_str_c(name)))
                continue;
            *out = (tr_kql_property){node->text, node->children[1]->text, node->span,
                                     node->children[1]};
            found = true;
        }
    }
    return found;
}

/* ---- compiling ---- */

/* A value for a parameter that no statement declares is a mistake, not noise. */
static bool declares(const tr_kql_node *root, tr_str name) {
    bool declared = false;
    for (uint32_t s = 0; root && s < root->child_count; s++) {
        const tr_kql_node *node = root->children[s];
        for (uint32_t p = 0; node->kind == TR_KQL_DECLARE_PARAMETERS && p < node->child_count; p++)
            declared = declared || tr_str_equal(node->children[p]->text, name);
    }
    return declared;
}

static trawl_status check_given(const tr_analyzer *a, const tr_kql_text *text, trawl_error *err) {
    for (uint32_t i = 0; i < a->request->parameter_count; i++) {
        tr_str name = a->request->parameters[i].name;
        bool declared = false;
        for (uint32_t k = 0; k < text->piece_count; k++)
            declared = declared || declares(text->pieces[k].root, name);
        if (!declared)
            return tr_fail_at(err, TRAWL_E_SEMANTIC, (tr_span){0, 0}, "SEM0104",
                              "a value is given for parameter '%.*s', which the query does not "
                              "declare",
                              (int)name.len, name.ptr);
    }
    return TRAWL_OK;
}

static trawl_status start(tr_arena *query, const tr_kql_request *request, tr_analyzer **out,
                          trawl_error *err) {
    tr_analyzer *a = TR_NEW(query, tr_analyzer);
    if (!a)
        return tr_fail_memory(err);
    a->plan.query = query;
    a->plan.env = request->env;
    a->request = request;
    TR_TRY(tr_stored_scope(a, err));
    for (uint32_t i = 0; i < request->given_count; i++) {
        tr_binding binding = {.plan = request->given[i].plan};
        if (!binding.plan)
            TR_TRY(tr_plan_values(&a->plan, request->given[i].rows, (tr_span){0, 0}, &binding.plan,
                                  err));
        TR_TRY(tr_scope_add(a, a->scope, request->given[i].name, &binding, &a->scope, err));
    }
    a->base_scope = a->scope;
    *out = a;
    return TRAWL_OK;
}

/* let, set and declare hold for what follows them, whenever that is compiled. */
static trawl_status declarations(tr_analyzer *a, const tr_kql_node *root, uint32_t count,
                                 trawl_error *err) {
    for (uint32_t i = 0; root && i < count; i++)
        if (is_declaration(root->children[i]))
            TR_TRY(tr_statement(a, root->children[i], err));
    return TRAWL_OK;
}

/* What a command shows, and the query after its pipe. */
static trawl_status show(tr_analyzer *a, const kql_piece *piece, trawl_error *err) {
    tr_binding binding = {0};
    TR_TRY(tr_command_show(a, piece->command, &binding.plan, err));
    TR_TRY(tr_scope_add(a, a->scope, tr_str_c(results_name), &binding, &a->scope, err));
    if (!piece->root)
        return tr_add_result(a, binding.plan, TR_STR_EMPTY, err);
    for (uint32_t i = 0; i < piece->root->child_count; i++)
        TR_TRY(tr_statement(a, piece->root->children[i], err));
    return TRAWL_OK;
}

/* The query of a changing command is the last statement, or what .show shows. */
static trawl_status command_query(tr_analyzer *a, const kql_piece *piece, const tr_plan **out,
                                  trawl_error *err) {
    const tr_kql_node *root = piece->root;
    const tr_binding *outside = a->scope;
    if (piece->inner) {
        tr_binding binding = {0};
        TR_TRY(tr_command_show(a, piece->inner, out, err));
        if (!root)
            return TRAWL_OK;
        binding.plan = *out;
        TR_TRY(tr_scope_add(a, a->scope, tr_str_c(results_name), &binding, &a->scope, err));
    }
    if (root->child_count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, root->span, "SEM0002", "the query is empty");
    TR_TRY(declarations(a, root, root->child_count - 1, err));
    tr_context ctx = {.a = a, .scope = a->scope};
    TR_TRY(tr_tabular(&ctx, root->children[root->child_count - 1], out, err));
    a->scope = outside;
#ifndef NDEBUG
    TR_TRY(tr_plan_check(*out, err));
#endif
    return TRAWL_OK;
}

static trawl_status compile_piece(tr_analyzer *a, const kql_piece *piece, bool *stop,
                                  trawl_error *err) {
    if (!piece->command) {
        for (uint32_t i = 0; i < piece->root->child_count; i++)
            TR_TRY(tr_statement(a, piece->root->children[i], err));
        return TRAWL_OK;
    }
    if (tr_command_looks(piece->command))
        return show(a, piece, err);
    *stop = true;
    if (piece->root ||
        piece->inner) { /* only for its errors: it is compiled again when the command runs */
        const tr_plan *plan;
        TR_TRY(command_query(a, piece, &plan, err));
    }
    return tr_add_command(a, piece->command, err);
}

trawl_status tr_kql_text_compile(tr_arena *query, const tr_kql_request *request,
                                 const tr_kql_text *text, uint32_t from, tr_kql_program *out,
                                 uint32_t *next, trawl_error *err) {
    tr_analyzer *a;
    bool stop = false;
    uint32_t k = 0;
    TR_TRY(start(query, request, &a, err));
    a->results = (tr_kql_result *)(uintptr_t)out->results;
    a->result_count = a->result_capacity = out->result_count;
    TR_TRY(check_given(a, text, err));
    for (; k < from; k++)
        if (!text->pieces[k].command)
            TR_TRY(declarations(a, text->pieces[k].root, text->pieces[k].root->child_count, err));
    for (; k < text->piece_count && !stop; k++) {
        a->piece = k;
        TR_TRY(compile_piece(a, &text->pieces[k], &stop, err));
    }
    if (a->result_count == 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, text->pieces[0].root->span, "SEM0002",
                          "the text holds no query: nothing would be shown");
    *next = k;
    *out = (tr_kql_program){a->result_count, a->results, a->set_count, a->sets};
    return TRAWL_OK;
}

trawl_status tr_kql_text_query(tr_arena *query, const tr_kql_request *request,
                               const tr_kql_text *text, uint32_t piece, const tr_plan **out,
                               trawl_error *err) {
    tr_analyzer *a;
    TR_TRY(start(query, request, &a, err));
    for (uint32_t k = 0; k < piece; k++)
        if (!text->pieces[k].command)
            TR_TRY(declarations(a, text->pieces[k].root, text->pieces[k].root->child_count, err));
    return command_query(a, &text->pieces[piece], out, err);
}

trawl_status tr_kql_text_inner(tr_arena *query, const tr_kql_request *request,
                               const tr_kql_text *text, uint32_t piece, tr_str bytes,
                               const tr_plan **out, trawl_error *err) {
    const tr_kql_text *inner;
    tr_analyzer *a;
    bool stop = false;
    TR_TRY(tr_kql_text_open(query, bytes.ptr, bytes.len, &inner, err));
    TR_TRY(start(query, request, &a, err));
    for (uint32_t k = 0; k < piece; k++)
        if (!text->pieces[k].command)
            TR_TRY(declarations(a, text->pieces[k].root, text->pieces[k].root->child_count, err));
    for (uint32_t k = 0; k < inner->piece_count && !stop; k++)
        TR_TRY(compile_piece(a, &inner->pieces[k], &stop, err));
    if (stop || a->result_count != 1)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, (tr_span){0, bytes.len}, "SEM0002",
                          "this must be one query");
    *out = a->results[0].plan;
    return TRAWL_OK;
}

trawl_status tr_kql_compile(tr_arena *query, const tr_kql_request *request, const char *text,
                            size_t bytes, tr_kql_program *out, trawl_error *err) {
    const tr_kql_text *opened;
    uint32_t next;
    *out = (tr_kql_program){0};
    TR_TRY(tr_kql_text_open(query, text, bytes, &opened, err));
    return tr_kql_text_compile(query, request, opened, 0, out, &next, err);
}
