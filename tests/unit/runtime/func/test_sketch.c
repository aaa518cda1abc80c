/* Scalar functions over hll() and tdigest() values. */
#include "tests/unit/runtime/func/calls.h"

Test(func_sketch, hll) {
    static const call_case cases[] = {
        {"dcount_hll", "2", {Y("[[1024,14],[\"7\",\"-9\"],[]]")}},
        {"dcount_hll", "0", {Y("[[1024,14],[],[]]")}},
        {"dcount_hll", "null", {Y("[1,2]")}},
        {"dcount_hll", "null", {Y("[[1024,99],[],[]]")}},
        {"dcount_hll", "null", {Y("[[1024,14],[],[\"short\"]]")}},
        {"dcount_hll", "null", {NUL(TR_DYNAMIC)}},
        {"hll_merge",
         "[[1024,14],[\"5\"],[]]",
         {Y("[[1024,14],[\"5\"],[]]"), Y("[[1024,14],[\"5\"],[]]")}},
        {"hll_merge", "null", {Y("[[1024,14],[\"5\"],[]]"), Y("7")}},
    };
    RUN_CASES(cases);
}

#define DIGEST Y("[[7],[1,5,9],[1,2,1]]")

Test(func_sketch, tdigest) {
    static const call_case cases[] = {
        {"percentile_tdigest", "5", {DIGEST, R(50)}},
        {"percentile_tdigest", "9", {DIGEST, R(100)}},
        {"percentile_tdigest", "1", {DIGEST, R(0)}},
        {"percentile_tdigest", "null", {DIGEST, R(101)}},
        {"percentile_tdigest", "null", {Y("{}"), R(50)}},
        {"percentile_tdigest", "1.5", {Y("[[7],[1.5,2],[1,1]]"), R(50)}},
        {"percentiles_array_tdigest", "[1,5,9]", {DIGEST, Y("[0,50,100]")}},
        {"percentiles_array_tdigest", "[1,9]", {DIGEST, R(25), R(99.9)}},
        {"tdigest_merge", "[[7],[1,4,5,9],[1,3,2,1]]", {DIGEST, Y("[[7],[4],[3]]")}},
        {"merge_tdigest", "null", {Y("1"), Y("2")}},
        {"rank_tdigest", "3.0", {DIGEST, L(5)}},
        {"rank_tdigest", "1.0", {DIGEST, R(4.9)}},
        {"rank_tdigest", "0.0", {DIGEST, L(0)}},
        {"percentrank_tdigest", "75.0", {DIGEST, L(8)}},
        {"percentrank_tdigest", "null", {DIGEST, S("x")}},
    };
    RUN_CASES(cases);
}
