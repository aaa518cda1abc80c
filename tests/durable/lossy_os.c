/* tests/durable/lossy_os.c: files, names and what was not synced of both. */
#include "tests/durable/lossy_os.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, FILES_MAX = 4096, NAMES_MAX = 4096, OPEN_MAX = 512 };

typedef struct edit {
    bool is_truncate;
    uint64_t offset, n; /* truncate: to n */
    char *bytes;
} edit;

typedef struct content {
    char *bytes;
    uint64_t n, room;
} content;

typedef struct inode {
    bool is_directory;
    content now, durable;
    edit *edits;
    uint32_t edit_count, edit_room;
} inode;

typedef struct entry {
    char *path; /* NULL: free */
    int32_t inode;
} entry;

typedef struct names {
    entry entries[NAMES_MAX];
    uint32_t count;
} names;

/* A change of names that is not synced: a name gets an inode (or none), another loses its. */
typedef struct name_edit {
    char *path, *gone; /* gone: of a rename; else NULL */
    int32_t inode;     /* -1: the name is removed */
} name_edit;

typedef struct descriptor {
    bool used, locked;
    int32_t inode;
    uint64_t offset;
    bool append, writes;
} descriptor;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static inode inodes[FILES_MAX];
static int32_t inode_count;
static names now_names, durable_names;
static name_edit *name_edits;
static uint32_t name_edit_count, name_edit_room;
static descriptor descriptors[OPEN_MAX];
static uint64_t random_state;
static uint64_t calls, die_at, fail_at;
static _Atomic uint64_t allocations;
static uint64_t refuse_at;
static int fail_code;
static bool dead, torn_death, fail_forever, slow_sync;

static void *need(void *memory) {
    if (!memory) {
        fprintf(stderr, "out of memory in the test\n");
        exit(2);
    }
    return memory;
}

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

/* ---- contents ---- */

static void content_resize(content *c, uint64_t n) {
    if (n > c->room) {
        c->room = n * 2 + 256;
        c->bytes = need(realloc(c->bytes, c->room));
    }
    if (n > c->n)
        memset(c->bytes + c->n, 0, n - c->n);
    c->n = n;
}

static void content_write(content *c, const char *bytes, uint64_t n, uint64_t offset) {
    if (offset + n > c->n)
        content_resize(c, offset + n);
    if (n)
        memcpy(c->bytes + offset, bytes, n);
}

static void content_copy(content *to, const content *from) {
    content_resize(to, from->n);
    if (from->n)
        memcpy(to->bytes, from->bytes, from->n);
}

static void forget_edits(inode *file) {
    for (uint32_t i = 0; i < file->edit_count; i++)
        free(file->edits[i].bytes);
    file->edit_count = 0;
}

static void add_edit(inode *file, bool is_truncate, const char *bytes, uint64_t n,
                     uint64_t offset) {
    if (file->edit_count == file->edit_room) {
        file->edit_room = file->edit_room * 2 + 8;
        file->edits = need(realloc(file->edits, file->edit_room * sizeof(edit)));
    }
    edit *e = &file->edits[file->edit_count++];
    *e = (edit){is_truncate, offset, n, NULL};
    if (!is_truncate && n) {
        e->bytes = need(malloc(n));
        memcpy(e->bytes, bytes, n);
    }
}

/* ---- names ---- */

static entry *find_name(names *all, const char *path) {
    for (uint32_t i = 0; i < all->count; i++)
        if (all->entries[i].path && strcmp(all->entries[i].path, path) == 0)
            return &all->entries[i];
    return NULL;
}

static void set_name(names *all, const char *path, int32_t to) {
    entry *e = find_name(all, path);
    if (!e && to >= 0) {
        uint32_t i = 0;
        while (i < all->count && all->entries[i].path)
            i++;
        if (i == NAMES_MAX)
            need(NULL);
        all->count = i == all->count ? i + 1 : all->count;
        e = &all->entries[i];
        e->path = need(strdup(path));
    }
    if (!e)
        return;
    e->inode = to;
    if (to < 0) {
        free(e->path);
        e->path = NULL;
    }
}

static void edit_names(const char *path, const char *gone, int32_t to) {
    if (name_edit_count == name_edit_room) {
        name_edit_room = name_edit_room * 2 + 8;
        name_edits = need(realloc(name_edits, name_edit_room * sizeof(name_edit)));
    }
    name_edits[name_edit_count++] =
        (name_edit){need(strdup(path)), gone ? need(strdup(gone)) : NULL, to};
    set_name(&now_names, path, to);
    if (gone)
        set_name(&now_names, gone, -1);
}

static bool is_in(const char *path, const char *folder) {
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/');
}

