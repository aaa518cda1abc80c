/* runtime/api/source_plan.c: files or text to be ingested -> a plan with the columns of a table.
 *
 * Without a mapping, fields of delimited text are columns by position, keys of JSON by name. With
 * one, the fields that it names are read, and a query made of it turns them into columns. */
#include "runtime/api/command.h"

#include "runtime/data/dynamic.h"
#include "runtime/data/text.h"

/* A field of the source that the mapping wants. */
typedef struct {
    tr_str name;
    tr_type type; /* of the one column made of it; STRING or DYNAMIC when that does not fit */
} field;

typedef struct {
    tr_doing *d;
    const tr_cat_table *table;
    bool is_json;
    tr_span span; /* of the property, for errors */
    field *fields;
    uint32_t field_count, field_room;
    tr_buf *exprs; /* [table columns]: the text of each column, empty: null */
} mapping;

static const char rows_name[] = "$rows";

/* ---- format ---- */

static tr_span span_of(const tr_doing *d, const char *property) {
    const tr_command_pair *pair = tr_command_property(d->command, property);
    return pair ? pair->right.span : d->command->verb_span;
}

static trawl_status read_format(tr_doing *d, bool is_text, tr_format_spec *out, trawl_error *err) {
    tr_str name = tr_property_text(d->command, "format");
    *out = (tr_format_spec){.format = is_text ? TR_FORMAT_CSV : TR_FORMAT_AUTO,
                            .header = TR_HEADER_NO,
                            .by_position = true,
                            .rejects = tr_rejects_taker(d)};
    if (name.len && !tr_format_of_name(name, &out->format))
        return tr_fail_at(err, TRAWL_E_UNSUPPORTED, span_of(d, "format"), "TRW0003",
                          "format '%.*s' does not run yet", (int)name.len, name.ptr);
    if (tr_property_is_true(d->command, "ignoreFirstRecord"))
        out->header = TR_HEADER_YES;
    /* trawl's own: look for a header row, and find columns by the names in it. */
    if (tr_str_is(tr_property_text(d->command, "header"), "auto")) {
        out->header = TR_HEADER_AUTO;
        out->by_position = false;
    }
    return TRAWL_OK;
}

static trawl_status open_source(tr_doing *d, const tr_source *source, const tr_format_spec *spec,
                                const tr_schema *schema, const tr_table **out, trawl_error *err) {
    if (source->file_count)
        return tr_format_table(d->arena, tr_str_c("files"), spec, schema, source->files,
                               source->file_count, out, err);
    return tr_format_memory(d->arena, tr_str_c("rows"), spec, schema, source->text.ptr,
                            source->text.len, out, err);
}

trawl_status tr_source_schema(tr_doing *d, const tr_source *source, tr_schema *out,
                              trawl_error *err) {
    tr_format_spec spec;
    const tr_table *table;
    TR_TRY(read_format(d, source->file_count == 0, &spec, err));
    TR_TRY(open_source(d, source, &spec, NULL, &table, err));
    *out = table->schema;
    return TRAWL_OK;
}

/* ---- reading a mapping ---- */

static bool member(tr_str bag, const char *name, tr_str *out) {
    for (uint32_t i = 0; tr_dyn_kind_of(bag) == TR_DYN_BAG && i < tr_dyn_count(bag); i++)
        if (tr_str_equal_nocase_ascii(tr_dyn_key(bag, i), tr_str_c(name))) {
            *out = tr_dyn_at(bag, i);
            return tr_dyn_kind_of(*out) != TR_DYN_NULL;
        }
    return false;
}

/* The member as text, of the element or of its Properties; "" if it is not there. */
static trawl_status text_of(const mapping *m, tr_str element, const char *name, tr_str *out,
                            trawl_error *err) {
    tr_str value, properties;
    tr_buf text;
    *out = TR_STR_EMPTY;
    if (!(member(element, "Properties", &properties) && member(properties, name, &value)) &&
        !member(element, name, &value))
        return TRAWL_OK;
    tr_buf_start(&text, m->d->arena);
    if (!tr_dyn_to_text(&text, value))
        return tr_fail_memory(err);
    *out = tr_buf_str(&text);
    return TRAWL_OK;
}

static trawl_status bad(const mapping *m, const char *what, tr_str which, trawl_error *err) {
    return tr_fail_at(err, TRAWL_E_SEMANTIC, m->span, "CMD0109", "ingestion mapping: %s '%.*s'",
                      what, (int)which.len, which.ptr);
}

