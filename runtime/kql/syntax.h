/* runtime/kql/syntax.h: the syntax tree of KQL, as the parser makes it.
 *
 * One uniform, immutable tree in one arena. It says what was written, not what it means: no name is
 * resolved, no type is known. It must not know plans, data types, tables or functions.
 *
 * Rules that hold for every node
 * - `span` is the byte range in the query text, from the first to the last token of the node
 *   (parentheses around an expression leave no node and are outside its span).
 * - `text` repeats the name that a node carries (for a CALL the function name, for a LET the name
 * it declares), so that children[0] is needed only for its span.
 * - Absent optional children are one TR_KQL_NONE node (child_count 0): positions never shift, and a
 *   loop over an absent LIST runs zero times.
 * - Every operator and source has a TR_KQL_OPTIONS node as children[0]; it holds all of the
 *   `name = value` parts, whether written before the operands, after them, or in with (...).
 * - Of sources and operators, value.integer = bytes of the name as written (the span begins with
 * it).
 * - No path from the root is longer than TR_KQL_DEPTH_MAX, so recursion over the tree is safe.
 * Chains of `and` / `or` are flat (n children), as are pipelines.
 *
 * "tabular" below: a PIPELINE, a source operator (PRINT, RANGE, DATATABLE, EXTERNALDATA, UNION,
 * FIND, SEARCH, EVALUATE, MACRO_EXPAND, INLINE_EXTERNAL_TABLE), or an expression that may turn out
 * to name a table: NAME, PATH, CALL, CLIENT_PARAMETER. "expression": anything of the section
 * Expressions, and inside call arguments and lists also anything tabular. */
#ifndef TR_KQL_SYNTAX_H
#define TR_KQL_SYNTAX_H

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/base/str.h"

enum {
    TR_KQL_TEXT_BYTES_MAX = 4 << 20, /* longer queries are refused with TRAWL_E_LIMIT */
    TR_KQL_DEPTH_MAX = 400           /* deepest nesting; deeper is TRAWL_E_LIMIT, code SYN0015 */
};

/* X(kind, name): the name is what the debug dump prints. The comment gives children in order;
 * `x?` may be NONE, `x...` repeats zero or more times, `x...1` one or more times. */
