/* runtime/api/command_extent.c: commands on extents: shown, dropped, moved, tagged, sealed. */
#include "runtime/api/command.h"

#include "runtime/data/text.h"

/* ---- showing ---- */

static bool matches(const tr_command_filter *filter, tr_str tag) {
    if (!filter->contains)
        return tr_str_equal_nocase_ascii(tag, filter->text);
    for (uint32_t i = 0; i + filter->text.len <= tag.len; i++)
        if (tr_str_equal_nocase_ascii(tr_str_of(tag.ptr + i, filter->text.len), filter->text))
            return true;
    return false;
}

static bool is_wanted(const tr_command *c, const tr_cat_extent *extent) {
    for (uint32_t f = 0; f < c->filter_count; f++) {
        bool any = false;
        for (uint32_t t = 0; t < extent->tag_count; t++)
            any |= matches(&c->filters[f], extent->tags[t]);
        if (any == c->filters[f].is_not)
            return false;
    }
    return true;
}

static bool is_listed(const tr_command_text *ids, uint32_t count, tr_guid id) {
    tr_guid wanted;
    for (uint32_t i = 0; i < count; i++)
        if (tr_parse_guid(ids[i].text.ptr, ids[i].text.len, &wanted) &&
            memcmp(&wanted, &id, sizeof id) == 0)
            return true;
    return false;
}

static void put_tags(const tr_doing *d, tr_sheet *out, uint32_t count, const tr_str *tags) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    for (uint32_t t = 0; t < count; t++) {
        tr_buf_put_text(&text, t ? "\n" : "");
        tr_buf_put_str(&text, tags[t]);
    }
    tr_sheet_buf(out, &text);
}

static void put_extent(const tr_doing *d, tr_sheet *out, tr_str table, const tr_cat_extent *e) {
    tr_sheet_guid(out, e->id);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, table);
    tr_sheet_number(out, e->created_last_ticks);
    tr_sheet_number(out, (int64_t)e->raw_bytes);
    tr_sheet_number(out, (int64_t)e->file_bytes);
    tr_sheet_number(out, (int64_t)(e->file_bytes - e->index_bytes));
    tr_sheet_number(out, (int64_t)e->index_bytes);
    tr_sheet_number(out, 1);
    tr_sheet_number(out, 1);
    tr_sheet_c(out, "");
    tr_sheet_number(out, (int64_t)(e->row_count - e->deleted_count));
    tr_sheet_number(out, e->created_ticks);
    put_tags(d, out, e->tag_count, e->tags);
    tr_sheet_c(out, "Extent");
    tr_sheet_number(out, (int64_t)e->deleted_count);
}

static void put_extents_of(const tr_doing *d, tr_sheet *out, const tr_cat_table *table,
                           const tr_command_text *ids, uint32_t id_count, tr_str name) {
    for (uint32_t e = 0; e < table->extent_count; e++)
        if ((!id_count || is_listed(ids, id_count, table->extents[e]->id)) &&
            is_wanted(d->command, table->extents[e]))
            put_extent(d, out, name, table->extents[e]);
}

/* Of the table that is named, those in a list of tables, or of all. A list of ids stands where a
 * list of tables does in `tables (...)`: it is one of tables if the first is no id. */
trawl_status tr_show_extents(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    uint32_t table_names = 0;
    tr_guid id;
    while (table_names < c->list_count &&
           !tr_parse_guid(c->list[table_names].text.ptr, c->list[table_names].text.len, &id))
        table_names++;
    const tr_command_text *ids = c->list + table_names;
    uint32_t id_count = c->list_count - table_names;
    if (c->scope == 'd' && c->name_count)
        TR_TRY(tr_check_database(d, &c->names[0], err));
    if (c->scope == 't') {
        uint32_t count = c->name_count + table_names;
        for (uint32_t i = 0; i < count; i++) {
            const tr_cat_table *table;
            TR_TRY(tr_find_table(d, i < c->name_count ? &c->names[i] : &c->list[i - c->name_count],
                                 &table, err));
            put_extents_of(d, out, table, ids, id_count, table->name);
        }
        return TRAWL_OK;
    }
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++)
        put_extents_of(d, out, d->catalog->tables[t], ids, id_count, d->catalog->tables[t]->name);
    return TRAWL_OK;
}

/* ---- which extents a command means ---- */

typedef struct {
    const tr_cat_table *table;
    const tr_cat_extent *extent;
} found;

typedef struct {
    uint32_t count, room;
    found *items;
    int64_t from, to; /* with extentCreatedOnFrom and -To: others are passed over; to 0: none are */
} found_list;