/* The field, made if it is new; used twice with different types it is read as it stands. */
static trawl_status use_field(mapping *m, tr_str name, tr_type type, trawl_error *err) {
    tr_type plain = m->is_json ? TR_DYNAMIC : TR_STRING;
    for (uint32_t i = 0; i < m->field_count; i++)
        if (tr_str_equal(m->fields[i].name, name)) {
            if (m->fields[i].type != type)
                m->fields[i].type = plain;
            return TRAWL_OK;
        }
    if (!TR_ROOM(m->d->arena, m->fields, m->field_count, m->field_room))
        return tr_fail_memory(err);
    m->fields[m->field_count++] = (field){name, type};
    return TRAWL_OK;
}

/* One step of a path from *at on: .name, ['name'], ["name"], [0]. False at the end, or (*good
 * false) where it cannot be read. */
static bool next_step(tr_str path, uint32_t *at, tr_str *key, int64_t *index, bool *is_index,
                      bool *good) {
    uint32_t i = *at;
    *is_index = false;
    *good = i <= path.len;
    if (i >= path.len)
        return false;
    if (path.ptr[i] == '.') {
        uint32_t from = ++i;
        while (i < path.len && path.ptr[i] != '.' && path.ptr[i] != '[')
            i++;
        *key = tr_str_of(path.ptr + from, i - from);
        *good = key->len > 0;
    } else if (path.ptr[i] == '[') {
        const char *close = memchr(path.ptr + i, ']', path.len - i);
        uint32_t end = close ? (uint32_t)(close - path.ptr) : path.len;
        char quote = i + 1 < end ? path.ptr[i + 1] : 0;
        *is_index = quote != '\'' && quote != '"';
        *good = close && (*is_index ? tr_parse_long(path.ptr + i + 1, end - i - 1, index)
                                    : end - i >= 4 && path.ptr[end - 1] == quote);
        if (*good && !*is_index)
            *key = tr_str_of(path.ptr + i + 2, end - i - 3);
        i = end + 1;
    } else {
        *good = false;
    }
    *at = i;
    return *good;
}

static void put_quoted(tr_buf *out, tr_str text) {
    tr_buf_put_char(out, '"');
    for (uint32_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\')
            tr_buf_put_char(out, '\\');
        if (c == '\n' || c == '\r')
            tr_buf_put_text(out, c == '\n' ? "\\n" : "\\r");
        else
            tr_buf_put_char(out, c);
    }
    tr_buf_put_char(out, '"');
}

static void put_field_name(tr_buf *out, tr_str name) {
    tr_buf_put_char(out, '[');
    put_quoted(out, name);
    tr_buf_put_char(out, ']');
}

/* $.a.b[0] -> ["a"]["b"][0]; the first key is the field. */
static trawl_status json_path(mapping *m, tr_str path, tr_type type, tr_buf *out,
                              trawl_error *err) {
    tr_str key = TR_STR_EMPTY;
    int64_t index = 0;
    bool is_index, good;
    uint32_t at = 1, steps = 0;
    tr_str first = TR_STR_EMPTY;
    if (path.len == 0 || path.ptr[0] != '$')
        return bad(m, "a path begins with '$', found", path, err);
    while (next_step(path, &at, &key, &index, &is_index, &good)) {
        if (steps++ == 0) {
            if (is_index)
                return bad(m, "a path begins with a key, found", path, err);
            first = key;
            put_field_name(out, key);
        } else if (is_index) {
            tr_buf_printf(out, "[%lld]", (long long)index);
        } else {
            tr_buf_put_char(out, '[');
            put_quoted(out, key);
            tr_buf_put_char(out, ']');
        }
    }
    if (!good || steps == 0)
        return bad(m, "a path that does not run yet:", path, err);
    return use_field(m, first, steps == 1 ? type : TR_DYNAMIC, err);
}

static trawl_status csv_ordinal(mapping *m, tr_str text, tr_type type, tr_buf *out,
                                trawl_error *err) {
    enum { FIELDS_MAX = 4096 };
    int64_t number;
    if (!tr_parse_long(text.ptr, text.len, &number) || number < 0 || number >= FIELDS_MAX)
        return bad(m, "an Ordinal is a number from 0 on, found", text, err);
    char *name = tr_arena_printf(m->d->arena, "f%lld", (long long)number);
    if (!name)
        return tr_fail_memory(err);
    put_field_name(out, tr_str_c(name));
    return use_field(m, tr_str_c(name), type, err);
}

