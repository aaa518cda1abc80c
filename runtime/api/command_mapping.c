/* runtime/api/command_mapping.c: ingestion mappings: made, shown, dropped. Using them is for
 * source_plan.c. */
#include "runtime/api/command.h"

#include "runtime/data/dynamic.h"

static const char *const kinds[] = {
    "csv", "json",       "avro",    "apacheavro",         "parquet",
    "orc", "w3clogfile", "sstream", "azuremonitorstream", "azmonstream"};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static trawl_status check_kind(const tr_command_text *word, const char **out, trawl_error *err) {
    tr_nearest nearest = tr_nearest_to(word->text, 4);
    for (uint32_t i = 0; i < KIND_COUNT; i++) {
        if (tr_str_equal_nocase_ascii(word->text, tr_str_c(kinds[i]))) {
            *out = kinds[i];
            return TRAWL_OK;
        }
        tr_nearest_try(&nearest, tr_str_c(kinds[i]));
    }
    trawl_status status =
        tr_fail_at(err, TRAWL_E_SEMANTIC, word->span, "CMD0107",
                   "there is no kind of mapping '%.*s'", (int)word->text.len, word->text.ptr);
    tr_hint_nearest(err, &nearest);
    return status;
}

/* Whose mappings: those of the table that is named, or of the database. */
static trawl_status entries_of(const tr_doing *d, const tr_cat_table **table,
                               const tr_cat_entries **out, trawl_error *err) {
    static const tr_cat_entries none = {0, NULL};
    const tr_command *c = d->command;
    *table = NULL;
    *out = d->catalog ? &d->catalog->mappings : &none;
    if (c->scope == 'd')
        return c->name_count ? tr_check_database(d, &c->names[0], err) : TRAWL_OK;
    TR_TRY(tr_find_table(d, &c->names[0], table, err));
    *out = &(*table)->mappings;
    return TRAWL_OK;
}

static void start(tr_doing *d, tr_sheet *out, const tr_cat_table *table) {
    tr_sheet_start(out, d->arena,
                   table ? "Name:string, Kind:string, Mapping:string, LastUpdatedOn:datetime, "
                           "Database:string, Table:string"
                         : "Name:string, Kind:string, Mapping:string, LastUpdatedOn:datetime, "
                           "Database:string");
}

static void put_row(const tr_doing *d, tr_sheet *out, const tr_cat_table *table,
                    const tr_cat_entry *entry) {
    tr_buf kind;
    tr_buf_start(&kind, d->arena);
    for (uint32_t i = 0; i < entry->kind.len; i++) {
        char c = entry->kind.ptr[i];
        tr_buf_put_char(&kind, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    tr_sheet_text(out, entry->name);
    tr_sheet_buf(out, &kind);
    tr_sheet_text(out, entry->text);
    tr_sheet_number(out, entry->changed_ticks);
    tr_sheet_text(out, d->state->database.name);
    if (table)
        tr_sheet_text(out, table->name);
}

static trawl_status no_mapping(const tr_doing *d, trawl_error *err) {
    return tr_no_entity(d, &d->command->texts[0], "IngestionMapping", err);
}

trawl_status tr_show_mappings(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *table;
    const tr_cat_entries *entries;
    const char *kind = NULL;
    bool found = false;
    TR_TRY(entries_of(d, &table, &entries, err));
    if (c->word.text.len)
        TR_TRY(check_kind(&c->word, &kind, err));
    start(d, out, table);
    for (uint32_t i = 0; i < entries->count; i++) {
        const tr_cat_entry *entry = &entries->entries[i];
        if (tr_is_note(entry) || (kind && !tr_str_is(entry->kind, kind)) ||
            (c->text_count && !tr_str_equal(entry->name, c->texts[0].text)))
            continue;
        put_row(d, out, table, entry);
        found = true;
    }
    return found || !(c->flags & TR_COMMAND_MAPPING) ? TRAWL_OK : no_mapping(d, err);
}

/* A mapping is an array of objects. */
static trawl_status check_json(tr_doing *d, const tr_command_text *json, trawl_error *err) {
    tr_dyn_builder b;
    tr_str value = TR_STR_EMPTY;
    size_t at = 0;
    tr_dyn_start(&b, d->arena);
    bool good = tr_dyn_parse_json(&b, json->text.ptr, json->text.len, &at);
    if (good)
        TR_TRY(tr_dyn_finish(&b, &value, err));
    good = good && tr_dyn_kind_of(value) == TR_DYN_ARRAY;
    for (uint32_t i = 0; good && i < tr_dyn_count(value); i++)
        good = tr_dyn_kind_of(tr_dyn_at(value, i)) == TR_DYN_BAG;
    return good ? TRAWL_OK
                : tr_fail_at(err, TRAWL_E_SEMANTIC, json->span, "CMD0101",
                             "a mapping is a JSON array of objects: '[{\"Column\":\"a\", ...}]'");
}

/* The old elements, then the new. */
static trawl_status merged(tr_doing *d, tr_str old, tr_str more, tr_str *out, trawl_error *err) {
    uint32_t cut = old.len, skip = 0;
    while (cut && old.ptr[cut - 1] != ']')
        cut--;
    while (skip < more.len && more.ptr[skip] != '[')
        skip++;
    char *text = tr_arena_printf(d->arena, "%.*s,%.*s", (int)(cut ? cut - 1 : 0), old.ptr,
                                 (int)(more.len - skip - 1), more.ptr + skip + 1);
    if (!text)
        return tr_fail_memory(err);
    *out = tr_str_c(text);
    return TRAWL_OK;
}

trawl_status tr_put_mapping(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *table;
    const tr_cat_entries *entries;
    const char *kind;
    TR_TRY(entries_of(d, &table, &entries, err));
    TR_TRY(check_kind(&c->word, &kind, err));
    TR_TRY(check_json(d, &c->texts[1], err));
    tr_str text = c->texts[1].text, of = table ? table->name : TR_STR_EMPTY;
    const tr_cat_entry *old = tr_cat_find_entry(entries, tr_str_c(kind), c->texts[0].text);
    bool creates = tr_str_is(c->verb, ".create"), either = tr_str_is(c->verb, ".create-or-alter");
    if (old && creates)
        return tr_fail_at(err, TRAWL_E_SEMANTIC, c->texts[0].span, "CMD0105",
                          "there is a mapping '%.*s' already", (int)old->name.len, old->name.ptr);
    if (!old && !creates && !either)
        return no_mapping(d, err);
    if (old && tr_str_is(c->verb, ".alter-merge"))
        TR_TRY(merged(d, old->text, text, &text, err));
    TR_TRY(tr_change_put_mapping(d->change, of, tr_str_c(kind), c->texts[0].text, text, err));
    d->catalog = tr_change_catalog(d->change);
    TR_TRY(entries_of(d, &table, &entries, err));
    start(d, out, table);
    put_row(d, out, table, tr_cat_find_entry(entries, tr_str_c(kind), c->texts[0].text));
    return TRAWL_OK;
}

trawl_status tr_drop_mapping(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *table;
    const tr_cat_entries *entries;
    const char *kind;
    TR_TRY(entries_of(d, &table, &entries, err));
    TR_TRY(check_kind(&c->word, &kind, err));
    const tr_cat_entry *old = tr_cat_find_entry(entries, tr_str_c(kind), c->texts[0].text);
    if (!old)
        return no_mapping(d, err);
    start(d, out, table);
    put_row(d, out, table, old);
    return tr_change_put_mapping(d->change, table ? table->name : TR_STR_EMPTY, tr_str_c(kind),
                                 c->texts[0].text, TR_STR_EMPTY, err);
}
