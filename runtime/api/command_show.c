/* runtime/api/command_show.c: what there is: version, databases, tables and their sizes. */
#include "runtime/api/command.h"

#include "runtime/base/topology.h"

trawl_status tr_show_version(tr_doing *d, tr_sheet *out, trawl_error *err) {
    (void)d;
    (void)err;
    tr_sheet_c(out, trawl_version());
    tr_sheet_null(out);
    tr_sheet_c(out, "Engine");
    tr_sheet_c(out, trawl_version());
    tr_sheet_c(out, "trawl");
    return TRAWL_OK;
}

trawl_status tr_show_cluster(tr_doing *d, tr_sheet *out, trawl_error *err) {
    bool details = (d->command->flags & TR_COMMAND_DETAILS) != 0;
    (void)err;
    tr_sheet_start(out, d->arena,
                   details ? "NodeId:string, Address:string, Name:string, StartTime:datetime, "
                             "IsAdmin:bool, MachineTotalMemory:long, MachineAvailableMemory:long, "
                             "ProcessorCount:int, EnvironmentDescription:string, "
                             "NetAndClsVersion:string"
                           : "NodeId:string, Address:string, Name:string, StartTime:datetime, "
                             "IsAdmin:bool, MachineTotalMemory:long, MachineAvailableMemory:long, "
                             "ProcessorCount:int, EnvironmentDescription:string");
    tr_sheet_c(out, "0");
    tr_sheet_c(out, "");
    tr_sheet_c(out, "trawl");
    tr_sheet_null(out);
    tr_sheet_number(out, 1);
    tr_sheet_nulls(out, 2);
    tr_sheet_number(out, tr_topology_now()->core_count);
    tr_sheet_c(out, "");
    if (details)
        tr_sheet_c(out, "");
    return TRAWL_OK;
}

/* ---- the database: there is one ---- */

static trawl_status is_wanted(const tr_doing *d, bool *wanted, trawl_error *err) {
    *wanted = d->command->list_count == 0;
    for (uint32_t i = 0; i < d->command->name_count; i++)
        TR_TRY(tr_check_database(d, &d->command->names[i], err));
    for (uint32_t i = 0; i < d->command->list_count; i++)
        *wanted |= tr_str_equal_nocase_ascii(d->command->list[i].text, d->state->database.name);
    return TRAWL_OK;
}

static void put_head(const tr_doing *d, tr_sheet *out) {
    tr_buf version;
    tr_buf_start(&version, d->arena);
    tr_buf_printf(&version, "v1.%llu",
                  d->catalog ? (unsigned long long)d->catalog->sequence : 0ull);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_c(out, d->db->directory ? d->db->directory : "");
    tr_sheet_buf(out, &version);
    tr_sheet_number(out, 1);
    tr_sheet_c(out, d->catalog && !d->db->read_only ? "ReadWrite" : "ReadOnly");
    tr_sheet_text(out, d->catalog ? d->catalog->pretty_name : TR_STR_EMPTY);
}

static void put_id(const tr_doing *d, tr_sheet *out) {
    if (d->catalog)
        tr_sheet_guid(out, d->catalog->database_id);
    else
        tr_sheet_null(out);
}

static void put_policy(const tr_doing *d, tr_sheet *out, const char *kind) {
    tr_sheet_text(out, d->catalog ? tr_policy_text(&d->catalog->policies, kind) : tr_str_c("null"));
}

trawl_status tr_show_databases(tr_doing *d, tr_sheet *out, trawl_error *err) {
    bool wanted;
    TR_TRY(is_wanted(d, &wanted, err));
    if (!wanted)
        return TRAWL_OK;
    put_head(d, out);
    tr_sheet_null(out);
    put_id(d, out);
    tr_sheet_nulls(out, 2);
    return TRAWL_OK;
}

trawl_status tr_show_databases_identity(tr_doing *d, tr_sheet *out, trawl_error *err) {
    bool wanted;
    TR_TRY(is_wanted(d, &wanted, err));
    if (!wanted)
        return TRAWL_OK;
    put_head(d, out);
    tr_sheet_number(out, 1);
    put_id(d, out);
    tr_sheet_nulls(out, 2);
    return TRAWL_OK;
}

/* ---- sizes ---- */

typedef struct {
    uint64_t extents, file_bytes, raw_bytes, index_bytes, rows;
    int64_t oldest, newest;
} sizes;

/* Rows are exact; sizes are those of extents: what waits in the log has none yet. */
static void add_sizes(const tr_doing *d, const tr_cat_table *table, sizes *out) {
    const tr_table *seen = tr_database_find(tr_snapshot_database(d->state->snapshot), table->name);
    if (seen && seen->row_count > 0)
        out->rows += (uint64_t)seen->row_count;
    for (uint32_t i = 0; i < table->extent_count; i++) {
        const tr_cat_extent *extent = table->extents[i];
        if (out->extents++ == 0 || extent->created_ticks < out->oldest)
            out->oldest = extent->created_ticks;
        if (out->extents == 1 || extent->created_last_ticks > out->newest)
            out->newest = extent->created_last_ticks;
        out->file_bytes += extent->file_bytes;
        out->raw_bytes += extent->raw_bytes;
        out->index_bytes += extent->index_bytes;
    }
}

static sizes all_sizes(const tr_doing *d) {
    sizes all = {0};
    for (uint32_t t = 0; d->catalog && t < d->catalog->table_count; t++)
        add_sizes(d, d->catalog->tables[t], &all);
    return all;
}

