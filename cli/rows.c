/* cli/rows.c: reads Arrow schemas and arrays as trawl.h promises them. Knows nothing of formats. */
#include "cli/rows.h"

static const struct {
    const char *name;
    char format; /* of the Arrow array */
} types[CLI_TYPE_COUNT] = {
    [CLI_BOOL] = {"bool", 'b'},         [CLI_INT] = {"int", 'i'},
    [CLI_LONG] = {"long", 'l'},         [CLI_REAL] = {"real", 'g'},
    [CLI_DECIMAL] = {"decimal", 'u'},   [CLI_DATETIME] = {"datetime", 'l'},
    [CLI_TIMESPAN] = {"timespan", 'l'}, [CLI_STRING] = {"string", 'u'},
    [CLI_GUID] = {"guid", 'u'},         [CLI_DYNAMIC] = {"dynamic", 'u'},
};

const char *cli_type_name(cli_type type) {
    return types[type].name;
}

/* Arrow metadata: int32 count, then int32 bytes and text of each key and value. */
static tr_str metadata_value(const char *metadata, const char *key) {
    int32_t count = 0;
    if (metadata) {
        memcpy(&count, metadata, sizeof count);
        metadata += sizeof count;
    }
    for (int32_t i = 0; i < count; i++) {
        tr_str part[2];
        for (int k = 0; k < 2; k++) {
            int32_t bytes;
            memcpy(&bytes, metadata, sizeof bytes);
            part[k] = (tr_str){metadata + sizeof bytes, (uint32_t)bytes, 0};
            metadata += sizeof bytes + (size_t)bytes;
        }
        if (tr_str_is(part[0], key))
            return part[1];
    }
    return (tr_str){"", 0, 0};
}

bool cli_type_of_field(const struct ArrowSchema *field, cli_type *out) {
    tr_str name = metadata_value(field->metadata, "trawl.type");
    for (int type = 0; type < CLI_TYPE_COUNT; type++)
        if (tr_str_is(name, types[type].name)) {
            *out = (cli_type)type;
            return true;
        }
    return false;
}

trawl_status cli_rows_start(cli_rows *rows, tr_arena *arena, const struct ArrowSchema *schema,
                            const char *name, trawl_error *err) {
    *rows = (cli_rows){.name = name, .column_count = (uint32_t)schema->n_children};
    rows->columns = TR_NEW_N(arena, cli_column, rows->column_count + 1);
    if (!rows->columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < rows->column_count; i++) {
        const struct ArrowSchema *field = schema->children[i];
        cli_column *c = &rows->columns[i];
        c->name = tr_arena_text(arena, field->name, strlen(field->name));
        if (!c->name)
            return tr_fail_memory(err);
        if (!cli_type_of_field(field, &c->type) || field->format[0] != types[c->type].format ||
            field->format[1])
            return tr_fail(err, TRAWL_E_INTERNAL, "column '%s' has the unknown format '%s'",
                           field->name, field->format);
    }
    return TRAWL_OK;
}

trawl_status cli_rows_look(cli_rows *rows, const struct ArrowArray *batch, trawl_error *err) {
    static const int32_t no_ends[2];
    if (batch->n_children != rows->column_count)
        return tr_fail(err, TRAWL_E_INTERNAL, "a batch has %lld columns, its schema %u",
                       (long long)batch->n_children, rows->column_count);
    rows->n = batch->length;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        const struct ArrowArray *array = batch->children[i];
        cli_column *c = &rows->columns[i];
        c->offset = array->offset + batch->offset;
        c->valid = array->null_count ? array->buffers[0] : NULL;
        c->values = array->buffers[1] ? array->buffers[1] : no_ends;
        c->text = cli_type_is_text(c->type) && array->buffers[2] ? array->buffers[2] : "";
    }
    return TRAWL_OK;
}

static trawl_status fill_column(cli_column *c, tr_arena *arena, const tr_str *cells,
                                uint32_t stride, int64_t row_count, trawl_error *err) {
    int32_t *ends = TR_NEW_N(arena, int32_t, (size_t)row_count + 1);
    tr_buf text;
    tr_buf_start(&text, arena);
    for (int64_t row = 0; ends && row < row_count; row++) {
        tr_buf_put_str(&text, cells[row * stride]);
        ends[row + 1] = (int32_t)text.n;
    }
    if (!ends || text.failed)
        return tr_fail_memory(err);
    c->values = ends;
    c->text = text.bytes ? text.bytes : "";
    return TRAWL_OK;
}

trawl_status cli_rows_of_text(cli_rows *rows, tr_arena *arena, const char *name,
                              const char *const *column_names, uint32_t column_count,
                              const tr_str *cells, int64_t row_count, trawl_error *err) {
    *rows = (cli_rows){.name = name, .column_count = column_count, .n = row_count};
    rows->columns = TR_NEW_N(arena, cli_column, column_count);
    if (!rows->columns)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < column_count; i++) {
        rows->columns[i] = (cli_column){.name = column_names[i], .type = CLI_STRING};
        TR_TRY(fill_column(&rows->columns[i], arena, cells + i, column_count, row_count, err));
    }
    return TRAWL_OK;
}