#define TR_KQL_KINDS(X)                                                                            \
    X(NONE, "none")                                                                                \
    /* Text: STATEMENTS statement... ; a statement is one of the six below, or a tabular or scalar \
     * expression, which is a query of its own. */                                                 \
    X(STATEMENTS, "statements")                                                                    \
    X(LET, "let")                       /* NAME, value: expression | tabular | FUNCTION */         \
    X(SET, "set")                       /* NAME, literal? or NAME?; text = option */               \
    X(DECLARE_PARAMETERS, "parameters") /* PARAMETER... ; `declare query_parameters (...)` */      \
    X(DECLARE_PATTERN, "pattern") /* NAME, LIST of PARAMETER?, path LIST of PARAMETER?, CASE... */ \
    X(PATTERN_CASE, "case")       /* LIST of values, path STRING?, BODY */                         \
    X(ALIAS, "alias")             /* NAME, expression; `alias database x = ...` */                 \
    X(RESTRICT, "restrict")       /* entity... (NAME, WILDCARD, PATH, CALL) */                     \
    X(COMMAND, "command")         /* none; text = from '.' to the end, trimmed */                  \
    X(FUNCTION, "function")       /* LIST of PARAMETER, BODY; flag VIEW */                         \
    X(PARAMETER, "parameter")     /* NAME, TYPE | SCHEMA, default literal or expression? */        \
    X(BODY, "body")               /* statement...; the last one is the value */                    \
    /* Expressions */                                                                              \
    X(NAME, "name")         /* none; text = name; flag BRACKETED */                                \
    X(WILDCARD, "wildcard") /* none; text = pattern such as T*_2; flag BRACKETED */                \
    X(STAR, "star")         /* none; a lone * */                                                   \
    X(CLIENT_PARAMETER, "client-parameter") /* none; text = name inside {...} */                   \
    X(PATH, "path")     /* left, NAME | CALL | WILDCARD; text = selector's; `a.b` */               \
    X(INDEX, "index")   /* left, index expression; `a['x']`, `a[0]` */                             \
    X(CALL, "call")     /* NAME, argument...; an argument is an expression, NAMED or tabular;      \
                           `toscalar kind=x (...)` has the OPTION last */                          \
    X(NAMED, "named")   /* NAME | NAMES, expression; text = name, "" for NAMES */                  \
    X(NAMES, "names")   /* NAME...1; left side of `(a, b) = expression` */                         \
    X(AND, "and")       /* expression... (2 or more) */                                            \
    X(OR, "or")         /* expression... (2 or more) */                                            \
    X(BINARY, "binary") /* left, right; op; value.integer = byte offset of the operator */         \
    X(LIST_TEST, "list-test") /* left, item...; op IN ... HAS_ALL; an item may be tabular */       \
    X(BETWEEN, "between")     /* value, low, high; op BETWEEN or NOT_BETWEEN */                    \
    X(NEGATE, "negate")       /* operand; a sign that touches a number belongs to the number */    \
    X(PLUS, "plus")           /* operand */                                                        \
    X(TYPEOF, "typeof")       /* TYPE | SCHEMA */                                                  \
    X(ENTITY_GROUP, "entity-group") /* expression...; `entity_group [a, b]` */                     \
    /* Literals. Flag NULL: a typed null such as int(null); value and text are then empty. text is \
     * the source text unless said otherwise. */                                                   \
    X(BOOL, "bool")         /* value.integer 0 or 1 */                                             \
    X(INT, "int")           /* value.integer, fits 32 bits */                                      \
    X(LONG, "long")         /* value.integer */                                                    \
    X(REAL, "real")         /* value.real */                                                       \
    X(DECIMAL, "decimal")   /* text = the number as written, checked */                            \
    X(DATETIME, "datetime") /* value.integer = ticks of 100 ns since 0001-01-01 */                 \
    X(TIMESPAN, "timespan") /* value.integer = ticks */                                            \
    X(GUID, "guid")         /* text = 36 characters, lower case, with dashes */                    \
    X(STRING, "string")     /* text = decoded, adjacent literals joined; flag HIDDEN for h'' */    \
    X(DYNAMIC, "dynamic")   /* text = the body as written (comments blanked), for                  \
                               tr_dyn_parse_literal; value.integer = byte offset of the body in    \
                               the query, so that a fault inside it can be pointed at */           \
    /* Declarations and small parts */                                                             \
    X(LIST, "list")       /* as the parent says */                                                 \
    X(TYPE, "type")       /* none; text = canonical: bool int long real decimal datetime timespan  \
                             guid string dynamic */                                                \
    X(SCHEMA, "schema")   /* COLUMN...; flag OPEN when a * stands among them */                    \
    X(COLUMN, "column")   /* NAME, TYPE? (absent only in parse, find) */                           \
    X(OPTIONS, "options") /* OPTION... */                                                          \
    X(OPTION, "option")   /* NAME? (NONE in old forms of render), value: literal | NAME | PATH |   \
                             CALL | LIST of NAME; text = name as written: hint.strategy */         \
    X(ORDER,                                                                                       \
      "order") /* expression; flags ASC, DESC, NULLS_FIRST, NULLS_LAST, GRANNY as written */       \
    /* Tabular: a pipeline and its sources */                                                      \
    X(PIPELINE, "pipeline") /* source, operator...; source NONE = rows come from outside (the body \
                               of mv-apply, partition, fork, facet ...) */                         \
    X(SCOPED, "scoped")     /* tabular, OPTION; `T datascope=all`, as a source only */             \
    X(PRINT, "print")       /* OPTIONS, expression | NAMED ... */                                  \
    X(RANGE, "range")       /* OPTIONS, NAME, from, to, step */                                    \
    X(DATATABLE, "datatable")       /* OPTIONS, SCHEMA, expression... */                           \
    X(EXTERNALDATA, "externaldata") /* OPTIONS, SCHEMA, LIST of locations */                       \
    X(INLINE_EXTERNAL_TABLE,                                                                       \
      "inline_external_table") /* OPTIONS, SCHEMA?, LIST of PARTITION_COLUMN?, LIST of path        \
                                  parts?, LIST of locations */                                     \
    X(PARTITION_COLUMN, "partition-column") /* NAME, TYPE, expression?; text = name */             \
    /* Operators after a pipe; UNION, FIND, SEARCH, EVALUATE, MACRO_EXPAND also as sources */      \
    X(AS, "as")                               /* OPTIONS, NAME */                                  \
    X(ASSERT_SCHEMA, "assert-schema")         /* OPTIONS, SCHEMA */                                \
    X(CONSUME, "consume")                     /* OPTIONS */                                        \
    X(COUNT, "count")                         /* OPTIONS name? */                                  \
    X(DISTINCT, "distinct")                   /* OPTIONS, expression | NAMED | STAR ...1 */        \
    X(EVALUATE, "evaluate")                   /* OPTIONS, CALL, SCHEMA? ; text = plugin */         \
    X(EXECUTE_AND_CACHE, "__executeAndCache") /* OPTIONS */                                        \
    X(EXTEND, "extend")                       /* OPTIONS, expression | NAMED ...1 */               \
    X(FACET, "facet")                         /* OPTIONS, LIST of columns, PIPELINE? */            \
    X(FIND, "find")                           /* OPTIONS, LIST of entities?, predicate?, LIST of   \
                                                 COLUMN | CALL pack(*)? ; flags                    \
                                                 PROJECT_SMART, AWAY */                            \
    X(FORK, "fork")                           /* OPTIONS, BRANCH...1 */                            \
    X(BRANCH, "branch")                       /* NAME?, PIPELINE; text = name or "" */             \
    X(GETSCHEMA, "getschema")                 /* OPTIONS */                                        \
    X(INVOKE, "invoke")                       /* OPTIONS, CALL | PATH */                           \
    X(JOIN, "join")                           /* OPTIONS, right tabular, condition... (NAME, or    \
                                                 expressions over $left and $right, AND) */        \
    X(LOOKUP, "lookup")                       /* as JOIN */                                        \
    X(MACRO_EXPAND, "macro-expand")           /* OPTIONS, entity group expression, NAME?, BODY */  \
    X(MAKE_SERIES, "make-series")             /* OPTIONS, LIST of SERIES_ITEM, axis expression,    \
                                                 SERIES_RANGE | SERIES_IN_RANGE, LIST of by? */    \
    X(SERIES_ITEM, "series-item")             /* expression | NAMED, default? */                   \
    X(SERIES_RANGE, "series-range")           /* from?, to?, step */                               \
    X(SERIES_IN_RANGE, "series-in-range")     /* from, to, step; `on t in range(a, b, c)` */       \
    X(MV_APPLY, "mv-apply")                   /* OPTIONS, row limit?, PIPELINE, MV_ITEM...1 */     \
    X(MV_EXPAND, "mv-expand")                 /* OPTIONS, row limit?, MV_ITEM...1 */               \
    X(MV_ITEM, "mv-item")                   /* expression | NAMED, TYPEOF? ; expression NONE for a \
                                               bare `to typeof(x)` */                              \
    X(PARSE, "parse")                       /* OPTIONS, expression, STRING | STAR | COLUMN ...1;   \
                                               COLUMN = NAME, TYPE? */                             \
    X(PARSE_WHERE, "parse-where")           /* as PARSE */                                         \
    X(PARSE_KV, "parse-kv")                 /* OPTIONS, expression, SCHEMA */                      \
    X(PARTITION, "partition")               /* OPTIONS, key expression, scope?, PIPELINE; flag     \
                                               BRACES: the body is in {...} with its own source */ \
    X(PARTITION_BY, "__partitionby")        /* OPTIONS, key expression, id literal?, PIPELINE */   \
    X(PROJECT, "project")                   /* OPTIONS, expression | NAMED ... */                  \
    X(PROJECT_AWAY, "project-away")         /* OPTIONS, NAME | WILDCARD | STAR ... */              \
    X(PROJECT_BY_NAMES, "project-by-names") /* OPTIONS, expression... */                           \
    X(PROJECT_KEEP, "project-keep")         /* OPTIONS, NAME | WILDCARD | STAR ...1 */             \
    X(PROJECT_RENAME, "project-rename")     /* OPTIONS, NAMED... */                                \
    X(PROJECT_REORDER, "project-reorder")   /* OPTIONS, ORDER... of NAME | WILDCARD | STAR */      \
    X(REDUCE, "reduce")                     /* OPTIONS, expression */                              \
    X(RENDER, "render")                     /* OPTIONS; text = chart, "" when absent */            \
    X(SAMPLE, "sample")                     /* OPTIONS, count */                                   \
    X(SAMPLE_DISTINCT, "sample-distinct")   /* OPTIONS, count, expression */                       \
    X(SCAN, "scan")                         /* OPTIONS, LIST of ORDER?, LIST of partition          \
                                               expressions?, LIST of PARAMETER?, STEP... */        \
    X(STEP, "step")                         /* OPTIONS (output=), NAME, condition, NAMED...; flag  \
                                               OPTIONAL; text = name */                            \
    X(SEARCH, "search")                     /* OPTIONS, LIST of entities?, predicate? */           \
    X(SERIALIZE, "serialize")               /* OPTIONS, expression | NAMED ... */                  \
    X(SORT, "sort")                         /* OPTIONS, ORDER...1 */                               \
    X(SUMMARIZE, "summarize")               /* OPTIONS, LIST of expression | NAMED, LIST of by? */ \
    X(TAKE, "take")                         /* OPTIONS, count */                                   \
    X(TOP, "top")                           /* OPTIONS, count, ORDER */                            \
    X(TOP_HITTERS, "top-hitters")           /* OPTIONS, count, expression, by expression? */       \
    X(TOP_NESTED, "top-nested")             /* OPTIONS, NEST_LEVEL...1 */                          \
    X(NEST_LEVEL, "nest-level")             /* count?, expression | NAMED, others? , ORDER of      \
                                               expression | NAMED */                               \
    X(UNION, "union")                       /* OPTIONS, tabular | WILDCARD | STAR ...1 */          \
    X(WHERE, "where")                       /* OPTIONS, predicate */                               \
    /* Graphs */                                                                                   \
    X(MAKE_GRAPH, "make-graph")           /* OPTIONS (with_node_id=), NAME source, NAME target,    \
                                             LIST of GRAPH_TABLE?, GRAPH_PARTITION? */             \
    X(GRAPH_TABLE, "graph-table")         /* tabular, NAME key */                                  \
    X(GRAPH_PARTITION, "graph-partition") /* column expression, PIPELINE */                        \
    X(GRAPH_MATCH, "graph-match")         /* OPTIONS, LIST of GRAPH_PATTERN, where?, LIST of       \
                                             project items? */                                     \
    X(GRAPH_SHORTEST_PATHS, "graph-shortest-paths") /* as GRAPH_MATCH */                           \
    X(GRAPH_PATTERN, "graph-pattern")               /* GRAPH_NODE, GRAPH_EDGE, GRAPH_NODE, ... */  \
    X(GRAPH_NODE, "graph-node")                     /* NAME?; text = name or "" */                 \
    X(GRAPH_EDGE, "graph-edge")         /* NAME?, least hops?, most hops?; flags LEFT, RIGHT       \
                                           (neither: any direction); hops given: variable */       \
    X(GRAPH_TO_TABLE, "graph-to-table") /* OPTIONS, GRAPH_OUTPUT...1 */                            \
    X(GRAPH_OUTPUT, "graph-output")     /* OPTIONS, NAME?; text = "nodes" or "edges" */            \
    X(GRAPH_MARK_COMPONENTS, "graph-mark-components") /* OPTIONS */                                \
    X(GRAPH_WHERE_EDGES, "graph-where-edges")         /* OPTIONS, predicate */                     \
    X(GRAPH_WHERE_NODES, "graph-where-nodes")         /* OPTIONS, predicate */

