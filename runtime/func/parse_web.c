/* runtime/func/parse_web.c: URLs and their query parameters taken apart. */
#include "runtime/func/cells.h"
#include "runtime/func/domains.h"
#include "runtime/func/encode.h"

static void put_text(tr_dyn_builder *b, const char *key, const char *from, const char *to) {
    tr_dyn_put_key(b, tr_str_c(key));
    tr_dyn_put_string(b, from < to ? tr_str_make(from, (uint32_t)(to - from)) : tr_empty());
}

/* Escapes undone; the text itself where there are none. */
static bool decoded(tr_arena *scratch, const char *from, const char *to, tr_str *out) {
    tr_buf buf;
    tr_buf_start(&buf, scratch);
    if (from < to && !tr_url_decode(&buf, tr_str_make(from, (uint32_t)(to - from)), true))
        return false;
    *out = tr_buf_cell(&buf);
    return true;
}

static const char *find_byte(const char *from, const char *to, char c) {
    const char *at = from < to ? memchr(from, c, (size_t)(to - from)) : NULL;
    return at ? at : to;
}

/* key=value& ... as a bag. */
static bool put_parameters(tr_dyn_builder *b, tr_arena *scratch, const char *from, const char *to) {
    tr_dyn_put_key(b, tr_str_c("Query Parameters"));
    tr_dyn_open_bag(b);
    while (from < to) {
        const char *end = find_byte(from, to, '&');
        const char *equals = find_byte(from, end, '=');
        tr_str key;
        tr_str value;
        if (!decoded(scratch, from, equals, &key) ||
            !decoded(scratch, equals < end ? equals + 1 : end, end, &value))
            return false;
        if (key.len || value.len) {
            tr_dyn_put_key(b, key);
            tr_dyn_put_string(b, value);
        }
        from = end + 1;
    }
    tr_dyn_close(b);
    return true;
}

/* user:password@host:port */
static void put_authority(tr_dyn_builder *b, const char *from, const char *to, const char **user,
                          const char **user_end) {
    const char *host = from;
    for (const char *at = from; at < to; at++)
        if (*at == '@')
            host = at + 1;
    *user = from;
    *user_end = host > from ? host - 1 : from;
    const char *port = to;
    for (const char *at = host; at < to && (*host != '[' || *at != ']'); at++)
        if (*at == ':' && *host != '[')
            port = at;
    if (host < to && *host == '[') {
        const char *close = find_byte(host, to, ']');
        port = close < to && close + 1 < to && close[1] == ':' ? close + 1 : to;
    }
    put_text(b, "Host", host, port);
    put_text(b, "Port", port < to ? port + 1 : to, to);
}

static bool put_url(tr_dyn_builder *b, tr_arena *scratch, tr_str url) {
    const char *at = url.ptr;
    const char *end = url.ptr + url.len;
    const char *fragment = find_byte(at, end, '#');
    const char *query = find_byte(at, fragment, '?');
    const char *scheme = memmem(at, (size_t)(query - at), "://", 3);
    const char *user = at;
    const char *user_end = at;
    tr_dyn_open_bag(b);
    put_text(b, "Scheme", at, scheme ? scheme : at);
    const char *authority = scheme ? scheme + 3 : at;
    const char *path = scheme ? find_byte(authority, query, '/') : at;
    put_authority(b, authority, scheme ? path : authority, &user, &user_end);
    path += scheme && path < query; /* the slash belongs to neither side */
    put_text(b, "Path", path, query);
    const char *colon = find_byte(user, user_end, ':');
    put_text(b, "Username", user, colon);
    put_text(b, "Password", colon < user_end ? colon + 1 : user_end, user_end);
    if (!put_parameters(b, scratch, query < fragment ? query + 1 : fragment, fragment))
        return false;
    put_text(b, "Fragment", fragment < end ? fragment + 1 : end, end);
    tr_dyn_close(b);
    return true;
}

static bool put_query(tr_dyn_builder *b, tr_arena *scratch, tr_str query) {
    const char *at = query.ptr;
    const char *end = query.ptr + query.len;
    const char *mark = find_byte(at, end, '?');
    tr_dyn_open_bag(b);
    if (!put_parameters(b, scratch, mark < end ? mark + 1 : at, end))
        return false;
    tr_dyn_close(b);
    return true;
}

static trawl_status web_rows(tr_call *call, bool (*put)(tr_dyn_builder *, tr_arena *, tr_str),
                             trawl_error *err) {
    tr_dyn_builder *b = TR_NEW(call->scratch, tr_dyn_builder);
    if (!b)
        return tr_fail_memory(err);
    tr_dyn_start(b, call->scratch);
    for (uint32_t i = 0; i < call->n; i++) {
        if (!put(b, call->scratch, tr_text_at(&call->args[0], i)))
            return tr_fail_memory(err);
        TR_TRY(tr_call_dyn(call, i, b, err));
    }
    return TRAWL_OK;
}

static trawl_status parse_url_eval(tr_call *call, trawl_error *err) {
    return web_rows(call, put_url, err);
}

static trawl_status parse_urlquery_eval(tr_call *call, trawl_error *err) {
    return web_rows(call, put_query, err);
}

const tr_func tr_funcs_parse_web[] = {
    {.name = "parse_url",
     .args = "s",
     .result = 'y',
     .eval = parse_url_eval,
     .summary = "The parts of a URL.",
     .example = "print url = parse_url(\"https://user@host:1234/a/path?k1=v1&k2=v2#fragment\")"},
    {.name = "parseurl",
     .args = "s",
     .result = 'y',
     .flags = TR_FUNC_HIDDEN,
     .eval = parse_url_eval,
     .summary = "The parts of a URL."},
    {.name = "parse_urlquery",
     .args = "s",
     .result = 'y',
     .eval = parse_urlquery_eval,
     .summary = "The parameters of a URL's query.",
     .example = "print query = parse_urlquery(\"k1=v1&k2=v2&k3=v3\")"},
    {.name = "parseurlquery",
     .args = "s",
     .result = 'y',
     .flags = TR_FUNC_HIDDEN,
     .eval = parse_urlquery_eval,
     .summary = "The parameters of a URL's query."},
    {.name = NULL},
};
