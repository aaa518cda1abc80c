/* trawl/status.h: status codes and the error record, shared by the library and its users.
 *
 * Stable: codes are never renumbered; new ones are added at the end. */
#ifndef TRAWL_STATUS_H
#define TRAWL_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What went wrong, by who can put it right. */
typedef enum trawl_status {
    TRAWL_OK = 0,
    TRAWL_E_USAGE = 1,       /**< a call or an option makes no sense: change the caller */
    TRAWL_E_SYNTAX = 2,      /**< the query text does not parse */
    TRAWL_E_SEMANTIC = 3,    /**< the query text parses but names or types are wrong */
    TRAWL_E_UNSUPPORTED = 4, /**< part of the language that trawl does not run yet, named */
    TRAWL_E_DATA = 5,        /**< input data is malformed */
    TRAWL_E_LIMIT = 6,       /**< a limit stopped the query; the message names the setting */
    TRAWL_E_MEMORY = 7,      /**< the memory budget is spent or the system has none left */
    TRAWL_E_IO = 8,          /**< a file, a directory or a device failed */
    TRAWL_E_DENIED = 9,      /**< the operating system or a policy said no */
    TRAWL_E_TIMEOUT = 10,    /**< the deadline passed */
    TRAWL_E_CANCELLED = 11,  /**< trawl_query_cancel() was called */
    TRAWL_E_INTERNAL = 12,   /**< a bug in trawl */
    TRAWL_E_BUSY = 13,       /**< another process writes to the database */
    TRAWL_E_FULL = 14        /**< no space left on the device: nothing was changed */
} trawl_status;

/** One error. The caller sets struct_size = sizeof(trawl_error) (TRAWL_ERROR_INIT does) and owns
 *  it; the library fills the rest on failure and leaves it alone on success. */
typedef struct trawl_error {
    uint32_t struct_size;
    trawl_status status;
    uint32_t span_offset; /**< bytes from the start of the query text to the token at fault */
    uint32_t span_bytes;  /**< length of that token; 0 = no place in the text */
    char code[16];        /**< stable short code, e.g. "SEM0100"; "" if none */
    char message[600];    /**< what and where, UTF-8, ends in NUL */
    char hint[200];       /**< what to do, e.g. "did you mean 'State'?"; "" if none */
} trawl_error;

#define TRAWL_ERROR_INIT                                                                           \
    { sizeof(trawl_error), TRAWL_OK, 0, 0, "", "", "" }

#ifdef __cplusplus
}
#endif

#endif
