/* cli/utf8.h: code points and their width on a terminal. */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stddef.h>
#include <stdint.h>

/** The code point at *at (before end), which moves on; 0xFFFD and one byte for bytes that are no
 *  UTF-8. */
uint32_t cli_utf8_next(const char **at, const char *end);
/** Bytes of a code point written to out[4]; 0xFFFD for surrogates. */
size_t cli_utf8_write(char *out, uint32_t code);
/** Columns: 0 for combining marks, 2 for wide characters, else 1. */
uint32_t cli_width(uint32_t code);
/** Columns of a text without control characters. */
uint32_t cli_text_width(const char *text, size_t bytes);

#endif