/* Apply the edits of names that lie in the folder (NULL: any), each if `keep` says so. */
static void settle_names(const char *folder, bool lossy) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < name_edit_count; i++) {
        name_edit e = name_edits[i];
        if (folder && !is_in(e.path, folder)) {
            name_edits[left++] = e;
            continue;
        }
        if (!lossy || next_random() % 2) {
            set_name(&durable_names, e.path, e.inode);
            if (e.gone)
                set_name(&durable_names, e.gone, -1);
        }
        free(e.path);
        free(e.gone);
    }
    name_edit_count = left;
}

/* ---- what a test asks for ---- */

static int64_t new_inode(bool is_directory) {
    if (inode_count == FILES_MAX)
        need(NULL);
    inodes[inode_count] = (inode){.is_directory = is_directory};
    return inode_count++;
}

void lossy_free(void) {
    for (int32_t i = 0; i < inode_count; i++) {
        forget_edits(&inodes[i]);
        free(inodes[i].edits);
        free(inodes[i].now.bytes);
        free(inodes[i].durable.bytes);
    }
    memset(inodes, 0, sizeof(inode) * (size_t)inode_count);
    inode_count = 0;
    settle_names(NULL, false);
    free(name_edits);
    name_edits = NULL;
    name_edit_room = 0;
    names *both[] = {&now_names, &durable_names};
    for (uint32_t k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < both[k]->count; i++)
            free(both[k]->entries[i].path);
        both[k]->count = 0;
        memset(both[k]->entries, 0, sizeof both[k]->entries);
    }
}

void lossy_reset(uint64_t seed) {
    lossy_free();
    random_state = seed * 2 + 1;
    for (int i = 0; i < 8; i++)
        next_random();
    int32_t root = (int32_t)new_inode(true);
    set_name(&now_names, LOSSY_ROOT, root);
    set_name(&durable_names, LOSSY_ROOT, root);
    lossy_restart();
}

void lossy_restart(void) {
    memset(descriptors, 0, sizeof descriptors);
    calls = die_at = fail_at = 0;
    dead = false;
}

void lossy_die_at(uint64_t call, bool torn) {
    calls = 0;
    fail_at = 0;
    die_at = call;
    torn_death = torn;
}

void lossy_fail_at(uint64_t call, int code, bool forever) {
    calls = 0;
    die_at = 0;
    fail_at = call;
    fail_code = code;
    fail_forever = forever;
}

void lossy_slow_sync(bool slow) {
    slow_sync = slow;
}

void lossy_refuse_memory_at(uint64_t n) {
    atomic_store(&allocations, 0);
    refuse_at = n;
}

uint64_t lossy_allocations(void) {
    return atomic_load(&allocations);
}

uint64_t lossy_calls(void) {
    return calls;
}

bool lossy_is_dead(void) {
    pthread_mutex_lock(&lock);
    bool is = dead;
    pthread_mutex_unlock(&lock);
    return is;
}

uint32_t lossy_file_count(void) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < now_names.count; i++)
        n += now_names.entries[i].path && !inodes[now_names.entries[i].inode].is_directory;
    return n;
}

uint32_t lossy_open_count(void) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < OPEN_MAX; i++)
        n += descriptors[i].used;
    return n;
}

/* A write that is torn arrives as some of its sectors, or as its beginning. */
static void lose_some(inode *file) {
    uint64_t mood = next_random() % 4; /* files fare alike: all kept, all lost, mixed */
    for (uint32_t i = 0; i < file->edit_count; i++) {
        const edit *e = &file->edits[i];
        uint64_t fate = mood == 0 ? 0 : mood == 1 ? 1 : next_random() % 4;
        if (fate == 1)
            continue;
        if (e->is_truncate) {
            content_resize(&file->durable, e->n);
        } else if (fate == 2) {
            content_write(&file->durable, e->bytes, next_random() % (e->n + 1), e->offset);
        } else if (fate == 3) {
            for (uint64_t at = 0; at < e->n;) {
                uint64_t end = (e->offset + at) / SECTOR * SECTOR + SECTOR - e->offset;
                end = end < e->n ? end : e->n;
                if (next_random() % 2)
                    content_write(&file->durable, e->bytes + at, end - at, e->offset + at);
                at = end;
            }
        } else {
            content_write(&file->durable, e->bytes, e->n, e->offset);
        }
    }
}

void lossy_power_cut(void) {
    for (int32_t i = 0; i < inode_count; i++) {
        lose_some(&inodes[i]);
        forget_edits(&inodes[i]);
        content_copy(&inodes[i].now, &inodes[i].durable);
    }
    settle_names(NULL, true);
    for (uint32_t i = 0; i < now_names.count; i++)
        free(now_names.entries[i].path);
    memset(&now_names, 0, sizeof now_names);
    for (uint32_t i = 0; i < durable_names.count; i++)
        if (durable_names.entries[i].path)
            set_name(&now_names, durable_names.entries[i].path, durable_names.entries[i].inode);
    lossy_restart();
}