typedef enum tr_kql_kind {
#define X(kind, name) TR_KQL_##kind,
    TR_KQL_KINDS(X)
#undef X
        TR_KQL_KIND_COUNT
} tr_kql_kind;

/* X(op, text): operators of BINARY, LIST_TEST and BETWEEN. The text is the spelling. */
#define TR_KQL_OPS(X)                                                                              \
    X(NO_OP, "")                                                                                   \
    X(ADD, "+")                                                                                    \
    X(SUBTRACT, "-")                                                                               \
    X(MULTIPLY, "*")                                                                               \
    X(DIVIDE, "/")                                                                                 \
    X(MODULO, "%")                                                                                 \
    X(LESS, "<")                                                                                   \
    X(LESS_EQUAL, "<=")                                                                            \
    X(GREATER, ">")                                                                                \
    X(GREATER_EQUAL, ">=")                                                                         \
    X(EQUAL, "==")                                                                                 \
    X(NOT_EQUAL, "!=") /* also written <> */                                                       \
    X(EQUAL_NOCASE, "=~")                                                                          \
    X(NOT_EQUAL_NOCASE, "!~")                                                                      \
    X(HAS, "has")                                                                                  \
    X(NOT_HAS, "!has")                                                                             \
    X(HAS_CS, "has_cs")                                                                            \
    X(NOT_HAS_CS, "!has_cs")                                                                       \
    X(HASPREFIX, "hasprefix")                                                                      \
    X(NOT_HASPREFIX, "!hasprefix")                                                                 \
    X(HASPREFIX_CS, "hasprefix_cs")                                                                \
    X(NOT_HASPREFIX_CS, "!hasprefix_cs")                                                           \
    X(HASSUFFIX, "hassuffix")                                                                      \
    X(NOT_HASSUFFIX, "!hassuffix")                                                                 \
    X(HASSUFFIX_CS, "hassuffix_cs")                                                                \
    X(NOT_HASSUFFIX_CS, "!hassuffix_cs")                                                           \
    X(CONTAINS, "contains")                                                                        \
    X(NOT_CONTAINS, "!contains") /* also written notcontains */                                    \
    X(CONTAINS_CS, "contains_cs")                                                                  \
    X(NOT_CONTAINS_CS, "!contains_cs")                                                             \
    X(STARTSWITH, "startswith")                                                                    \
    X(NOT_STARTSWITH, "!startswith")                                                               \
    X(STARTSWITH_CS, "startswith_cs")                                                              \
    X(NOT_STARTSWITH_CS, "!startswith_cs")                                                         \
    X(ENDSWITH, "endswith")                                                                        \
    X(NOT_ENDSWITH, "!endswith")                                                                   \
    X(ENDSWITH_CS, "endswith_cs")                                                                  \
    X(NOT_ENDSWITH_CS, "!endswith_cs")                                                             \
    X(LIKE, "like")                                                                                \
    X(NOT_LIKE, "notlike")                                                                         \
    X(LIKE_CS, "like_cs")                                                                          \
    X(NOT_LIKE_CS, "notlike_cs")                                                                   \
    X(MATCHES_REGEX, "matches regex")                                                              \
    X(SEARCH_TERM, ":") /* column:term */                                                          \
    X(IN, "in")                                                                                    \
    X(NOT_IN, "!in")                                                                               \
    X(IN_NOCASE, "in~")                                                                            \
    X(NOT_IN_NOCASE, "!in~")                                                                       \
    X(HAS_ANY, "has_any")                                                                          \
    X(HAS_ALL, "has_all")                                                                          \
    X(BETWEEN_OP, "between")                                                                       \
    X(NOT_BETWEEN, "!between")

