/* runtime/api/sidecar_parts.h: the list of a sidecar in memory. Between sidecar.c, which reads, and
 * sidecar_build.c, which writes. */
#ifndef TR_API_SIDECAR_PARTS_H
#define TR_API_SIDECAR_PARTS_H

#include <string.h>

#include "runtime/api/sidecar.h"

#define TR_SIDECAR_VERSION 1

typedef struct tr_sidecar_file {
    const char *path; /* in a list: relative to the folder that holds .trawl, if below it */
    uint64_t bytes;
    int64_t modified_ns;
    uint32_t crc; /* of the first and the last 64 KiB */
} tr_sidecar_file;

typedef struct tr_sidecar_part {
    uint32_t file_count, extent_count;
    tr_sidecar_file *files;
    const char **extents; /* paths */
} tr_sidecar_part;

typedef struct tr_sidecar {
    const char *folder, *list; /* ".../.trawl", ".../.trawl/T.json" */
    const char *base;          /* a path whose first base_bytes are the folder of .trawl */
    size_t base_bytes;
    uint32_t part_count;
    tr_sidecar_part *parts;
} tr_sidecar;

trawl_status tr_sidecar_paths(tr_arena *arena, const tr_table *table, tr_sidecar *out,
                              trawl_error *err);
/** The name of a file in the list. */
const char *tr_sidecar_name(const tr_sidecar *s, const char *path);
/** What the file is like now; false if it cannot be told. */
bool tr_sidecar_look(const char *path, tr_arena *scratch, tr_sidecar_file *out);
/** The parts of the list that can be read and have the table's columns; whether they are true is
 *  not looked at. */
void tr_sidecar_read(tr_arena *arena, const tr_table *table, tr_sidecar *s);
/** The part that begins with file `first` of the table and is true, or NULL. */
const tr_sidecar_part *tr_sidecar_find(const tr_sidecar *s, const tr_table *table, uint32_t first,
                                       tr_arena *scratch);

#endif