/* ---- calls ---- */

typedef enum outcome { GO, HALF, FAIL } outcome;

/* Holding the lock. HALF: do a part of the work, then fail (or tell of a short count). */
static outcome begin(int64_t *code) {
    calls++;
    *code = -EIO;
    if (dead)
        return FAIL;
    if (die_at && calls >= die_at) {
        dead = true;
        return torn_death ? HALF : FAIL;
    }
    if (fail_at && (calls == fail_at || (fail_forever && calls > fail_at))) {
        *code = fail_code ? -fail_code : 0;
        return fail_code ? FAIL : HALF;
    }
    return GO;
}

static int64_t open_here(const char *path, uint32_t flags) {
    entry *e = find_name(&now_names, path);
    if (e && (flags & TR_OS_EXCLUSIVE))
        return -EEXIST;
    if (!e && !(flags & TR_OS_CREATE))
        return -ENOENT;
    if (e && inodes[e->inode].is_directory)
        return -EISDIR;
    int32_t file = e ? e->inode : (int32_t)new_inode(false);
    if (!e)
        edit_names(path, NULL, file);
    for (int64_t i = 3; i < OPEN_MAX; i++) {
        if (descriptors[i].used)
            continue;
        descriptors[i] = (descriptor){.used = true, .inode = file};
        descriptors[i].append = flags & TR_OS_APPEND;
        descriptors[i].writes = flags & TR_OS_WRITE;
        return i;
    }
    return -EMFILE;
}

static int64_t lossy_open(const char *path, uint32_t flags) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how == GO || (how == HALF && !dead))
        code = open_here(path, flags);
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_close(int64_t file) {
    pthread_mutex_lock(&lock);
    bool used = file >= 0 && file < OPEN_MAX && descriptors[file].used;
    if (used)
        descriptors[file] = (descriptor){.used = false};
    pthread_mutex_unlock(&lock);
    return used ? 0 : -EBADF;
}

static int64_t read_here(int64_t file, void *into, size_t bytes, uint64_t offset) {
    const content *c = &inodes[descriptors[file].inode].now;
    if (offset >= c->n)
        return 0;
    uint64_t n = c->n - offset < bytes ? c->n - offset : bytes;
    if (n)
        memcpy(into, c->bytes + offset, n);
    return (int64_t)n;
}

static int64_t lossy_pread(int64_t file, void *into, size_t bytes, uint64_t offset) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how == HALF && !dead && bytes > 1)
        bytes = bytes / 2;
    if (how != FAIL && !dead)
        code = read_here(file, into, bytes, offset);
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_read(int64_t file, void *into, size_t bytes) {
    int64_t n = lossy_pread(file, into, bytes, descriptors[file].offset);
    descriptors[file].offset += n > 0 ? (uint64_t)n : 0;
    return n;
}

static void write_here(int64_t file, const void *from, size_t bytes, uint64_t offset) {
    inode *to = &inodes[descriptors[file].inode];
    content_write(&to->now, from, bytes, offset);
    add_edit(to, false, from, bytes, offset);
}

