/* cli/format_json.c: json (one line a result) and jsonl (one object a row), in Kusto's encodings.
 * Knows nothing of terminals. */
#include "cli/format.h"
#include "cli/utf8.h"

static bool is_plain(const char *text, size_t bytes) {
    uint32_t special = 0;
    for (size_t i = 0; i < bytes; i++) {
        uint8_t c = (uint8_t)text[i];
        special |= (c < 0x20) | (c == '"') | (c == '\\') | (c >= 0x7f);
    }
    return !special;
}

static void put_escape(cli_output *out, uint8_t c) {
    static const char letters[] = "\"\\\b\f\n\r\t", escapes[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *known = memchr(letters, c, sizeof letters - 1);
    if (known) {
        char text[2] = {'\\', escapes[known - letters]};
        cli_put(out, text, 2);
    } else {
        char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        cli_put(out, text, 6);
    }
}

static void put_escaped(cli_output *out, const char *text, size_t bytes) {
    const char *end = text + bytes, *run = text;
    while (text < end) {
        uint8_t c = (uint8_t)*text;
        const char *here = text;
        uint32_t code = cli_utf8_next(&text, end);
        bool invalid = code == 0xfffd && text == here + 1;
        if (!invalid && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        cli_put(out, run, (size_t)(here - run));
        run = text;
        if (invalid)
            cli_put(out, "\xef\xbf\xbd", 3);
        else
            put_escape(out, c);
    }
    cli_put(out, run, (size_t)(end - run));
}

void cli_put_json_string(cli_output *out, const char *text, size_t bytes) {
    cli_put_char(out, '"');
    if (is_plain(text, bytes))
        cli_put(out, text, bytes);
    else
        put_escaped(out, text, bytes);
    cli_put_char(out, '"');
}

/* A real is a JSON number with a point or exponent, so that readers keep its type. */
static char *write_real(char *at, double v) {
    bool special = v - v != 0;
    if (special)
        *at++ = '"';
    char *end = cli_write_real(at, v);
    if (special)
        *end++ = '"';
    else if (!memchr(at, '.', (size_t)(end - at)) && !memchr(at, 'E', (size_t)(end - at))) {
        memcpy(end, ".0", 2);
        end += 2;
    }
    return end;
}

static void put_cell(cli_output *out, const cli_column *c, int64_t row) {
    if (cli_is_null(c, row)) {
        cli_put(out, "null", 4);
        return;
    }
    if (c->type == CLI_DYNAMIC) {
        cli_put_str(out, cli_text_at(c, row));
    } else if (cli_type_is_text(c->type)) {
        tr_str text = cli_text_at(c, row);
        cli_put_json_string(out, text.ptr, text.len);
    } else if (c->type == CLI_REAL) {
        cli_wrote(out, write_real(cli_room(out, CLI_VALUE_BYTES + 4), cli_real_at(c, row)));
    } else if (c->type == CLI_DATETIME || c->type == CLI_TIMESPAN) {
        char *at = cli_room(out, CLI_VALUE_BYTES + 2);
        *at = '"';
        at = cli_write_fixed(at + 1, c, row);
        *at++ = '"';
        cli_wrote(out, at);
    } else {
        cli_wrote(out, cli_write_fixed(cli_room(out, CLI_VALUE_BYTES), c, row));
    }
}

typedef struct json_state {
    bool any_row;
} json_state;

static trawl_status json_begin(cli_sink *sink, trawl_error *err) {
    const cli_rows *rows = sink->rows;
    cli_output *out = sink->out;
    sink->state = TR_NEW(sink->arena, json_state);
    if (!sink->state)
        return tr_fail_memory(err);
    cli_put_text(out, "{\"name\":");
    cli_put_json_string(out, rows->name, strlen(rows->name));
    cli_put_text(out, ",\"columns\":[");
    for (uint32_t i = 0; i < rows->column_count; i++) {
        const cli_column *c = &rows->columns[i];
        cli_put_text(out, i ? ",{\"name\":" : "{\"name\":");
        cli_put_json_string(out, c->name, strlen(c->name));
        cli_put_text(out, ",\"type\":\"");
        cli_put_text(out, cli_type_name(c->type));
        cli_put_text(out, "\"}");
    }
    cli_put_text(out, "],\"rows\":[");
    return TRAWL_OK;
}

static trawl_status json_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    (void)err;
    json_state *state = sink->state;
    const cli_rows *rows = sink->rows;
    cli_output *out = sink->out;
    for (int64_t row = 0; row < n; row++) {
        cli_put_text(out, state->any_row ? ",[" : "[");
        state->any_row = true;
        for (uint32_t i = 0; i < rows->column_count; i++) {
            if (i)
                cli_put_char(out, ',');
            put_cell(out, &rows->columns[i], row);
        }
        cli_put_char(out, ']');
    }
    return TRAWL_OK;
}

static trawl_status json_end(cli_sink *sink, trawl_error *err) {
    (void)err;
    cli_put_text(sink->out, "]}\n");
    return TRAWL_OK;
}

static trawl_status jsonl_begin(cli_sink *sink, trawl_error *err) {
    (void)sink;
    (void)err;
    return TRAWL_OK;
}

static trawl_status jsonl_rows(cli_sink *sink, int64_t n, trawl_error *err) {
    (void)err;
    const cli_rows *rows = sink->rows;
    cli_output *out = sink->out;
    for (int64_t row = 0; row < n; row++) {
        for (uint32_t i = 0; i < rows->column_count; i++) {
            const cli_column *c = &rows->columns[i];
            cli_put_char(out, i ? ',' : '{');
            cli_put_json_string(out, c->name, strlen(c->name));
            cli_put_char(out, ':');
            put_cell(out, c, row);
        }
        cli_put_text(out, rows->column_count ? "}\n" : "{}\n");
    }
    return TRAWL_OK;
}

static trawl_status jsonl_end(cli_sink *sink, trawl_error *err) {
    return jsonl_begin(sink, err);
}

const cli_format cli_format_json = {"json", "json", json_begin, json_rows, json_end};
const cli_format cli_format_jsonl = {"jsonl", "jsonl", jsonl_begin, jsonl_rows, jsonl_end};
