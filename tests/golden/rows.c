/* tests/golden/rows.c: results as cells of text: out of Arrow, compared by type, written back.
 * Knows nothing of test files but how a cell is spelt. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/decimal.h"
#include "runtime/data/text.h"
#include "tests/golden/golden.h"

/* ---- Arrow -> cells ---- */

/* The value of "trawl.type" in a field's metadata. */
static tr_type type_of_metadata(const char *metadata) {
    static const char wanted[] = "trawl.type";
    if (!metadata)
        return TR_NONE;
    int32_t count, n;
    memcpy(&count, metadata, 4);
    const char *at = metadata + 4;
    for (int32_t i = 0; i < count; i++) {
        memcpy(&n, at, 4);
        bool found = (size_t)n == sizeof wanted - 1 && memcmp(at + 4, wanted, (size_t)n) == 0;
        at += 4 + n;
        memcpy(&n, at, 4);
        if (found)
            return tr_type_of_name(tr_str_of(at + 4, (size_t)n));
        at += 4 + n;
    }
    return TR_NONE;
}

bool rows_add_schema(rows *r, const struct ArrowSchema *schema) {
    r->column_count = (uint32_t)schema->n_children;
    r->columns = hold(sizeof(column) * r->column_count);
    for (uint32_t i = 0; i < r->column_count; i++) {
        const struct ArrowSchema *child = schema->children[i];
        r->columns[i].name = hold_text(child->name, strlen(child->name));
        r->columns[i].type = type_of_metadata(child->metadata);
        if (r->columns[i].type == TR_NONE)
            return false;
    }
    return true;
}

static char *print_datetime(int64_t ticks) {
    char out[64];
    tr_civil c;
    tr_civil_of_ticks(ticks, &c);
    int n = snprintf(out, sizeof out, "%04d-%02u-%02uT%02u:%02u:%02u.%07uZ", c.year, c.month, c.day,
                     c.hour, c.minute, c.second, c.tick);
    return hold_text(out, (size_t)n);
}

static char *print_timespan(int64_t ticks) {
    char out[64], days[32] = "", fraction[16] = "";
    uint64_t t = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    uint64_t second = t / TR_TICKS_SECOND, day = second / 86400;
    if (day)
        snprintf(days, sizeof days, "%llu.", (unsigned long long)day);
    if (t % TR_TICKS_SECOND)
        snprintf(fraction, sizeof fraction, ".%07u", (unsigned)(t % TR_TICKS_SECOND));
    int n = snprintf(out, sizeof out, "%s%s%02u:%02u:%02u%s", ticks < 0 ? "-" : "", days,
                     (unsigned)(second / 3600 % 24), (unsigned)(second / 60 % 60),
                     (unsigned)(second % 60), fraction);
    return hold_text(out, (size_t)n);
}

/* The shortest decimal form that reads back the same. */
static char *print_real(double v) {
    char out[64];
    if (isnan(v))
        return hold_text("NaN", 3);
    if (isinf(v))
        return v < 0 ? hold_text("-Infinity", 9) : hold_text("Infinity", 8);
    for (int digits = 1; digits <= 17; digits++) {
        int n = snprintf(out, sizeof out, "%.*g", digits, v);
        if (strtod(out, NULL) == v)
            return hold_text(out, (size_t)n);
    }
    return hold_text(out, strlen(out));
}

static char *print_long(int64_t v) {
    char out[32];
    int n = snprintf(out, sizeof out, "%lld", (long long)v);
    return hold_text(out, (size_t)n);
}

static bool bit_at(const void *bits, int64_t i) {
    return ((const uint8_t *)bits)[i / 8] >> (i % 8) & 1;
}

static char *print_cell(tr_type type, const struct ArrowArray *array, int64_t row) {
    int64_t i = row + array->offset;
    if (array->buffers[0] && !bit_at(array->buffers[0], i))
        return NULL;
    const void *values = array->buffers[1];
    switch (type) {
    case TR_BOOL: return bit_at(values, i) ? hold_text("true", 4) : hold_text("false", 5);
    case TR_INT: return print_long(((const int32_t *)values)[i]);
    case TR_LONG: return print_long(((const int64_t *)values)[i]);
    case TR_REAL: return print_real(((const double *)values)[i]);
    case TR_DATETIME: return print_datetime(((const int64_t *)values)[i]);
    case TR_TIMESPAN: return print_timespan(((const int64_t *)values)[i]);
    default: {
        const int32_t *offsets = values;
        const char *bytes = array->buffers[2];
        return hold_text(bytes ? bytes + offsets[i] : "", (size_t)(offsets[i + 1] - offsets[i]));
    }
    }
}