static trawl_status add_found(tr_doing *d, found_list *list, const tr_cat_table *table,
                              const tr_cat_extent *extent, trawl_error *err) {
    if (list->to && (extent->created_last_ticks < list->from || extent->created_ticks > list->to))
        return TRAWL_OK;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].extent == extent)
            return TRAWL_OK;
    if (!TR_ROOM(d->arena, list->items, list->count, list->room))
        return tr_fail_memory(err);
    list->items[list->count++] = (found){table, extent};
    return TRAWL_OK;
}

static bool find_id(const tr_doing *d, const tr_cat_table *in, tr_guid id, found *out) {
    for (uint32_t t = 0; t < d->catalog->table_count; t++) {
        const tr_cat_table *table = d->catalog->tables[t];
        for (uint32_t e = 0; (!in || in == table) && e < table->extent_count; e++)
            if (memcmp(&table->extents[e]->id, &id, sizeof id) == 0) {
                *out = (found){table, table->extents[e]};
                return true;
            }
    }
    return false;
}

static trawl_status find_ids(tr_doing *d, const tr_cat_table *in, found_list *out,
                             trawl_error *err) {
    const tr_command *c = d->command;
    for (uint32_t i = 0; i < c->list_count; i++) {
        tr_guid id;
        found f;
        if (!tr_parse_guid(c->list[i].text.ptr, c->list[i].text.len, &id) ||
            !find_id(d, in, id, &f))
            return tr_no_entity(d, &c->list[i], "Extent", err);
        TR_TRY(add_found(d, out, f.table, f.extent, err));
    }
    return TRAWL_OK;
}

/* datetime(...), or a text of one. */
static trawl_status read_datetime(const tr_doing *d, const char *name, int64_t *out,
                                  trawl_error *err) {
    const tr_command_pair *pair = tr_command_property(d->command, name);
    if (!pair)
        return TRAWL_OK;
    tr_str text = pair->right.text;
    const char *open = text.len ? memchr(text.ptr, '(', text.len) : NULL;
    if (open && text.ptr[text.len - 1] == ')')
        text = tr_str_of(open + 1, text.len - (size_t)(open - text.ptr) - 2);
    if (tr_parse_datetime(text.ptr, text.len, out))
        return TRAWL_OK;
    return tr_fail_at(err, TRAWL_E_SEMANTIC, pair->right.span, "CMD0101", "%s needs a datetime",
                      name);
}

static trawl_status read_window(const tr_doing *d, found_list *out, trawl_error *err) {
    static const char *const known[] = {"extentCreatedOnFrom", "extentCreatedOnTo", NULL};
    TR_TRY(tr_check_properties(d, known, err));
    if (!d->command->property_count)
        return TRAWL_OK;
    out->from = INT64_MIN;
    out->to = INT64_MAX;
    TR_TRY(read_datetime(d, known[0], &out->from, err));
    return read_datetime(d, known[1], &out->to, err);
}

/* The extents whose ids stand in column ExtentId of what a query gives; span: of that query. */
static trawl_status find_by_plan(tr_doing *d, const tr_plan *plan, tr_span span, found_list *out,
                                 trawl_error *err) {
    tr_rows rows;
    int32_t column = tr_schema_find(&plan->schema, tr_str_c("ExtentId"));
    if (column < 0)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, span, "CMD0110",
                          "the query must give a column ExtentId: .show table T extents, or "
                          "T | project ExtentId = extent_id()");
    TR_TRY(tr_doing_rows(d, plan, &rows, err));
    for (uint64_t r = 0; r < rows.row_count; r++) {
        tr_value value = tr_rows_value(&rows, r, (uint32_t)column);
        found f;
        if (value.type == TR_STRING) {
            tr_str text = value.as.str;
            value.is_null = !tr_parse_guid(text.ptr, text.len, &value.as.guid);
            value.type = TR_GUID;
        }
        if (value.type == TR_GUID && !value.is_null && find_id(d, NULL, value.as.guid, &f))
            TR_TRY(add_found(d, out, f.table, f.extent, err));
    }
    return TRAWL_OK;
}

static trawl_status find_by_query(tr_doing *d, found_list *out, trawl_error *err) {
    const tr_plan *plan;
    TR_TRY(read_window(d, out, err));
    TR_TRY(tr_doing_query(d, &plan, err));
    return find_by_plan(d, plan, d->command->query, out, err);
}

/* ---- dropping ---- */

static trawl_status drop(tr_doing *d, const found_list *list, bool for_show, tr_sheet *out,
                         trawl_error *err) {
    for (uint32_t i = 0; i < list->count; i++) {
        const found *f = &list->items[i];
        tr_sheet_guid(out, f->extent->id);
        tr_sheet_text(out, f->table->name);
        tr_sheet_number(out, f->extent->created_ticks);
    }
    for (uint32_t i = 0; i < list->count && !for_show; i++)
        TR_TRY(tr_change_drop_extent(d->change, list->items[i].table->name,
                                     list->items[i].extent->id, err));
    return TRAWL_OK;
}