typedef enum tr_kql_op {
#define X(op, text) TR_KQL_OP_##op,
    TR_KQL_OPS(X)
#undef X
        TR_KQL_OP_COUNT
} tr_kql_op;

typedef enum tr_kql_flag {
    TR_KQL_FLAG_NULL = 1,           /* literals: a typed null */
    TR_KQL_FLAG_BRACKETED = 1 << 1, /* NAME, WILDCARD: written ['...'] */
    TR_KQL_FLAG_HIDDEN = 1 << 2,    /* STRING: written h'...'; keep it out of logs */
    TR_KQL_FLAG_VIEW = 1 << 3,      /* FUNCTION: `view` */
    TR_KQL_FLAG_OPEN = 1 << 4,      /* SCHEMA: has a * */
    TR_KQL_FLAG_ASC = 1 << 5,       /* ORDER */
    TR_KQL_FLAG_DESC = 1 << 6,      /* ORDER; neither ASC nor DESC: not written */
    TR_KQL_FLAG_NULLS_FIRST = 1 << 7,
    TR_KQL_FLAG_NULLS_LAST = 1 << 8,
    TR_KQL_FLAG_GRANNY = 1 << 9,         /* ORDER of project-reorder: granny-asc, granny-desc */
    TR_KQL_FLAG_BRACES = 1 << 10,        /* PARTITION: body in braces */
    TR_KQL_FLAG_OPTIONAL = 1 << 11,      /* STEP */
    TR_KQL_FLAG_PROJECT_SMART = 1 << 12, /* FIND */
    TR_KQL_FLAG_AWAY = 1 << 13,          /* FIND: project-away */
    TR_KQL_FLAG_LEFT = 1 << 14,          /* GRAPH_EDGE: arrow head on the left */
    TR_KQL_FLAG_RIGHT = 1 << 15          /* GRAPH_EDGE: arrow head on the right */
} tr_kql_flag;