static int64_t lossy_pwrite(int64_t file, const void *from, size_t bytes, uint64_t offset) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how != FAIL) {
        size_t n = how == HALF && bytes > 1 ? bytes / 2 : bytes;
        write_here(file, from, n, offset);
        code = dead ? -EIO : (int64_t)n;
    } else if (fail_code == ENOSPC && !dead && bytes > 1) { /* a part found room */
        write_here(file, from, bytes / 2, offset);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_write(int64_t file, const void *from, size_t bytes) {
    uint64_t at =
        descriptors[file].append ? inodes[descriptors[file].inode].now.n : descriptors[file].offset;
    int64_t n = lossy_pwrite(file, from, bytes, at);
    descriptors[file].offset = at + (n > 0 ? (uint64_t)n : 0);
    return n;
}

/* A sync that fails has lost what it should have written, though reading still shows it, and the
 * next one does not notice. A slow one lets other threads write meanwhile. */
static int64_t lossy_fsync(int64_t file) {
    int64_t code;
    if (slow_sync)
        usleep(300);
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    inode *of = &inodes[descriptors[file].inode];
    if (how == GO || (how == HALF && !dead)) {
        for (uint32_t i = 0; i < of->edit_count; i++) {
            const edit *e = &of->edits[i];
            if (e->is_truncate)
                content_resize(&of->durable, e->n);
            else
                content_write(&of->durable, e->bytes, e->n, e->offset);
        }
        forget_edits(of);
        code = 0;
    } else if (!dead) {
        lose_some(of);
        forget_edits(of);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_truncate(int64_t file, uint64_t bytes) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how != FAIL) {
        inode *of = &inodes[descriptors[file].inode];
        content_resize(&of->now, bytes);
        add_edit(of, true, NULL, bytes, 0);
        code = dead ? -EIO : 0;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_sync_directory(const char *path) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how == GO || (how == HALF && !dead)) {
        settle_names(path, false);
        code = 0;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

/* This file system knows one name a file. */
static int64_t lossy_link(const char *from, const char *to) {
    (void)from;
    (void)to;
    return -ENOSYS;
}

static int64_t lossy_lock(int64_t file) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how == GO || (how == HALF && !dead)) {
        code = 0;
        for (uint32_t i = 0; i < OPEN_MAX; i++)
            if (descriptors[i].used && descriptors[i].locked && (int64_t)i != file &&
                descriptors[i].inode == descriptors[file].inode)
                code = -EAGAIN;
        descriptors[file].locked = code == 0;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static void tell(int32_t of, tr_file_info *out) {
    *out = (tr_file_info){.bytes = inodes[of].now.n,
                          .is_directory = inodes[of].is_directory,
                          .is_regular = !inodes[of].is_directory,
                          .inode = (uint64_t)of + 1};
}

static int64_t lossy_info(const char *path, tr_file_info *out) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how == GO || (how == HALF && !dead)) {
        const entry *e = find_name(&now_names, path);
        code = e ? 0 : -ENOENT;
        if (e)
            tell(e->inode, out);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_file_info(int64_t file, tr_file_info *out) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how == GO || (how == HALF && !dead)) {
        code = 0;
        tell(descriptors[file].inode, out);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_list(const char *path, bool (*each)(void *ctx, const char *name), void *ctx) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how == GO || (how == HALF && !dead)) {
        code = find_name(&now_names, path) ? 0 : -ENOENT;
        for (uint32_t i = 0; i < now_names.count; i++)
            if (now_names.entries[i].path && is_in(now_names.entries[i].path, path) &&
                !each(ctx, now_names.entries[i].path + strlen(path) + 1))
                break;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_rename(const char *from, const char *to) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how != FAIL) {
        const entry *e = find_name(&now_names, from);
        code = e ? 0 : -ENOENT;
        if (e)
            edit_names(to, from, e->inode);
        code = dead ? -EIO : code;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_unlink(const char *path) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how != FAIL) {
        code = find_name(&now_names, path) ? 0 : -ENOENT;
        if (!code)
            edit_names(path, NULL, -1);
        code = dead ? -EIO : code;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_mkdir(const char *path) {
    int64_t code;
    pthread_mutex_lock(&lock);
    outcome how = begin(&code);
    if (how != FAIL) {
        code = find_name(&now_names, path) ? -EEXIST : 0;
        if (!code)
            edit_names(path, NULL, (int32_t)new_inode(true));
        code = dead ? -EIO : code;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int64_t lossy_process_id(void) {
    return 1;
}

static void *lossy_alloc(size_t bytes, size_t align) {
    uint64_t n = atomic_fetch_add(&allocations, 1) + 1;
    return n == refuse_at ? NULL : tr_os_real.alloc(bytes, align);
}

static void lossy_give_back(void *memory, size_t bytes) {
    tr_os_real.free(memory, bytes);
}

static int64_t lossy_clock_ns(void) {
    return tr_os_real.clock_ns();
}

static int64_t lossy_now_ticks(void) {
    return tr_os_real.now_ticks();
}

static int64_t lossy_random(void *into, size_t bytes) {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)into)[i] = (uint8_t)(next_random() >> 32);
    pthread_mutex_unlock(&lock);
    return (int64_t)bytes;
}

static int64_t lossy_thread_start(void *(*body)(void *), void *ctx, uint64_t *thread) {
    return tr_os_real.thread_start(body, ctx, thread);
}

static int64_t lossy_thread_join(uint64_t thread) {
    return tr_os_real.thread_join(thread);
}

const tr_os lossy_os = {
    .open = lossy_open,
    .close = lossy_close,
    .read = lossy_read,
    .pread = lossy_pread,
    .write = lossy_write,
    .pwrite = lossy_pwrite,
    .fsync = lossy_fsync,
    .truncate = lossy_truncate,
    .sync_directory = lossy_sync_directory,
    .link = lossy_link,
    .lock = lossy_lock,
    .info = lossy_info,
    .file_info = lossy_file_info,
    .list = lossy_list,
    .rename = lossy_rename,
    .unlink = lossy_unlink,
    .mkdir = lossy_mkdir,
    .process_id = lossy_process_id,
    .alloc = lossy_alloc,
    .free = lossy_give_back,
    .clock_ns = lossy_clock_ns,
    .now_ticks = lossy_now_ticks,
    .random = lossy_random,
    .thread_start = lossy_thread_start,
    .thread_join = lossy_thread_join,
};
