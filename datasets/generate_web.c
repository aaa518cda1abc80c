/* datasets/generate_web.c: web requests as CSV. Users come back, sessions hold some requests each,
 * few pages get most hits, latency has a long tail, robots have no session. */
#include "datasets/generate.h"

enum { SESSIONS = 4096, USER_COUNT = 400000 };

typedef struct session {
    uint32_t user;
    uint64_t id;
    uint32_t address;
    uint16_t country, agent;
    uint16_t requests_left;
    bool started; /* its first request names a referrer */
} session;

static const char *const countries[] = {"US", "DE", "GB", "FR", "IN", "BR", "JP", "PL", "NL", "ES",
                                        "IT", "CA", "SE", "AU", "MX", "TR", "CZ", "ZA", "KR", "AR"};
static const char *const agents[] = {
    "\"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36\"",
    "\"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1\"",
    "\"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36\"",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "curl/8.5.0",
    "Mozilla/5.0 (compatible; examplebot/2.1; +http://bot.example/info)",
};
enum { AGENT_COUNT = sizeof agents / sizeof *agents, AGENT_BOT = AGENT_COUNT - 1 };

static const char *const sections[] = {"product", "category", "search?q=", "blog", "help", "cart"};
static const char *const words[] = {"lamp",  "chair",  "desk",  "table",  "garden", "tent",
                                    "phone", "cable",  "book",  "poster", "mug",    "rug",
                                    "shelf", "mirror", "clock", "kettle"};
static const char *const referrers[] = {"", "https://search.example/", "https://news.example/",
                                        "https://social.example/feed", "https://mail.example/"};

#define PICK(r, list) ((list)[rng_skewed((r), (uint32_t)(sizeof(list) / sizeof *(list)))])

static void start_session(session *s, rng *r) {
    s->user = rng_chance(r, 300) ? 0 : rng_skewed(r, USER_COUNT) + 1; /* 0: not logged in */
    s->id = rng_next(r);
    s->address = (uint32_t)rng_next(r);
    s->country = (uint16_t)rng_skewed(r, sizeof countries / sizeof *countries);
    s->agent = (uint16_t)rng_skewed(r, AGENT_COUNT);
    s->requests_left = (uint16_t)(1 + rng_skewed(r, 40));
    s->started = false;
}

static void put_url(out_file *out, rng *r) {
    uint32_t section = rng_skewed(r, 6);
    put_char(out, '/');
    if (rng_chance(r, 120))
        return;
    put_text(out, sections[section]);
    if (section == 5)
        return;
    if (section != 2)
        put_char(out, '/');
    put_text(out, PICK(r, words));
    if (section == 0) {
        put_char(out, '-');
        put_number(out, rng_skewed(r, 20000));
    }
}

static uint32_t status_of(rng *r) {
    uint32_t v = rng_below(r, 1000);
    return v < 900   ? 200
           : v < 930 ? 304
           : v < 950 ? 302
           : v < 985 ? 404
           : v < 992 ? 403
           : v < 998 ? 500
                     : 503;
}

static void put_row(out_file *out, rng *r, week *w, uint64_t ms, session *s) {
    uint32_t status = status_of(r);
    put_time(out, w, ms);
    put_char(out, ',');
    if (s->user)
        put_number(out, s->user);
    put_char(out, ',');
    if (s->agent != AGENT_BOT)
        put_hex(out, s->id, 16);
    put_char(out, ',');
    put_ip(out, s->address);
    put_text(out, rng_chance(r, 900) ? ",GET," : ",POST,");
    put_url(out, r);
    put_char(out, ',');
    put_number(out, status);
    put_char(out, ',');
    put_number(out, status == 200 ? rng_tailed(r, 12000) : status == 304 ? 0 : 512);
    put_char(out, ',');
    put_fixed(out, rng_tailed(r, status >= 500 ? 9000 : 450), 1);
    put_char(out, ',');
    put_text(out, countries[s->country]);
    put_char(out, ',');
    if (!s->started)
        put_text(out, PICK(r, referrers));
    put_char(out, ',');
    put_text(out, agents[s->agent]);
    put_char(out, '\n');
    s->started = true;
}

bool generate_web(uint64_t seed, uint64_t rows, const char *dir) {
    static out_file out;
    static session sessions[SESSIONS];
    rng r = rng_start(seed, "web");
    week w;
    week_start(&w, rows);
    for (int i = 0; i < SESSIONS; i++)
        start_session(&sessions[i], &r);
    if (!out_open(&out, dir, "web.csv"))
        return false;
    put_text(&out, "time,user,session,address,method,url,status,bytes,latency,country,referrer,"
                   "agent\n");
    bool ok = true;
    for (uint64_t i = 0; i < rows && ok; i++) {
        session *s = &sessions[rng_below(&r, SESSIONS)];
        if (!s->requests_left--)
            start_session(s, &r);
        ok = out_room(&out);
        put_row(&out, &r, &w, week_at(&w, i), s);
    }
    return out_close(&out) && ok;
}