typedef struct tr_kql_node tr_kql_node;
struct tr_kql_node {
    uint8_t kind;   /* tr_kql_kind */
    uint8_t op;     /* tr_kql_op of BINARY, LIST_TEST, BETWEEN; else 0 */
    uint16_t flags; /* tr_kql_flag, or-ed */
    uint16_t depth; /* 1 + that of the deepest child; leaves have 1 */
    uint32_t child_count;
    tr_span span;
    tr_str text; /* lives in the arena; readable TR_PAD bytes past its end */
    union {
        int64_t integer;
        double real;
    } value;
    const tr_kql_node *const *children;
};

/** Parse a whole query text: any number of statements separated by ';'. A text whose first
 * character (after blanks and comments) is '.' is one COMMAND.
 *
 *  query     arena that receives the tree and a copy of the text; the tree lives as long as it does
 *  text      `bytes` bytes, need not end in NUL; not kept
 *  out       receives a STATEMENTS node (no children for an empty text); untouched on error
 *  err       may be NULL; gets the span of the offending token, a code SYN00xx and perhaps a hint
 *  threads   any number, each with its own arena
 *  returns   TRAWL_OK, TRAWL_E_SYNTAX, TRAWL_E_LIMIT (too long or too deep), TRAWL_E_MEMORY */
trawl_status tr_kql_parse(tr_arena *query, const char *text, size_t bytes, const tr_kql_node **out,
                          trawl_error *err);

/** "where", "binary", ...: the name of a kind in the dump. */
const char *tr_kql_kind_name(tr_kql_kind kind);
/** "==", "has", ...: the spelling of an operator. */
const char *tr_kql_op_text(tr_kql_op op);

/** The tree as an S-expression for tests and `explain syntax`: (kind flags "text" value child...).
 *  An absent child is written _, empty OPTIONS are left out. Returns a string in `arena`, NULL when
 *  memory is out. */
const char *tr_kql_syntax_print(tr_arena *arena, const tr_kql_node *node);

#endif
