/* datasets/generate_logs.c: application logs, one line a row: time LEVEL service host message.
 *
 * Messages come from templates; a '%' and a letter stand for a value. On the fourth day, from 14:00
 * to 14:40, the database that checkout uses is slow: timeouts and errors pile up, so that there is
 * something to find. */
#include "datasets/generate.h"

typedef struct template {
    uint16_t weight;
    const char *level, *text;
}
template;

/* %n number  %m milliseconds  %i address  %u user  %p path  %x id  %q bytes  %h host  %t table */
static const template templates[] = {
    {180, "INFO", "request %x GET %p from %i finished with 200 in %m ms, %q bytes"},
    {60, "INFO", "request %x POST %p from %i finished with 201 in %m ms, %q bytes"},
    {25, "WARN", "request %x GET %p from %i finished with 404 in %m ms"},
    {6, "ERROR", "request %x POST %p from %i finished with 500 in %m ms: upstream reset"},
    {70, "DEBUG", "cache hit for key user:%n:profile, %q bytes, ttl %n s"},
    {30, "DEBUG", "cache miss for key user:%n:cart"},
    {40, "INFO", "user %u logged in from %i"},
    {9, "WARN", "login failed for user %u from %i: wrong password"},
    {3, "WARN", "login blocked for user %u from %i after %n attempts"},
    {35, "INFO", "order %x placed by %u, %n items, total %n.%n EUR"},
    {20, "INFO", "payment for order %x accepted in %m ms"},
    {4, "ERROR", "payment for order %x declined: card expired"},
    {50, "DEBUG", "query on %t returned %n rows in %m ms"},
    {8, "WARN", "slow query on %t: %m ms, rows examined %n"},
    {3, "ERROR", "connection to %h:5432 timed out after %m ms"},
    {15, "INFO", "queue orders: %n messages waiting, oldest %n s"},
    {12, "INFO", "published event %x to topic %t, offset %n"},
    {5, "WARN", "consumer lag on topic %t is %n messages"},
    {10, "INFO", "health check ok, uptime %n s, load 0.%n"},
    {2, "WARN", "garbage collection paused for %m ms, heap %q bytes"},
    {1, "ERROR", "cannot write %p: no space left on device"},
    {4, "INFO", "configuration reloaded from /etc/app/config.yaml, %n keys"},
    {6, "DEBUG", "retry %n of 5 for request %x to %h"},
    {1, "FATAL", "out of memory: killed process %n"},
};
enum { TEMPLATE_COUNT = sizeof templates / sizeof *templates, CHOICES = 1024 };

static const template incident_templates[] = {
    {0, "ERROR", "connection to db-03.prod:5432 timed out after %m ms"},
    {0, "ERROR",
     "request %x POST /api/checkout from %i finished with 503 in %m ms: database timeout"},
    {0, "WARN", "connection pool exhausted: 64 of 64 in use, %n waiting"},
    {0, "WARN", "circuit breaker for db-03.prod opened after %n failures"},
};

static const char *const services[] = {
    "gateway",  "auth",     "checkout", "catalog", "search",    "cart",    "payments", "orders",
    "shipping", "profiles", "reviews",  "mailer",  "inventory", "pricing", "reports",  "scheduler",
};
enum { SERVICE_COUNT = sizeof services / sizeof *services, CHECKOUT = 2 };

static const char *const paths[] = {
    "/",           "/login",           "/api/products",  "/api/products/search", "/api/cart",
    "/api/orders", "/static/app.css",  "/static/app.js", "/api/checkout",        "/api/users/me",
    "/healthz",    "/images/logo.png",
};
static const char *const users[] = {"alice",   "bob",   "carol", "dave",  "erin", "frank",
                                    "grace",   "heidi", "ivan",  "judy",  "karl", "laura",
                                    "mallory", "nina",  "oscar", "peggy", "quin", "rupert"};
static const char *const tables[] = {"orders", "customers", "products", "payments", "sessions"};

#define PICK(r, list) ((list)[rng_skewed((r), (uint32_t)(sizeof(list) / sizeof *(list)))])

static void put_value(out_file *out, rng *r, char kind) {
    switch (kind) {
    case 'n': put_number(out, rng_skewed(r, 5000)); return;
    case 'm': put_number(out, rng_tailed(r, 40)); return;
    case 'i': put_ip(out, 0x0a000000u | rng_skewed(r, 1 << 20)); return;
    case 'u':
        put_text(out, PICK(r, users));
        put_number(out, rng_skewed(r, 900));
        return;
    case 'p': put_text(out, PICK(r, paths)); return;
    case 'x': put_hex(out, rng_next(r), 16); return;
    case 'q': put_number(out, rng_tailed(r, 3000)); return;
    case 'h':
        put_text(out, "db-");
        put_padded(out, rng_below(r, 8) + 1, 2);
        put_text(out, ".prod");
        return;
    default: put_text(out, PICK(r, tables));
    }
}

static void put_message(out_file *out, rng *r, const char *text) {
    const char *mark;
    while ((mark = strchr(text, '%'))) {
        put(out, text, (size_t)(mark - text));
        put_value(out, r, mark[1]);
        text = mark + 2;
    }
    put_text(out, text);
}

/* Weights spread over a table, so that a choice is one look-up. */
static void fill_choices(uint8_t choices[CHOICES]) {
    uint32_t total = 0, sum = 0;
    for (int i = 0; i < TEMPLATE_COUNT; i++)
        total += templates[i].weight;
    for (int i = 0, at = 0; i < TEMPLATE_COUNT; i++) {
        sum += templates[i].weight;
        for (; (uint32_t)at < (sum * CHOICES + total - 1) / total && at < CHOICES; at++)
            choices[at] = (uint8_t)i;
    }
}

static bool is_incident(uint64_t ms) {
    uint64_t minute = ms / 60000;
    return minute >= 3 * 1440 + 14 * 60 && minute < 3 * 1440 + 14 * 60 + 40;
}

static void put_line(out_file *out, rng *r, week *w, uint64_t ms, const uint8_t *choices) {
    uint32_t service = rng_skewed(r, SERVICE_COUNT);
    const template *chosen = &templates[choices[rng_below(r, CHOICES)]];
    if (is_incident(ms) && rng_chance(r, 250)) {
        service = CHECKOUT;
        chosen = &incident_templates[rng_below(r, 4)];
    }
    put_time(out, w, ms);
    put_char(out, ' ');
    put_text(out, chosen->level);
    put_char(out, ' ');
    put_text(out, services[service]);
    put_char(out, ' ');
    put_text(out, services[service]);
    put_char(out, '-');
    put_padded(out, rng_below(r, 12) + 1, 2);
    put_char(out, ' ');
    put_message(out, r, chosen->text);
    put_char(out, '\n');
}

bool generate_logs(uint64_t seed, uint64_t rows, const char *dir) {
    static out_file out;
    static uint8_t choices[CHOICES];
    rng r = rng_start(seed, "logs");
    week w;
    week_start(&w, rows);
    fill_choices(choices);
    if (!out_open(&out, dir, "logs.log"))
        return false;
    bool ok = true;
    for (uint64_t i = 0; i < rows && ok; i++) {
        ok = out_room(&out);
        put_line(&out, &r, &w, week_at(&w, i), choices);
    }
    return out_close(&out) && ok;
}