bool rows_add_batch(rows *r, const struct ArrowArray *batch) {
    if (batch->n_children != r->column_count || batch->length < 0)
        return false;
    uint32_t n = (uint32_t)batch->length;
    if (r->row_count + n > r->row_capacity) {
        r->row_capacity = (r->row_count + n) * 2;
        char **cells = hold(sizeof(char *) * r->row_capacity * r->column_count);
        if (r->row_count)
            memcpy(cells, r->cells, sizeof(char *) * r->row_count * r->column_count);
        r->cells = cells;
    }
    for (uint32_t c = 0; c < r->column_count; c++) {
        if (batch->children[c]->length != batch->length)
            return false;
        for (uint32_t i = 0; i < n; i++)
            r->cells[(size_t)(r->row_count + i) * r->column_count + c] =
                print_cell(r->columns[c].type, batch->children[c], batch->offset + i);
    }
    r->row_count += n;
    return true;
}

/* ---- comparing ---- */

static bool real_same(double a, double b) {
    if (isnan(a) || isnan(b) || isinf(a) || isinf(b))
        return (isnan(a) && isnan(b)) || a == b;
    return fabs(a - b) <= 1e-12 * fmax(1.0, fmax(fabs(a), fabs(b)));
}

/* JSON, token by token: blanks between tokens do not count, numbers compare as reals. */
static bool json_same(const char *a, const char *b) {
    bool quoted = false;
    while (*a || *b) {
        if (!quoted) {
            while (*a == ' ' || *a == '\n')
                a++;
            while (*b == ' ' || *b == '\n')
                b++;
            if (((*a >= '0' && *a <= '9') || *a == '-') &&
                ((*b >= '0' && *b <= '9') || *b == '-')) {
                char *a_end, *b_end;
                if (!real_same(strtod(a, &a_end), strtod(b, &b_end)))
                    return false;
                a = a_end == a ? a + 1 : a_end;
                b = b_end == b ? b + 1 : b_end;
                continue;
            }
        }
        if (*a != *b)
            return false;
        if (*a == '"')
            quoted = !quoted;
        else if (quoted && *a == '\\') {
            if (a[1] != b[1])
                return false;
            a++, b++;
        }
        if (*a)
            a++, b++;
    }
    return true;
}

static bool cell_same(tr_type type, const char *a, const char *b) {
    if (!a || !b)
        return a == b;
    if (strcmp(a, b) == 0)
        return true;
    size_t n = strlen(a), m = strlen(b);
    int64_t i, j;
    double x, y;
    bool p, q;
    tr_guid g, h;
    tr_decimal d, e;
    switch (type) {
    case TR_BOOL: return tr_parse_bool(a, n, &p) && tr_parse_bool(b, m, &q) && p == q;
    case TR_INT:
    case TR_LONG: return tr_parse_long(a, n, &i) && tr_parse_long(b, m, &j) && i == j;
    case TR_REAL: return tr_parse_real(a, n, &x) && tr_parse_real(b, m, &y) && real_same(x, y);
    case TR_DECIMAL:
        return tr_parse_decimal(a, n, &d) && tr_parse_decimal(b, m, &e) &&
               tr_decimal_compare(d, e) == 0;
    case TR_DATETIME: return tr_parse_datetime(a, n, &i) && tr_parse_datetime(b, m, &j) && i == j;
    case TR_TIMESPAN: return tr_parse_timespan(a, n, &i) && tr_parse_timespan(b, m, &j) && i == j;
    case TR_GUID:
        return tr_parse_guid(a, n, &g) && tr_parse_guid(b, m, &h) && memcmp(&g, &h, sizeof g) == 0;
    case TR_DYNAMIC: return json_same(a, b);
    default: return false;
    }
}

