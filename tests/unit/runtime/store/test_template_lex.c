/* Lines cut into tokens. */
#include "runtime/store/template_lex.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* Tokens in brackets, the first letter of their kind before: w[user] n[7]. */
static const char *split(const char *line, bool coarse) {
    static char text[2000];
    static const char letters[] = "wniu";
    char padded[300] = {0};
    tr_line out;
    uint32_t at = 0, n = 0;
    cr_assert_lt(strlen(line), 200);
    memcpy(padded, line, strlen(line));
    cr_assert(tr_line_split(tr_str_of(padded, strlen(line)), coarse, &out));
    for (uint32_t i = 0; i < out.count; i++) {
        tr_token t = out.tokens[i];
        n += (uint32_t)sprintf(text + n, "%.*s%c[%.*s]", t.at - (int)at, line + at, letters[t.kind],
                               t.end - t.at, line + t.at);
        at = t.end;
    }
    sprintf(text + n, "%s", line + at);
    return text;
}

Test(template_lex, tokens_by_what_they_look_like) {
    static const char *const lines[][2] = {
        {"", ""},
        {"user=bob, ok", "w[user]=w[bob], w[ok]"},
        {"took 12ms", "w[took] n[12]w[ms]"},
        {"at 2024-01-02 03:04:05.678", "w[at] n[2024]-n[01]-n[02] n[03]:n[04]:n[05].n[678]"},
        {"a -5 b-5 --5 -x (-7)", "w[a] n[-5] w[b]-n[5] -n[-5] -w[x] (n[-7])"},
        {"blk_-42 blk_42", "w[blk_]n[-42] w[blk]_n[42]"},
        {"10.0.0.1:80 /10.0.0.1.", "i[10.0.0.1]:n[80] /i[10.0.0.1]."},
        {"1.2.3 1.2.3.4.5 256.1.1.1", "n[1].n[2].n[3] n[1].i[2.3.4.5] n[256].n[1].n[1].n[1]"},
        {"01.2.3.4 1.2.3.4a", "n[01].n[2].n[3].n[4] n[1].n[2].n[3].n[4]w[a]"},
        {"0123abcd 0123ABCD 0123abcD", "n[0123abcd] n[0123ABCD] n[0123]w[abcD]"},
        {"0x1f deadbeef v1 x86_64", "w[0x]n[1f] w[deadbeef] w[v]n[1] w[x]n[86]_n[64]"},
        {"pod-60cbe55c_default", "w[pod]-n[60cbe55c]w[_default]"},
        {"00000000-1111-2222-3333-444444444444", "u[00000000-1111-2222-3333-444444444444]"},
        {"00000000-1111-2222-3333-44444444444",
         "n[00000000]-n[1111]-n[2222]-n[3333]-n[44444444444]"},
        {"a1b2c3d4z", "w[a1b2c3d4z]"},
        {"\xc3\xa9t\xc3\xa9 \xff", "w[\xc3\xa9t\xc3\xa9] w[\xff]"},
        {"[@_`{^~", "[@w[_]`{^~"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cr_assert_str_eq(split(lines[i][0], false), lines[i][1]);
}

Test(template_lex, coarse_tokens_end_at_blanks_and_quotes) {
    cr_assert_str_eq(split("GET \"/a/b-1?x=y\" 10.0.0.1:80 [z]", true),
                     "w[GET] \"w[/a/b-1?x]=w[y]\" w[10.0.0.1:80] [w[z]]");
}

Test(template_lex, shape_is_kinds_and_what_stands_between) {
    static const char *const alike[] = {"job 7 ok", "run -123456789 no"};
    static const char *const other[] = {"job 7  ok", "job 7.ok", "job x ok", "job 7 ok "};
    tr_line first, line;
    char padded[100];
    for (size_t i = 0; i < 6; i++) {
        const char *text = i < 2 ? alike[i] : other[i - 2];
        memset(padded, 0, sizeof padded);
        memcpy(padded, text, strlen(text));
        cr_assert(tr_line_split(tr_str_of(padded, strlen(text)), false, i ? &line : &first));
        if (i)
            cr_assert_eq(line.shape == first.shape, i < 2, "%s", text);
    }
}

Test(template_lex, too_many_tokens_are_refused) {
    static char text[2 * TR_LINE_TOKENS + 100];
    tr_line line;
    for (uint32_t i = 0; i < 2 * TR_LINE_TOKENS + 2; i++)
        text[i] = i % 2 ? ' ' : 'a';
    cr_assert(tr_line_split(tr_str_of(text, 2 * TR_LINE_TOKENS), false, &line));
    cr_assert_eq(line.count, TR_LINE_TOKENS);
    cr_assert(!tr_line_split(tr_str_of(text, 2 * TR_LINE_TOKENS + 1), false, &line));
    cr_assert(!tr_line_split(tr_str_of(text, 2 * TR_LINE_TOKENS + 1), true, &line));
}