trawl_status tr_drop_extents(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *in = NULL;
    found_list list = {0};
    if (d->command->name_count)
        TR_TRY(tr_find_table(d, &d->command->names[0], &in, err));
    TR_TRY(find_ids(d, in, &list, err));
    return drop(d, &list, false, out, err);
}

trawl_status tr_drop_extents_query(tr_doing *d, tr_sheet *out, trawl_error *err) {
    found_list list = {0};
    TR_TRY(find_by_query(d, &list, err));
    return drop(d, &list, (d->command->flags & TR_COMMAND_WHATIF) != 0, out, err);
}

static bool belongs_to_view(const tr_doing *d, tr_str table) {
    for (uint32_t v = 0; v < d->catalog->view_count; v++)
        if (tr_str_equal(d->catalog->views[v]->state_table, table))
            return true;
    return false;
}

/* All extents of a table, or of all; with `older`, those whose newest row is. Rows that wait in the
 * log go with `from` alone. */
trawl_status tr_drop_extents_from(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    bool older = (c->flags & TR_COMMAND_OLDER) != 0;
    int64_t unit = c->flags & TR_COMMAND_HOURS ? TR_TICKS_DAY / 24 : TR_TICKS_DAY;
    if (c->number > 3652059)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->verb_span, "CMD0101",
                          "older than %lld is before the calendar begins", (long long)c->number);
    int64_t limit = tr_now_of(d) - c->number * unit;
    const tr_cat_table *one = NULL;
    found_list list = {0};
    if (c->name_count)
        TR_TRY(tr_find_table(d, &c->names[0], &one, err));
    for (uint32_t t = 0; t < d->catalog->table_count; t++) {
        const tr_cat_table *table = d->catalog->tables[t];
        if ((one && table != one) || belongs_to_view(d, table->name))
            continue;
        for (uint32_t e = 0; e < table->extent_count; e++)
            if (!older || table->extents[e]->created_last_ticks < limit)
                TR_TRY(add_found(d, &list, table, table->extents[e], err));
    }
    TR_TRY(drop(d, &list, !older, out, err));
    for (uint32_t t = 0; !older && t < d->catalog->table_count; t++) {
        const tr_cat_table *table = d->catalog->tables[t];
        if ((!one || tr_str_equal(table->name, one->name)) && !belongs_to_view(d, table->name))
            TR_TRY(tr_change_clear_table(d->change, table->name, err));
    }
    return TRAWL_OK;
}

/* ---- moving ---- */

static void put_id(const tr_doing *d, tr_sheet *out, tr_guid id) {
    tr_buf text;
    tr_buf_start(&text, d->arena);
    tr_format_guid(&text, id);
    tr_sheet_buf(out, &text);
}

static trawl_status move(tr_doing *d, const found_list *list, const tr_cat_table *to, tr_sheet *out,
                         trawl_error *err) {
    tr_str name = to->name;
    for (uint32_t i = 0; i < list->count; i++) {
        const found *f = &list->items[i];
        if (tr_str_equal(f->table->name, name))
            continue;
        TR_TRY(tr_change_move_extent(d->change, f->table->name, name, f->extent->id, err));
        put_id(d, out, f->extent->id);
        put_id(d, out, f->extent->id);
        tr_sheet_c(out, "");
    }
    return TRAWL_OK;
}

trawl_status tr_move_extents(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *from, *to;
    found_list list = {0};
    TR_TRY(read_window(d, &list, err));
    TR_TRY(tr_find_table(d, &c->names[0], &from, err));
    if (!c->list_count) /* all rows: those in the log too */
        TR_TRY(tr_doing_seal(d, c->names[0].text, err));
    TR_TRY(tr_find_table(d, &c->names[0], &from, err));
    TR_TRY(tr_find_table(d, &c->names[1], &to, err));
    if (c->list_count)
        TR_TRY(find_ids(d, from, &list, err));
    for (uint32_t e = 0; !c->list_count && e < from->extent_count; e++)
        TR_TRY(add_found(d, &list, from, from->extents[e], err));
    return move(d, &list, to, out, err);
}

trawl_status tr_move_extents_query(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *to;
    found_list list = {0};
    TR_TRY(tr_find_table(d, &d->command->names[0], &to, err));
    TR_TRY(find_by_query(d, &list, err));
    return move(d, &list, to, out, err);
}

/* ---- replacing ---- */