static trawl_status transformed(mapping *m, tr_str transform, tr_buf *expr, trawl_error *err) {
    static const struct {
        const char *name, *function;
    } all[] = {
        {"DateTimeFromUnixSeconds", "unixtime_seconds_todatetime"},
        {"DateTimeFromUnixMilliseconds", "unixtime_milliseconds_todatetime"},
        {"DateTimeFromUnixMicroseconds", "unixtime_microseconds_todatetime"},
        {"DateTimeFromUnixNanoseconds", "unixtime_nanoseconds_todatetime"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!tr_str_equal_nocase_ascii(transform, tr_str_c(all[i].name)))
            continue;
        tr_buf whole;
        tr_buf_start(&whole, m->d->arena);
        tr_buf_printf(&whole, "%s(tolong(", all[i].function);
        tr_buf_put_str(&whole, tr_buf_str(expr));
        tr_buf_put_text(&whole, "))");
        *expr = whole;
        return TRAWL_OK;
    }
    return tr_fail_at(err, TRAWL_E_UNSUPPORTED, m->span, "CMD0003",
                      "ingestion mapping: transform '%.*s' does not run yet", (int)transform.len,
                      transform.ptr);
}

static trawl_status read_element(mapping *m, tr_str element, trawl_error *err) {
    tr_str column, path, constant, transform;
    uint32_t at = 0;
    TR_TRY(text_of(m, element, "Column", &column, err));
    if (!column.len)
        TR_TRY(text_of(m, element, "Name", &column, err));
    while (at < m->table->column_count && !tr_str_equal(m->table->columns[at].name, column))
        at++;
    if (at == m->table->column_count)
        return bad(m, "the table has no column", column, err);
    TR_TRY(text_of(m, element, m->is_json ? "Path" : "Ordinal", &path, err));
    TR_TRY(text_of(m, element, "ConstValue", &constant, err));
    TR_TRY(text_of(m, element, "Transform", &transform, err));
    if (!transform.len)
        TR_TRY(text_of(m, element, "Transformation", &transform, err));
    bool transforms = transform.len && !tr_str_equal_nocase_ascii(transform, tr_str_c("None"));
    tr_type type = m->table->columns[at].type;
    tr_type read_as = transforms ? (m->is_json ? TR_DYNAMIC : TR_STRING) : type;
    tr_buf *expr = &m->exprs[at];
    tr_buf_start(expr, m->d->arena);
    if (constant.len)
        put_quoted(expr, constant);
    else if (m->is_json)
        TR_TRY(json_path(m, path, read_as, expr, err));
    else
        TR_TRY(csv_ordinal(m, path, read_as, expr, err));
    if (transforms)
        TR_TRY(transformed(m, transform, expr, err));
    return expr->failed ? tr_fail_memory(err) : TRAWL_OK;
}

/* The text of the mapping: given with the command, or by its name. */
static trawl_status mapping_text(tr_doing *d, const tr_cat_table *table, bool is_json, tr_str *out,
                                 tr_span *span, trawl_error *err) {
    const tr_command_pair *given = tr_command_property(d->command, "ingestionMapping");
    const tr_command_pair *name = tr_command_property(d->command, "ingestionMappingReference");
    tr_str kind = tr_str_c(is_json ? "json" : "csv");
    *out = TR_STR_EMPTY;
    if (!given)
        given = tr_command_property(d->command, is_json ? "jsonMapping" : "csvMapping");
    if (!name)
        name = tr_command_property(d->command,
                                   is_json ? "jsonMappingReference" : "csvMappingReference");
    if (given)
        *out = given->right.text;
    *span = given ? given->right.span : name ? name->right.span : (tr_span){0, 0};
    if (given || !name)
        return TRAWL_OK;
    const tr_cat_entry *entry = tr_cat_find_entry(&table->mappings, kind, name->right.text);
    if (!entry)
        entry = tr_cat_find_entry(&d->catalog->mappings, kind, name->right.text);
    if (!entry)
        return tr_no_entity(d, &name->right, "IngestionMapping", err);
    *out = entry->text;
    return TRAWL_OK;
}

static trawl_status read_mapping(mapping *m, tr_str text, trawl_error *err) {
    tr_dyn_builder b;
    tr_str list;
    tr_dyn_start(&b, m->d->arena);
    if (!tr_dyn_parse_json(&b, text.ptr, text.len, NULL))
        return bad(m, "this is no JSON:", text, err);
    TR_TRY(tr_dyn_finish(&b, &list, err));
    if (tr_dyn_kind_of(list) != TR_DYN_ARRAY || tr_dyn_count(list) == 0)
        return bad(m, "this is no array of objects:", text, err);
    m->exprs = TR_NEW_N(m->d->arena, tr_buf, m->table->column_count + 1);
    if (!m->exprs)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < tr_dyn_count(list); i++)
        TR_TRY(read_element(m, tr_dyn_at(list, i), err));
    return TRAWL_OK;
}