static bool row_same(const rows *want, char *const *a, char *const *b) {
    for (uint32_t c = 0; c < want->column_count; c++)
        if (!cell_same(want->columns[c].type, a[c], b[c]))
            return false;
    return true;
}

static char *differ(const char *what, uint32_t row, const rows *want, const rows *got) {
    text t = {NULL, 0, 0};
    text_printf(&t, "%s %u\n  wanted:\n", what, row);
    rows_print(&t, want);
    text_add(&t, "  got:\n");
    rows_print(&t, got);
    char *held = hold_text(t.bytes, t.n);
    text_free(&t);
    return held;
}

char *rows_differ(const rows *want, const rows *got, bool ordered) {
    if (want->column_count != got->column_count)
        return differ("columns:", got->column_count, want, got);
    for (uint32_t c = 0; c < want->column_count; c++)
        if (strcmp(want->columns[c].name, got->columns[c].name) != 0 ||
            want->columns[c].type != got->columns[c].type)
            return differ("column", c + 1, want, got);
    if (want->row_count != got->row_count)
        return differ("rows:", got->row_count, want, got);
    bool *used = hold(want->row_count);
    for (uint32_t i = 0; i < want->row_count; i++) {
        char **row = want->cells + (size_t)i * want->column_count;
        uint32_t j = i, stop = i + 1;
        if (!ordered)
            j = 0, stop = got->row_count;
        while (j < stop &&
               (used[j] || !row_same(want, row, got->cells + (size_t)j * want->column_count)))
            j++;
        if (j == stop)
            return differ("row", i + 1, want, got);
        used[j] = true;
    }
    return NULL;
}

/* ---- writing ---- */

static void print_escaped(text *out, tr_type type, const char *cell, bool one_column) {
    size_t n = strlen(cell);
    for (size_t i = 0; i < n; i++) {
        char c = cell[i];
        char found = type == TR_STRING ? escape_of("\nn\tt\rr\\\\", c) : 0;
        if (c == '|' && !one_column)
            text_add(out, "\\|");
        else if (found)
            text_printf(out, "\\%c", found);
        else if (c == ' ' && type == TR_STRING && (i == 0 || i + 1 == n))
            text_add(out, "\\s");
        else
            text_put(out, &c, 1);
    }
}

void rows_print(text *out, const rows *r) {
    for (uint32_t c = 0; c < r->column_count; c++)
        text_printf(out, "%s%s:%s", c ? " | " : "", r->columns[c].name,
                    tr_type_name(r->columns[c].type));
    text_add(out, "\n");
    for (uint32_t i = 0; i < r->row_count; i++) {
        for (uint32_t c = 0; c < r->column_count; c++) {
            const char *cell = r->cells[(size_t)i * r->column_count + c];
            if (c)
                text_add(out, cell && *cell ? " | " : " |");
            if (cell)
                print_escaped(out, r->columns[c].type, cell, r->column_count == 1);
        }
        text_add(out, "\n");
    }
}

static void put_literal(text *out, tr_type type, const char *cell) {
    if (!cell) {
        text_printf(out, "%s(null)", tr_type_name(type));
    } else if (type == TR_STRING) {
        text_add(out, "\"");
        for (; *cell; cell++) {
            char found = escape_of("\nn\tt\rr\\\\\"\"", *cell);
            if (found)
                text_printf(out, "\\%c", found);
            else
                text_put(out, cell, 1);
        }
        text_add(out, "\"");
    } else {
        text_printf(out, "%s(%s)", tr_type_name(type), cell);
    }
}

void rows_as_let(text *out, const char *name, const rows *r) {
    text_printf(out, "let %s = datatable(", name);
    for (uint32_t c = 0; c < r->column_count; c++)
        text_printf(out, "%s['%s']: %s", c ? ", " : "", r->columns[c].name,
                    tr_type_name(r->columns[c].type));
    text_add(out, ") [");
    for (size_t i = 0; i < (size_t)r->row_count * r->column_count; i++) {
        text_add(out, i ? ", " : "");
        put_literal(out, r->columns[i % r->column_count].type, r->cells[i]);
    }
    text_add(out, "]; ");
}
