/* datasets/generate_events.c: user activity as JSON lines: nested objects, arrays, members that are
 * there only sometimes, text beyond ASCII. */
#include "datasets/generate.h"

enum { USER_COUNT = 200000 };

static const char *const plans[] = {"free", "free", "pro", "team", "enterprise"};
static const char *const systems[] = {"android", "ios", "windows", "macos", "linux"};
static const char *const countries[] = {"US", "DE", "IN", "BR", "GB", "FR", "JP", "PL", "SE", "KE"};
static const char *const names[] = {"Ada",   "Björn", "Chloé", "Dmitri", "Elif",  "Fatima", "Goran",
                                    "Hanna", "Íris",  "José",  "Kenji",  "Lucía", "Mei",    "Noor",
                                    "Olga",  "Priya", "Renée", "Søren",  "Tomás", "Zoë"};
static const char *const pages[] = {"home",     "search",  "product", "cart",
                                    "checkout", "account", "help"};
static const char *const queries[] = {"winter jacket", "usb-c cable", "café table",
                                      "4k monitor",    "red shoes",   "\\\"exact\\\" match",
                                      "lamp",          "tent for 2"};
static const char *const errors[] = {"network timeout", "invalid token", "out of stock",
                                     "unexpected end of JSON"};

#define PICK(r, list) ((list)[rng_skewed((r), (uint32_t)(sizeof(list) / sizeof *(list)))])

static void put_member(out_file *out, const char *name, const char *value) {
    put_char(out, '"');
    put_text(out, name);
    put_text(out, "\":\"");
    put_text(out, value);
    put_char(out, '"');
}

static void put_view(out_file *out, rng *r) {
    put_member(out, "page", PICK(r, pages));
    put_text(out, ",\"duration_ms\":");
    put_number(out, rng_tailed(r, 3000));
    if (rng_chance(r, 300)) {
        put_char(out, ',');
        put_member(out, "referrer", "https://search.example/");
    }
}

static void put_search(out_file *out, rng *r) {
    put_member(out, "query", PICK(r, queries));
    put_text(out, ",\"results\":");
    put_number(out, rng_skewed(r, 400));
    put_text(out, ",\"filters\":{\"in_stock\":");
    put_text(out, rng_chance(r, 500) ? "true" : "false");
    put_text(out, rng_chance(r, 300) ? ",\"price_max\":null}" : ",\"price_max\":99.5}");
}

static void put_click(out_file *out, rng *r) {
    put_text(out, "\"x\":");
    put_number(out, rng_below(r, 1920));
    put_text(out, ",\"y\":");
    put_number(out, rng_below(r, 1080));
    put_char(out, ',');
    put_member(out, "target", rng_chance(r, 500) ? "#buy" : "a.nav-item");
}

static void put_order(out_file *out, rng *r) {
    uint32_t count = 1 + rng_skewed(r, 6);
    uint64_t total = 0;
    put_text(out, "\"order\":");
    put_number(out, rng_next(r) >> 24);
    put_text(out, ",\"items\":[");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t price = 99 + rng_tailed(r, 2500), quantity = 1 + rng_skewed(r, 4);
        put_text(out, i ? ",{\"sku\":\"SKU-" : "{\"sku\":\"SKU-");
        put_padded(out, rng_skewed(r, 20000), 5);
        put_text(out, "\",\"quantity\":");
        put_number(out, quantity);
        put_text(out, ",\"price\":");
        put_fixed(out, price, 2);
        put_char(out, '}');
        total += (uint64_t)price * quantity;
    }
    put_text(out, "],\"total\":");
    put_fixed(out, total, 2);
    if (rng_chance(r, 150)) {
        put_char(out, ',');
        put_member(out, "coupon", "SPRING26");
    }
}

static void put_error(out_file *out, rng *r) {
    put_member(out, "message", PICK(r, errors));
    put_text(out, ",\"code\":");
    put_number(out, 1000 + rng_skewed(r, 40));
    put_text(out, ",\"stack\":[\"main.js:");
    put_number(out, rng_below(r, 4000));
    put_text(out, "\",\"vendor.js:");
    put_number(out, rng_below(r, 90000));
    put_text(out, "\"]");
}

static const struct {
    const char *name;
    uint32_t in_1000; /* of events up to and with this kind */
    void (*put)(out_file *out, rng *r);
} kinds[] = {
    {"page_view", 520, put_view},     {"click", 760, put_click},  {"search", 890, put_search},
    {"order_placed", 970, put_order}, {"error", 1000, put_error},
};

/* What belongs to a user follows from the number alone. */
static void put_user(out_file *out, uint32_t user) {
    rng r = {user};
    put_text(out, "\"user\":{\"id\":");
    put_number(out, user);
    put_char(out, ',');
    put_member(out, "name", PICK(&r, names));
    put_char(out, ',');
    put_member(out, "plan", PICK(&r, plans));
    put_char(out, ',');
    put_member(out, "country", PICK(&r, countries));
    put_text(out, "},\"device\":{");
    put_member(out, "os", PICK(&r, systems));
    put_text(out, ",\"version\":\"");
    put_number(out, 10 + rng_below(&r, 9));
    put_char(out, '.');
    put_number(out, rng_below(&r, 6));
    put_text(out, "\"}");
}

static void put_event(out_file *out, rng *r, week *w, uint64_t ms) {
    uint32_t chance = rng_below(r, 1000), kind = 0;
    while (chance >= kinds[kind].in_1000)
        kind++;
    put_text(out, "{\"time\":\"");
    put_time(out, w, ms);
    put_text(out, "\",\"id\":\"");
    put_hex(out, rng_next(r), 16);
    put_text(out, "\",");
    put_member(out, "kind", kinds[kind].name);
    put_char(out, ',');
    put_user(out, rng_skewed(r, USER_COUNT) + 1);
    put_text(out, ",\"properties\":{");
    kinds[kind].put(out, r);
    put_char(out, '}');
    if (rng_chance(r, 80))
        put_text(out, ",\"experiments\":[\"new-cart\",\"blue-button\"]");
    put_text(out, "}\n");
}

bool generate_events(uint64_t seed, uint64_t rows, const char *dir) {
    static out_file out;
    rng r = rng_start(seed, "events");
    week w;
    week_start(&w, rows);
    if (!out_open(&out, dir, "events.jsonl"))
        return false;
    bool ok = true;
    for (uint64_t i = 0; i < rows && ok; i++) {
        ok = out_room(&out);
        put_event(&out, &r, &w, week_at(&w, i));
    }
    return out_close(&out) && ok;
}