/* ---- the plan ---- */

/* Fields by position: f0, f1, ... up to the last that is wanted. */
static trawl_status source_schema(const mapping *m, tr_schema *out, trawl_error *err) {
    int64_t count = m->is_json ? m->field_count : 0, number;
    for (uint32_t i = 0; !m->is_json && i < m->field_count; i++)
        if (tr_parse_long(m->fields[i].name.ptr + 1, m->fields[i].name.len - 1, &number) &&
            number >= count)
            count = number + 1;
    tr_field *fields = TR_NEW_N(m->d->arena, tr_field, (size_t)count + 1);
    if (!fields)
        return tr_fail_memory(err);
    for (int64_t i = 0; i < count; i++) {
        char *name = tr_arena_printf(m->d->arena, "f%lld", (long long)i);
        if (!name)
            return tr_fail_memory(err);
        fields[i] = (tr_field){tr_str_c(name), TR_STRING};
    }
    for (uint32_t i = 0; i < m->field_count; i++) {
        number = i;
        if (!m->is_json)
            tr_parse_long(m->fields[i].name.ptr + 1, m->fields[i].name.len - 1, &number);
        fields[number] = (tr_field){m->fields[i].name, m->fields[i].type};
    }
    *out = (tr_schema){(uint32_t)count, fields};
    return TRAWL_OK;
}

/* ["$rows"] | project ["a"] = tolong(...), ["b"] = string(null), ... */
static trawl_status project_text(const mapping *m, tr_str *out, trawl_error *err) {
    tr_buf text;
    tr_buf_start(&text, m->d->arena);
    tr_buf_printf(&text, "['%s'] | project ", rows_name);
    for (uint32_t c = 0; c < m->table->column_count; c++) {
        const tr_cat_column *column = &m->table->columns[c];
        const char *type = tr_type_name(column->type);
        tr_buf_put_text(&text, c ? ", " : "");
        put_field_name(&text, column->name);
        tr_buf_put_text(&text, " = ");
        if (m->exprs[c].n == 0) {
            tr_buf_printf(&text, column->type == TR_STRING ? "\"\"" : "%s(null)", type);
            continue;
        }
        tr_buf_printf(&text, "to%s(", type);
        tr_buf_put_str(&text, tr_buf_str(&m->exprs[c]));
        tr_buf_put_char(&text, ')');
    }
    if (text.failed)
        return tr_fail_memory(err);
    *out = tr_buf_str(&text);
    return TRAWL_OK;
}

static trawl_status scan(tr_doing *d, const tr_table *table, const tr_plan **out,
                         trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    return tr_plan_scan(&ctx, table, (tr_span){0, 0}, out, err);
}

trawl_status tr_source_plan(tr_doing *d, const tr_source *source, const tr_cat_table *table,
                            const tr_plan **out, trawl_error *err) {
    tr_format_spec spec;
    tr_str text, query;
    tr_schema schema;
    const tr_table *rows;
    mapping m = {.d = d, .table = table};
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    TR_TRY(read_format(d, source->file_count == 0, &spec, err));
    m.is_json = spec.format == TR_FORMAT_JSON;
    TR_TRY(mapping_text(d, table, m.is_json, &text, &m.span, err));
    if (text.len == 0) {
        TR_TRY(tr_schema_of_table(d, table, &schema, err));
        TR_TRY(open_source(d, source, &spec, &schema, &rows, err));
        TR_TRY(scan(d, rows, out, err));
        return tr_plan_rewrite(&ctx, *out, out, err);
    }
    if (spec.format == TR_FORMAT_AUTO || spec.format == TR_FORMAT_TEXT)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, m.span, "CMD0109",
                          "an ingestion mapping needs a format: csv, tsv, psv, scsv or json");
    TR_TRY(read_mapping(&m, text, err));
    TR_TRY(source_schema(&m, &schema, err));
    TR_TRY(project_text(&m, &query, err));
    TR_TRY(open_source(d, source, &spec, &schema, &rows, err));
    tr_kql_given given = {.name = tr_str_c(rows_name)};
    TR_TRY(scan(d, rows, &given.plan, err));
    trawl_status status = tr_doing_compile(d, query, 1, &given, out, err);
    if (status != TRAWL_OK && err) {
        err->span_offset = m.span.offset;
        err->span_bytes = m.span.bytes;
    }
    return status;
}