static trawl_status find_in_block(tr_doing *d, const tr_command_text *block, found_list *out,
                                  trawl_error *err) {
    tr_plan_ctx ctx = {.query = d->arena, .env = &d->query->env};
    const tr_plan *plan;
    TR_TRY(read_window(d, out, err));
    TR_TRY(tr_doing_inner(d, "", block->span, "", &plan, err));
    TR_TRY(tr_plan_rewrite(&ctx, plan, &plan, err));
    return find_by_plan(d, plan, block->span, out, err);
}

/* Both queries see what was there before: some extents leave the table, others come into it. */
trawl_status tr_replace_extents(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *to;
    found_list dropped = {0}, moved = {0};
    TR_TRY(tr_find_table(d, &c->names[0], &to, err));
    tr_str name = to->name;
    TR_TRY(find_in_block(d, &c->texts[0], &dropped, err));
    TR_TRY(find_in_block(d, &c->texts[1], &moved, err));
    for (uint32_t i = 0; i < dropped.count; i++)
        if (!tr_str_equal(dropped.items[i].table->name, name))
            return tr_fail_at(err, TRAWL_E_SEMANTIC, c->texts[0].span, "CMD0110",
                              "an extent to drop is in table '%.*s', not in '%.*s'",
                              (int)dropped.items[i].table->name.len,
                              dropped.items[i].table->name.ptr, (int)name.len, name.ptr);
    for (uint32_t i = 0; i < moved.count; i++)
        for (uint32_t k = 0; k < dropped.count; k++)
            if (moved.items[i].extent == dropped.items[k].extent)
                return tr_fail_at(err, TRAWL_E_SEMANTIC, c->texts[1].span, "CMD0110",
                                  "an extent is to be dropped and to be moved");
    TR_TRY(move(d, &moved, to, out, err));
    for (uint32_t i = 0; i < dropped.count; i++) {
        put_id(d, out, dropped.items[i].extent->id);
        tr_sheet_c(out, "");
        tr_sheet_c(out, "");
        TR_TRY(tr_change_drop_extent(d->change, name, dropped.items[i].extent->id, err));
    }
    return TRAWL_OK;
}

/* ---- tags ---- */

static bool has(const tr_str *tags, uint32_t count, tr_str tag) {
    for (uint32_t i = 0; i < count; i++)
        if (tr_str_equal(tags[i], tag))
            return true;
    return false;
}

/* keep_old: the tags it has stay, but for those that are taken away. */
static trawl_status tag_one(tr_doing *d, const found *f, bool keep_old, bool take_away,
                            tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    uint32_t n = 0;
    tr_str *given = TR_NEW_N(d->arena, tr_str, c->list_count + 1);
    tr_str *tags = TR_NEW_N(d->arena, tr_str, c->list_count + f->extent->tag_count + 1);
    if (!given || !tags)
        return tr_fail_memory(err);
    for (uint32_t i = 0; i < c->list_count; i++)
        given[i] = c->list[i].text;
    for (uint32_t i = 0; keep_old && i < f->extent->tag_count; i++)
        if (!take_away || (c->list_count && !has(given, c->list_count, f->extent->tags[i])))
            tags[n++] = f->extent->tags[i];
    for (uint32_t i = 0; !take_away && i < c->list_count; i++)
        if (!has(tags, n, given[i]))
            tags[n++] = given[i];
    put_id(d, out, f->extent->id);
    put_id(d, out, f->extent->id);
    put_tags(d, out, n, tags);
    tr_sheet_c(out, "");
    return tr_change_tag_extent(d->change, f->table->name, f->extent->id, tags, n, err);
}

trawl_status tr_tag_extents(tr_doing *d, tr_sheet *out, trawl_error *err) {
    found_list list = {0};
    TR_TRY(find_by_query(d, &list, err));
    for (uint32_t i = 0; i < list.count; i++)
        TR_TRY(tag_one(d, &list.items[i], tr_str_is(d->command->verb, ".alter-merge"), false, out,
                       err));
    return TRAWL_OK;
}

/* Takes away the tags named from all extents of the table, or all tags from those that the query
 * gives. */
trawl_status tr_untag_extents(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *table;
    found_list list = {0};
    TR_TRY(tr_find_table(d, &c->names[0], &table, err));
    if (c->query.bytes)
        TR_TRY(find_by_query(d, &list, err));
    for (uint32_t e = 0; !c->query.bytes && e < table->extent_count; e++)
        TR_TRY(add_found(d, &list, table, table->extents[e], err));
    for (uint32_t i = 0; i < list.count; i++) {
        const found *f = &list.items[i];
        bool any = !c->list_count && f->extent->tag_count;
        for (uint32_t t = 0; t < c->list_count; t++)
            any |= has(f->extent->tags, f->extent->tag_count, c->list[t].text);
        if (any)
            TR_TRY(tag_one(d, f, true, true, out, err));
    }
    return TRAWL_OK;
}
