/* runtime/api/sheet.c: small tables made by hand. */
#include "runtime/api/sheet.h"

#include "runtime/data/dynamic.h"

static bool fail(tr_sheet *s) {
    s->status = TRAWL_E_MEMORY;
    return false;
}

/* "Name:type, ..." into fields that point into the text, which is a constant. */
static uint32_t read_columns(const char *columns, tr_field *fields) {
    uint32_t count = 0;
    for (const char *at = columns; *at; count++) {
        size_t name = strcspn(at, ":"), type = strcspn(at + name + 1, ",");
        if (fields)
            fields[count] =
                (tr_field){tr_str_of(at, name), tr_type_of_name(tr_str_of(at + name + 1, type))};
        TR_ASSERT(!fields || fields[count].type != TR_NONE);
        at += name + 1 + type;
        while (*at == ',' || *at == ' ')
            at++;
    }
    return count;
}

void tr_sheet_start(tr_sheet *s, tr_arena *arena, const char *columns) {
    uint32_t count = read_columns(columns, NULL);
    tr_field *fields = TR_NEW_N(arena, tr_field, count + 1);
    *s = (tr_sheet){.arena = arena, .cells = TR_NEW_N(arena, tr_value, count + 1)};
    if (!fields || !s->cells) {
        fail(s);
        return;
    }
    read_columns(columns, fields);
    tr_rows_start(&s->rows, (tr_schema){count, fields});
}

static void put(tr_sheet *s, tr_value value) {
    if (s->status != TRAWL_OK)
        return;
    TR_ASSERT(value.type == s->rows.schema.fields[s->cell].type);
    s->cells[s->cell++] = value;
    if (s->cell < s->rows.schema.count)
        return;
    s->cell = 0;
    if (tr_rows_append_values(&s->rows, s->arena, s->cells, NULL) != TRAWL_OK)
        fail(s);
}

static tr_type type_now(const tr_sheet *s) {
    return s->rows.schema.fields[s->cell].type;
}

void tr_sheet_text(tr_sheet *s, tr_str text) {
    char *copy = s->status == TRAWL_OK ? tr_arena_text(s->arena, text.ptr, text.len) : NULL;
    if (!copy) {
        fail(s);
        return;
    }
    put(s, (tr_value){.type = TR_STRING, .as.str = tr_str_make(copy, text.len)});
}

void tr_sheet_c(tr_sheet *s, const char *text) {
    tr_sheet_text(s, tr_str_c(text));
}

void tr_sheet_buf(tr_sheet *s, tr_buf *text) {
    if (text->failed)
        fail(s);
    else
        tr_sheet_text(s, tr_buf_str(text));
}

void tr_sheet_number(tr_sheet *s, int64_t number) {
    if (s->status != TRAWL_OK)
        return;
    tr_value value = {.type = type_now(s)};
    if (value.type == TR_REAL)
        value.as.real = (double)number;
    else if (value.type == TR_BOOL)
        value.as.boolean = number != 0;
    else
        value.as.i64 = number;
    put(s, value);
}

void tr_sheet_real(tr_sheet *s, double number) {
    put(s, (tr_value){.type = TR_REAL, .as.real = number});
}

void tr_sheet_guid(tr_sheet *s, tr_guid guid) {
    put(s, (tr_value){.type = TR_GUID, .as.guid = guid});
}

void tr_sheet_json(tr_sheet *s, tr_str json) {
    tr_dyn_builder b;
    tr_value value = {.type = TR_DYNAMIC};
    if (s->status != TRAWL_OK)
        return;
    tr_dyn_start(&b, s->arena);
    if (!tr_dyn_parse_json(&b, json.ptr, json.len, NULL))
        tr_dyn_put_string(&b, json);
    if (tr_dyn_finish(&b, &value.as.str, NULL) != TRAWL_OK)
        fail(s);
    else
        put(s, value);
}

void tr_sheet_null(tr_sheet *s) {
    if (s->status == TRAWL_OK)
        put(s, tr_value_null(type_now(s)));
}

void tr_sheet_nulls(tr_sheet *s, uint32_t count) {
    while (count--)
        tr_sheet_null(s);
}

trawl_status tr_sheet_finish(tr_sheet *s, tr_rows *out, trawl_error *err) {
    if (s->status != TRAWL_OK)
        return tr_fail_memory(err);
    TR_ASSERT(s->cell == 0);
    *out = s->rows;
    return TRAWL_OK;
}