trawl_status tr_show_databases_details(tr_doing *d, tr_sheet *out, trawl_error *err) {
    bool wanted;
    TR_TRY(is_wanted(d, &wanted, err));
    if (!wanted)
        return TRAWL_OK;
    put_head(d, out);
    tr_sheet_c(out, "");
    put_policy(d, out, "retention");
    put_policy(d, out, "merge");
    tr_sheet_c(out, "");
    put_policy(d, out, "caching");
    put_policy(d, out, "sharding");
    put_policy(d, out, "streamingingestion");
    put_policy(d, out, "ingestionbatching");
    tr_sheet_number(out, (int64_t)all_sizes(d).file_bytes);
    put_id(d, out);
    tr_sheet_null(out);
    return TRAWL_OK;
}

trawl_status tr_show_databases_policies(tr_doing *d, tr_sheet *out, trawl_error *err) {
    bool wanted;
    TR_TRY(is_wanted(d, &wanted, err));
    if (!wanted)
        return TRAWL_OK;
    put_head(d, out);
    put_id(d, out);
    tr_sheet_c(out, "");
    put_policy(d, out, "retention");
    put_policy(d, out, "merge");
    put_policy(d, out, "caching");
    put_policy(d, out, "sharding");
    put_policy(d, out, "streamingingestion");
    put_policy(d, out, "ingestionbatching");
    return TRAWL_OK;
}

trawl_status tr_show_databases_datastats(tr_doing *d, tr_sheet *out, trawl_error *err) {
    bool wanted;
    TR_TRY(is_wanted(d, &wanted, err));
    if (!wanted)
        return TRAWL_OK;
    sizes all = all_sizes(d);
    put_head(d, out);
    put_id(d, out);
    for (int hot = 0; hot < 2; hot++) { /* everything is hot */
        tr_sheet_number(out, (int64_t)all.raw_bytes);
        tr_sheet_number(out, (int64_t)all.file_bytes);
        tr_sheet_number(out, (int64_t)(all.file_bytes - all.index_bytes));
        tr_sheet_number(out, (int64_t)all.index_bytes);
        tr_sheet_number(out, (int64_t)all.rows);
    }
    return TRAWL_OK;
}

/* ---- tables ---- */

static void put_table4(const tr_doing *d, tr_sheet *out, tr_str name, tr_str folder,
                       tr_str docstring) {
    tr_sheet_text(out, name);
    tr_sheet_text(out, d->state->database.name);
    tr_sheet_text(out, folder);
    tr_sheet_text(out, docstring);
}

/* The tables of the paths follow those of the directory; what they are made of is their text. */
static void put_path_tables(const tr_doing *d, tr_sheet *out) {
    const tr_database *all = &d->state->database;
    for (uint32_t i = 0; i < all->table_count; i++)
        if (!d->catalog || !tr_cat_find_table(d->catalog, all->tables[i]->name))
            put_table4(d, out, all->tables[i]->name, TR_STR_EMPTY, all->tables[i]->description);
}

trawl_status tr_show_tables(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_command *c = d->command;
    const tr_cat_table *const *tables;
    uint32_t count;
    for (uint32_t i = 0; i < c->list_count && !d->catalog; i++) {
        const tr_table *table = tr_database_find(&d->state->database, c->list[i].text);
        if (!table)
            return tr_no_entity(d, &c->list[i], "Table", err);
        put_table4(d, out, table->name, TR_STR_EMPTY, table->description);
    }
    if (!d->catalog && c->list_count)
        return TRAWL_OK;
    TR_TRY(tr_named_tables(d, &tables, &count, err));
    for (uint32_t i = 0; i < count; i++)
        put_table4(d, out, tables[i]->name, tables[i]->folder, tables[i]->docstring);
    if (!c->list_count)
        put_path_tables(d, out);
    return TRAWL_OK;
}

static void put_details(const tr_doing *d, tr_sheet *out, const tr_cat_table *table) {
    sizes s = {0};
    add_sizes(d, table, &s);
    put_table4(d, out, table->name, table->folder, table->docstring);
    for (int hot = 0; hot < 2; hot++) {
        tr_sheet_number(out, (int64_t)s.extents);
        tr_sheet_number(out, (int64_t)s.file_bytes);
        tr_sheet_number(out, (int64_t)s.raw_bytes);
        tr_sheet_number(out, (int64_t)s.rows);
    }
    tr_sheet_c(out, "");
    tr_sheet_text(out, tr_policy_text(&table->policies, "retention"));
    tr_sheet_text(out, tr_policy_text(&table->policies, "caching"));
    tr_sheet_text(out, tr_policy_text(&table->policies, "sharding"));
    tr_sheet_text(out, tr_policy_text(&table->policies, "merge"));
    tr_sheet_text(out, tr_policy_text(&table->policies, "streamingingestion"));
    tr_sheet_text(out, tr_policy_text(&table->policies, "ingestionbatching"));
    if (s.extents) {
        tr_sheet_number(out, s.oldest);
        tr_sheet_number(out, s.newest);
    } else {
        tr_sheet_nulls(out, 2);
    }
    tr_sheet_text(out, tr_policy_text(&table->policies, "roworder"));
    tr_sheet_guid(out, table->id);
}

trawl_status tr_show_tables_details(tr_doing *d, tr_sheet *out, trawl_error *err) {
    const tr_cat_table *const *tables;
    uint32_t count;
    TR_TRY(tr_named_tables(d, &tables, &count, err));
    for (uint32_t i = 0; i < count; i++)
        put_details(d, out, tables[i]);
    return TRAWL_OK;
}
