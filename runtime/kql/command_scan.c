/* runtime/kql/command_scan.c: where strings, brackets, queries and commands end in a text.
 *
 * Looks at bytes only: inside a command may stand what is no KQL (rows, JSON), so that no lexer can
 * be asked. Every function moves forward and stays within the text. */
#include "runtime/kql/command.h"
#include "runtime/kql/token.h"

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has(const char *text, uint32_t bytes, uint32_t at, const char *what) {
    size_t n = strlen(what);
    return bytes - at >= n && memcmp(text + at, what, n) == 0;
}

/* ```...``` and ~~~...~~~ */
static uint32_t skip_lines(const char *text, uint32_t bytes, uint32_t at) {
    const char *fence = text[at] == '`' ? "```" : "~~~";
    for (uint32_t i = at + 3; i < bytes; i++)
        if (has(text, bytes, i, fence))
            return i + 3;
    return bytes;
}

uint32_t tr_command_skip_string(const char *text, uint32_t bytes, uint32_t at) {
    uint32_t i = at;
    bool verbatim = false;
    if (i < bytes && (text[i] == 'h' || text[i] == 'H'))
        i++;
    if (i < bytes && text[i] == '@') {
        verbatim = true;
        i++;
    }
    if (i >= bytes)
        return at;
    if (!verbatim && (has(text, bytes, i, "```") || has(text, bytes, i, "~~~")))
        return skip_lines(text, bytes, i);
    char quote = text[i];
    if (quote != '\'' && quote != '"')
        return at;
    for (i++; i < bytes && text[i] != '\n'; i++) {
        if (text[i] == '\\' && !verbatim && i + 1 < bytes && text[i + 1] != '\n')
            i++;
        else if (text[i] == quote && verbatim && i + 1 < bytes && text[i + 1] == quote)
            i++;
        else if (text[i] == quote)
            return i + 1;
    }
    return i;
}

/* Past a string or a comment at `at`; `at` if there is neither. */
static uint32_t skip_quiet(const char *text, uint32_t bytes, uint32_t at) {
    char c = text[at];
    if (c == '/' && has(text, bytes, at, "//")) {
        while (at < bytes && text[at] != '\n')
            at++;
        return at;
    }
    bool starts = c == '\'' || c == '"' || c == '`' || c == '~' || c == '@' || c == 'h' || c == 'H';
    if (!starts || ((c == 'h' || c == 'H') && at > 0 && is_word(text[at - 1])))
        return at;
    return tr_command_skip_string(text, bytes, at);
}

uint32_t tr_command_skip_brackets(const char *text, uint32_t bytes, uint32_t at) {
    uint32_t depth = 0;
    while (at < bytes) {
        uint32_t past = skip_quiet(text, bytes, at);
        if (past > at) {
            at = past;
            continue;
        }
        char c = text[at++];
        if (c == '(' || c == '[' || c == '{')
            depth++;
        else if ((c == ')' || c == ']' || c == '}') && (depth == 0 || --depth == 0))
            return at;
    }
    return bytes;
}

bool tr_command_begins_line(const char *text, uint32_t bytes, uint32_t at) {
    static const char *const verbs[] = {
        "add",     "alter",   "alter-merge", "append",        "attach",
        "cancel",  "clear",   "create",      "create-merge",  "create-or-alter",
        "define",  "delete",  "detach",      "disable",       "drop",
        "enable",  "execute", "export",      "get",           "ingest",
        "make",    "merge",   "move",        "purge",         "rename",
        "replace", "seal",    "set",         "set-or-append", "set-or-replace",
        "show",    "undo",    "update",
    };
    while (at < bytes && (text[at] == ' ' || text[at] == '\t'))
        at++;
    if (at >= bytes || text[at] != '.')
        return false;
    uint32_t from = ++at;
    while (at < bytes && (is_word(text[at]) || text[at] == '-'))
        at++;
    if (at < bytes && text[at] != ' ' && text[at] != '\t' && text[at] != '\r' && text[at] != '\n')
        return false;
    tr_str word = tr_str_of(text + from, at - from);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (tr_str_equal_nocase_ascii(word, tr_str_c(verbs[i])))
            return true;
    return false;
}

uint32_t tr_command_query_end(const char *text, uint32_t bytes, uint32_t at, bool semicolons) {
    uint32_t depth = 0;
    while (at < bytes) {
        uint32_t past = skip_quiet(text, bytes, at);
        if (past > at) {
            at = past;
            continue;
        }
        char c = text[at];
        if (c == '(' || c == '[' || c == '{')
            depth++;
        else if ((c == ')' || c == ']' || c == '}') && depth)
            depth--;
        else if (c == '\n' && depth == 0 && tr_command_begins_line(text, bytes, at + 1))
            return at;
        else if (c == ';' && depth == 0) {
            uint32_t next = tr_kql_skip_blanks(text, bytes, at + 1);
            if (semicolons || (next < bytes && text[next] == '.'))
                return at;
        }
        at++;
    }
    return bytes;
}
