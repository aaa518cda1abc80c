/* runtime/data/table.c: finding a table by name. */
#include "runtime/data/table.h"

const tr_table *tr_database_find(const tr_database *database, tr_str name) {
    for (uint32_t i = 0; i < database->table_count; i++)
        if (tr_str_equal(database->tables[i]->name, name))
            return database->tables[i];
    return NULL;
}
