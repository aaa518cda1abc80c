/* runtime/store/catalog.c: finding things in a catalog by name. */
#include "runtime/store/catalog.h"

/* Tables, functions and views ascend by name; name_at reads the name of the i-th. */
static int32_t find(const tr_catalog *catalog, uint32_t count,
                    tr_str (*name_at)(const tr_catalog *catalog, uint32_t i), tr_str name) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = tr_str_compare(name_at(catalog, middle), name);
        if (order == 0)
            return (int32_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static tr_str table_name(const tr_catalog *catalog, uint32_t i) {
    return catalog->tables[i]->name;
}

static tr_str function_name(const tr_catalog *catalog, uint32_t i) {
    return catalog->functions[i]->name;
}

static tr_str view_name(const tr_catalog *catalog, uint32_t i) {
    return catalog->views[i]->name;
}

const tr_cat_table *tr_cat_find_table(const tr_catalog *catalog, tr_str name) {
    int32_t i = find(catalog, catalog->table_count, table_name, name);
    return i < 0 ? NULL : catalog->tables[i];
}

const tr_cat_function *tr_cat_find_function(const tr_catalog *catalog, tr_str name) {
    int32_t i = find(catalog, catalog->function_count, function_name, name);
    return i < 0 ? NULL : catalog->functions[i];
}

const tr_cat_view *tr_cat_find_view(const tr_catalog *catalog, tr_str name) {
    int32_t i = find(catalog, catalog->view_count, view_name, name);
    return i < 0 ? NULL : catalog->views[i];
}

const tr_cat_entry *tr_cat_find_entry(const tr_cat_entries *entries, tr_str kind, tr_str name) {
    for (uint32_t i = 0; i < entries->count; i++)
        if (tr_str_equal(entries->entries[i].kind, kind) &&
            tr_str_equal(entries->entries[i].name, name))
            return &entries->entries[i];
    return NULL;
}
