/* test_syntax.c: queries in, dumped trees out. Values are written by hand or read over by eye. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "runtime/kql/syntax.h"

typedef struct tree_case {
    const char *query;
    const char *tree; /* without the "(statements " around it */
} tree_case;

static const tree_case cases[] = {
    {"T", "T"},
    {"T | where a == 1 and b > 2 and c < 3 or not(d)",
     "(pipeline T (where (or (and (binary == a (long 1)) (binary > b (long 2)) (binary <"
     " c (long 3))) (call not d))))"},
    {"T | where a + b * c has \"x\" == true",
     "(pipeline T (where (binary == (binary + a (binary * b (binary has c (string"
     " \"x\")))) (bool 1))))"},
    {"T | where -x + -5 - 3 > +y",
     "(pipeline T (where (binary > (binary - (binary + (negate x) (long -5)) (long 3))"
     " (plus y))))"},
    {"T | where a in (1, 2) and b !in~ (\"x\") and c has_any ((U | project n)) and d in"
     " (U | where x)",
     "(pipeline T (where (and (list-test in a (long 1) (long 2)) (list-test !in~ b"
     " (string \"x\")) (list-test has_any c (pipeline U (project n))) (list-test in d"
     " (pipeline U (where x))))))"},
    {"T | where t between (ago(1d) .. now()) and u !between (1..5)",
     "(pipeline T (where (and (between between t (call ago (timespan 864000000000)) (call"
     " now)) (between !between u (long 1) (long 5)))))"},
    {"T | where * has \"x\" or a matches regex @\"\\d+\" or b !contains \"y\" or c =~ 'z'"
     " or d <> 1",
     "(pipeline T (where (or (binary has (star) (string \"x\")) (binary matches regex a"
     " (string \"\\\\d+\")) (binary !contains b (string \"y\")) (binary =~ c (string"
     " \"z\")) (binary != d (long 1)))))"},
    {"T | project a.b[\"c d\"][0].e, ['x y'], x=1, (p, q) = f(1)",
     "(pipeline T (project (path (index (index (path a b) (string \"c d\")) (long 0)) e)"
     " (name :bracketed \"x y\") (named x (long 1)) (named (names p q) (call f (long"
     " 1)))))"},
    {"print 1, -2, 1.5, 1e3, 0x1F, 1d, 2.5h, 10microsecond, true, False",
     "(print (long 1) (long -2) (real 1.5) (real 1000) (long 31) (timespan 864000000000)"
     " (timespan 90000000000) (timespan 100) (bool 1) (bool 0))"},
    {"print int(1), long(null), real(nan), decimal(1.5), datetime(2020-01-31),"
     " timespan(1.02:03:04.5), guid(74be27de-1e4e-49d9-b579-fe0b331d3642), bool(true),"
     " int(null)",
     "(print (int 1) (long :null) (real nan) (decimal \"1.5\") (datetime"
     " 637160256000000000) (timespan 937845000000) (guid"
     " \"74be27de-1e4e-49d9-b579-fe0b331d3642\") (bool 1) (int :null))"},
    {"print dynamic({\"a\": [1, datetime(2020-01-01)]}), dynamic(null), dynamic([1, //"
     " one\n2])",
     "(print (dynamic \"{\\\"a\\\": [1, datetime(2020-01-01)]}\") (dynamic :null)"
     " (dynamic \"[1,       \\n2]\"))"},
    {"print 'a\\tb\\u0041', \"it's\", @'c:\\d''e', h'secret', h@\"x\", \"a\" 'b' @\"c\","
     " ```line1\nline2```, ~~~x~~~",
     "(print (string \"a\\x09bA\") (string \"it's\") (string \"c:\\\\d'e\") (string"
     " :hidden \"secret\") (string :hidden \"x\") (string \"abc\") (string"
     " \"line1\\nline2\") (string \"x\"))"},
    {"let x = 5; let T1 = U | take 2; let f = (a:long, b:string=\"x\", T:(*), S:(c:int,"
     " d:real)) { let y = a; T | where c == y }; f(1)",
     "(let x (long 5)) (let T1 (pipeline U (take (long 2)))) (let f (function (list"
     " (parameter a (type \"long\") _) (parameter b (type \"string\") (string \"x\"))"
     " (parameter T (schema :open) _) (parameter S (schema (column c (type \"int\"))"
     " (column d (type \"real\"))) _)) (body (let y a) (pipeline T (where (binary == c"
     " y)))))) (call f (long 1))"},
    {"let v = view () { T }; union v, T*, db.T, database('x').T*,"
     " cluster(\"c\").database(\"d\").f(1), (T | take 1), *",
     "(let v (function :view (list) (body T))) (union v (wildcard \"T*\") (path db T)"
     " (path (call database (string \"x\")) (wildcard \"T*\")) (path (path (call cluster"
     " (string \"c\")) (call database (string \"d\"))) (call f (long 1))) (pipeline T"
     " (take (long 1))) (star))"},
    {"set notruncation; set x = 5; declare query_parameters(a:long = 1, b:string); alias"
     " database d = cluster(\"c\").database(\"e\"); restrict access to (A, B*,"
     " database().C); T",
     "(set notruncation _) (set x (long 5)) (parameters (parameter a (type \"long\")"
     " (long 1)) (parameter b (type \"string\") _)) (alias d (path (call cluster (string"
     " \"c\")) (call database (string \"e\")))) (restrict A (wildcard \"B*\") (path (call"
     " database) C)) T"},
    {"declare pattern app = (a:string)[s:string] { (\"x\").[\"y\"] = { T }; (\"z\") = { U"
     " } }; app(\"x\").y",
     "(pattern app (list (parameter a (type \"string\") _)) (list (parameter s (type"
     " \"string\") _)) (case (list (string \"x\")) (string \"y\") (body T)) (case (list"
     " (string \"z\")) _ (body U))) (path (call app (string \"x\")) y)"},
    {".show tables | count", "(command \".show tables | count\")"},
    {"T | extend y = toscalar(U | summarize max(z)), z = toscalar kind=nooptimization (U)",
     "(pipeline T (extend (named y (call toscalar (pipeline U (summarize (list (call max"
     " z)) _)))) (named z (call toscalar U (option kind nooptimization)))))"},
    {"T | summarize hint.strategy=shuffle count(), s=sum(a) by b, bin(t, 1h)",
     "(pipeline T (summarize (options (option hint.strategy shuffle)) (list (call count)"
     " (named s (call sum a))) (list b (call bin t (timespan 36000000000)))))"},
    {"T | summarize by a", "(pipeline T (summarize (list) (list a)))"},
    {"T | summarize count()", "(pipeline T (summarize (list (call count)) _))"},
    {"T | sort by a, b asc nulls last, c desc nulls first | order by d | top 5 by e desc",
     "(pipeline T (sort (order a) (order :asc :nulls-last b) (order :desc :nulls-first"
     " c)) (sort (order d)) (top (long 5) (order :desc e)))"},
    {"T | top-nested 2 of a with others=\"o\" by s=sum(b) desc, top-nested of c by max(d)"
     " | top-hitters 3 of a by b",
     "(pipeline T (top-nested (nest-level (long 2) a (string \"o\") (order :desc (named s"
     " (call sum b)))) (nest-level _ c _ (order (call max d)))) (top-hitters (long 3) a"
     " b))"},
    {"T | take 5 | limit 10 | sample 3 | sample-distinct 4 of a | count | distinct * |"
     " distinct a, b=c",
     "(pipeline T (take (long 5)) (take (long 10)) (sample (long 3)) (sample-distinct"
     " (long 4) a) (count _) (distinct (star)) (distinct a (named b c)))"},
    {"T | join kind=inner hint.strategy=broadcast (U | take 1) on a, $left.b == $right.c"
     " | lookup kind=leftouter V on k | join W on $left.a == $right.b and $left.c =="
     " $right.d",
     "(pipeline T (join (options (option kind inner) (option hint.strategy broadcast))"
     " (pipeline U (take (long 1))) a (binary == (path $left b) (path $right c))) (lookup"
     " (options (option kind leftouter)) V k) (join W (and (binary == (path $left a)"
     " (path $right b)) (binary == (path $left c) (path $right d)))))"},
    {"T | mv-expand kind=array with_itemindex=i a, b=c to typeof(long) limit 10 |"
     " mvexpand d",
     "(pipeline T (mv-expand (options (option kind array) (option with_itemindex i))"
     " (long 10) (mv-item a _) (mv-item (named b c) (typeof (type \"long\")))) (mv-expand"
     " _ (mv-item d _)))"},
    {"T | mv-apply x=a to typeof(real), y limit 3 on (where x > 1 | summarize max(x))",
     "(pipeline T (mv-apply (long 3) (pipeline _ (where (binary > x (long 1))) (summarize"
     " (list (call max x)) _)) (mv-item (named x a) (typeof (type \"real\"))) (mv-item y"
     " _)))"},
    {"T | parse kind=regex flags=U m with * \"a=\" a:long \" b=\" b * | parse-where m"
     " with \"x\" c:real",
     "(pipeline T (parse (options (option kind regex) (option flags U)) m (star) (string"
     " \"a=\") (column a (type \"long\")) (string \" b=\") (column b _) (star))"
     " (parse-where m (string \"x\") (column c (type \"real\"))))"},
    {"T | parse-kv m as (a:long, b:string) with (pair_delimiter=\";\","
     " kv_delimiter=\"=\", greedy=true)",
     "(pipeline T (parse-kv (options (option pair_delimiter (string \";\")) (option"
     " kv_delimiter (string \"=\")) (option greedy (bool 1))) m (schema (column a (type"
     " \"long\")) (column b (type \"string\")))))"},
    {"T | make-series n=count() default=0, avg(x) on t from a to b step 1h by k |"
     " make-series kind=nonempty sum(x) on t in range(a, b, 1d)",
     "(pipeline T (make-series (list (series-item (named n (call count)) (long 0))"
     " (series-item (call avg x) _)) t (series-range a b (timespan 36000000000)) (list"
     " k)) (make-series (options (option kind nonempty)) (list (series-item (call sum x)"
     " _)) t (series-in-range a b (timespan 864000000000)) _))"},
    {"T | make-series count() on t step 1d",
     "(pipeline T (make-series (list (series-item (call count) _)) t (series-range _ _"
     " (timespan 864000000000)) _))"},
    {"T | partition hint.strategy=native by k (top 1 by x) | partition by j { U | where x"
     " == toscalar(j) }",
     "(pipeline T (partition (options (option hint.strategy native)) k _ (pipeline _ (top"
     " (long 1) (order x)))) (partition :braces j _ (pipeline U (where (binary == x (call"
     " toscalar j))))))"},
    {"T | scan with_match_id=m declare (a:long=0, b:string) with (step s1 output=all: x >"
     " 1 => a = 1, b = \"q\"; step s2 optional: s1.a == 1;)",
     "(pipeline T (scan (options (option with_match_id m)) _ _ (list (parameter a (type"
     " \"long\") (long 0)) (parameter b (type \"string\") _)) (step (options (option"
     " output all)) s1 (binary > x (long 1)) (named a (long 1)) (named b (string \"q\")))"
     " (step :optional s2 (binary == (path s1 a) (long 1)))))"},
    {"T | fork a=(take 1) (where x | count) | facet by a, b with (take 5)",
     "(pipeline T (fork (branch a (pipeline _ (take (long 1)))) (branch _ (pipeline _"
     " (where x) (count _)))) (facet (list a b) (pipeline _ (take (long 5)))))"},
    {"find withsource=s in (A, B*, (C | take 1)) where x == 1 project a, b:long, pack(*)",
     "(find (options (option withsource s)) (list A (wildcard \"B*\") (pipeline C (take"
     " (long 1)))) (binary == x (long 1)) (list (column a _) (column b (type \"long\"))"
     " (call pack (star))))"},
    {"find x == 1 project-smart", "(find :project-smart _ (binary == x (long 1)) _)"},
    {"search kind=case_sensitive in (A, database('d').*) \"x\" and y:\"z*\"",
     "(search (options (option kind case_sensitive)) (list A (path (call database (string"
     " \"d\")) (star))) (and (string \"x\") (binary : y (string \"z*\"))))"},
    {"T | search \"x\" or * has \"y\"",
     "(pipeline T (search _ (or (string \"x\") (binary has (star) (string \"y\")))))"},
    {"T | reduce kind=source by m with threshold=0.1, characters=\"-\" | as"
     " hint.materialized=true R | serialize n=row_number() | serialize | consume"
     " decodeblocks=true | getschema kind=csl | __executeAndCache",
     "(pipeline T (reduce (options (option kind source) (option threshold (real 0.1))"
     " (option characters (string \"-\"))) m) (as (options (option hint.materialized"
     " (bool 1))) R) (serialize (named n (call row_number))) (serialize) (consume"
     " (options (option decodeblocks (bool 1)))) (getschema (options (option kind csl)))"
     " (__executeAndCache))"},
    {"T | render timechart with (title=\"x\", ycolumns=a, b, series=c, ymin=-5) | render"
     " 3Dchart kind=stacked title='t'",
     "(pipeline T (render \"timechart\" (options (option title (string \"x\")) (option"
     " ycolumns (list a b)) (option series c) (option ymin (long -5)))) (render"
     " \"3Dchart\" (options (option kind stacked) (option title (string \"t\")))))"},
    {"T | evaluate hint.distribution=per_node bag_unpack(d, 'p_') : (*, a:long) | invoke"
     " f(1) | assert-schema (a:long, b:string)",
     "(pipeline T (evaluate (options (option hint.distribution per_node)) (call"
     " bag_unpack d (string \"p_\")) (schema :open (column a (type \"long\")))) (invoke"
     " (call f (long 1))) (assert-schema (schema (column a (type \"long\")) (column b"
     " (type \"string\")))))"},
    {"evaluate pivot(a, sum(b), c)", "(evaluate (call pivot a (call sum b) c) _)"},
    {"externaldata (a:long, b:string) [h@\"http://x\", 'y'] with (format=\"csv\","
     " ignoreFirstRecord=true)",
     "(externaldata (options (option format (string \"csv\")) (option ignoreFirstRecord"
     " (bool 1))) (schema (column a (type \"long\")) (column b (type \"string\"))) (list"
     " (string :hidden \"http://x\") (string \"y\")))"},
    {"inline_external_table (a:long) kind=storage partition by (d:datetime = bin(t, 1d),"
     " e:string) pathformat=(\"x\" d \"/\" datetime_pattern(\"yyyy\", d))"
     " dataformat=parquet ('u', 'v') with (namePrefix=\"n\")",
     "(inline_external_table (options (option kind storage) (option dataformat parquet)"
     " (option namePrefix (string \"n\"))) (schema (column a (type \"long\"))) (list"
     " (partition-column d (type \"datetime\") (call bin t (timespan 864000000000)))"
     " (partition-column e (type \"string\") _)) (list (string \"x\") d (string \"/\")"
     " (call datetime_pattern (string \"yyyy\") d)) (list (string \"u\") (string \"v\")))"},
    {"datatable (a:long, ['b c']:string) [1, \"x\", -2, \"y\",]",
     "(datatable (schema (column a (type \"long\")) (column (name :bracketed \"b c\")"
     " (type \"string\"))) (long 1) (string \"x\") (long -2) (string \"y\"))"},
    {"range x from 1 to 10 step 2", "(range x (long 1) (long 10) (long 2))"},
    {"macro-expand isfuzzy=true entity_group [cluster('a').database('b'), c] as X (let y"
     " = 1; X.T | where z == y)",
     "(macro-expand (options (option isfuzzy (bool 1))) (entity-group (path (call cluster"
     " (string \"a\")) (call database (string \"b\"))) c) X (body (let y (long 1))"
     " (pipeline (path X T) (where (binary == z y)))))"},
    {"macro-expand G (T | count)", "(macro-expand G _ (body (pipeline T (count _))))"},
    {"E | make-graph s --> t with N on id, (M | take 1) on k partitioned-by p"
     " (graph-match (a)-[e]->(b) project a.x)",
     "(pipeline E (make-graph s t (list (graph-table N id) (graph-table (pipeline M (take"
     " (long 1))) k)) (graph-partition p (pipeline _ (graph-match (list (graph-pattern"
     " (graph-node a) (graph-edge :right e _ _) (graph-node b))) _ (list (path a x)))))))"},
    {"E | make-graph s --> t with_node_id=n | graph-match cycles=none"
     " (a)-[e*1..3]->(b)<-[]-(c)--()-->(d)<--(e), (x)-[y]-(z) where a.x == 1 project a.n,"
     " m = b.n",
     "(pipeline E (make-graph (options (option with_node_id n)) s t _ _) (graph-match"
     " (options (option cycles none)) (list (graph-pattern (graph-node a) (graph-edge"
     " :right e (long 1) (long 3)) (graph-node b) (graph-edge :left _ _ _) (graph-node c)"
     " (graph-edge _ _ _) (graph-node _) (graph-edge :right _ _ _) (graph-node d)"
     " (graph-edge :left _ _ _) (graph-node e)) (graph-pattern (graph-node x) (graph-edge"
     " y _ _) (graph-node z))) (binary == (path a x) (long 1)) (list (path a n) (named m"
     " (path b n)))))"},
    {"G | graph-shortest-paths output=all (a)-[e*1..5]->(b) project x=1 |"
     " graph-mark-components kind=weak with_component_id=c | graph-where-nodes x == 1 |"
     " graph-where-edges y",
     "(pipeline G (graph-shortest-paths (options (option output all)) (list"
     " (graph-pattern (graph-node a) (graph-edge :right e (long 1) (long 5)) (graph-node"
     " b))) _ (list (named x (long 1)))) (graph-mark-components (options (option kind"
     " weak) (option with_component_id c))) (graph-where-nodes (binary == x (long 1)))"
     " (graph-where-edges y))"},
    {"G | graph-to-table nodes as N with_node_id=i, edges with_source_id=s"
     " with_target_id=t as F",
     "(pipeline G (graph-to-table (graph-output \"nodes\" (options (option with_node_id"
     " i)) N) (graph-output \"edges\" (options (option with_source_id s) (option"
     " with_target_id t)) F)))"},
    {"T | project-away a*, *b, c*d | project-keep x, * | project-rename n=o |"
     " project-reorder a desc, b* granny-asc, * | project-by-names dynamic([\"a\"]), \"b\"",
     "(pipeline T (project-away (wildcard \"a*\") (wildcard \"*b\") (wildcard \"c*d\"))"
     " (project-keep x (star)) (project-rename (named n o)) (project-reorder (order :desc"
     " a) (order :asc :granny (wildcard \"b*\")) (order (star))) (project-by-names"
     " (dynamic \"[\\\"a\\\"]\") (string \"b\")))"},
    {"T | project count, by, kind, type, top, range, has, where, let, print | where range"
     " == 1 and count has \"x\" | extend datetime, time",
     "(pipeline T (project count by kind type top range has where let print) (where (and"
     " (binary == range (long 1)) (binary has count (string \"x\")))) (extend datetime"
     " time))"},
    {"range(1, 5); print(1); search(2) | take 1; f(search, find == 1, print); union == 2",
     "(call range (long 1) (long 5)) (print (long 1)) (pipeline (search _ (long 2)) (take"
     " (long 1))) (call f search (binary == find (long 1)) print) (binary == union (long"
     " 2))"},
    {"{param} | where x == {p2}",
     "(pipeline (client-parameter \"param\") (where (binary == x (client-parameter"
     " \"p2\"))))"},
    {"T | __partitionby a.b id guid(74be27de-1e4e-49d9-b579-fe0b331d3642) (take 1)",
     "(pipeline T (__partitionby (path a b) (guid"
     " \"74be27de-1e4e-49d9-b579-fe0b331d3642\") (pipeline _ (take (long 1)))))"},
    {"union withsource=src kind=outer isfuzzy=true (T), U | count",
     "(pipeline (union (options (option withsource src) (option kind outer) (option"
     " isfuzzy (bool 1))) T U) (count _))"},
    {"T | where a.b.c == 1 and a has_all (\"x\", \"y\") and b : \"t\" and c like \"x%\""
     " and d notlike \"y\"",
     "(pipeline T (where (and (binary == (path (path a b) c) (long 1)) (list-test has_all"
     " a (string \"x\") (string \"y\")) (binary : b (string \"t\")) (binary like c"
     " (string \"x%\")) (binary notlike d (string \"y\")))))"},
    {"T | extend a = case(x > 1, \"a\", \"b\"), b=iff(isnull(y), 1, 2), typeof(long)",
     "(pipeline T (extend (named a (call case (binary > x (long 1)) (string \"a\")"
     " (string \"b\"))) (named b (call iff (call isnull y) (long 1) (long 2))) (typeof"
     " (type \"long\"))))"},
    {"T datascope=hotcache | take 1",
     "(pipeline (scoped T (option datascope hotcache)) (take (long 1)))"},
    {"print x = typeof(DateTime) | where a == typeof(*)",
     "(pipeline (print (named x (typeof (type \"datetime\")))) (where (binary == a"
     " (typeof (schema :open)))))"},
    {"T | render timechart \"t\" | render linechart a, b | render with (kind=map)",
     "(pipeline T (render \"timechart\" (options (option _ (string \"t\")))) (render"
     " \"linechart\" (options (option _ (list a b)))) (render \"\" (options (option kind"
     " map))))"},
    {"T | join kind = inner (U) on a | union withsource = s (V)",
     "(pipeline T (join (options (option kind inner)) U a) (union (options (option"
     " withsource s)) V))"},
    {"print datetime(2017 - 08 - 01), datetime(2025, 6, 14), 0., series(0., 1)",
     "(print (datetime 636371424000000000) (datetime 638854560000000000) (real 0) (call"
     " series (real 0) (long 1)))"},
    {"search \"a\" and (b has \"c\" or d:\"e*\")",
     "(search _ (and (string \"a\") (or (binary has b (string \"c\")) (binary : d (string"
     " \"e*\")))))"},
    {"T | where a[-1] == b[c.d] and e[\"f\"][\"g\"].h == 1",
     "(pipeline T (where (and (binary == (index a (long -1)) (index b (path c d)))"
     " (binary == (path (index (index e (string \"f\")) (string \"g\")) h) (long 1)))))"},
    {"T | summarize arg_max(t, *), take_any(*), percentiles(x, 5, 95) by k=bin(a, 1), ['b"
     " c']",
     "(pipeline T (summarize (list (call arg_max t (star)) (call take_any (star)) (call"
     " percentiles x (long 5) (long 95))) (list (named k (call bin a (long 1))) (name"
     " :bracketed \"b c\"))))"},
    {"let s = entity_group [cluster(\"a\").database(\"b\")]; macro-expand s as X (X.T)",
     "(let s (entity-group (path (call cluster (string \"a\")) (call database (string"
     " \"b\"))))) (macro-expand s X (body (path X T)))"},
    {"T | extend a = b.[\"c\"], d = $left.e, _ = 1, 2x = 3",
     "(pipeline T (extend (named a (path b (name :bracketed \"c\"))) (named d (path $left"
     " e)) (named _ (long 1)) (named 2x (long 3))))"},
    {"T | where a !startswith_cs 'x' and b !has_cs 'y' and c !hasprefix 'z' and d"
     " !endswith_cs 'q' and e notcontains 'r'",
     "(pipeline T (where (and (binary !startswith_cs a (string \"x\")) (binary !has_cs b"
     " (string \"y\")) (binary !hasprefix c (string \"z\")) (binary !endswith_cs d"
     " (string \"q\")) (binary !contains e (string \"r\")))))"},
    {"let f = (a:datetime = datetime(null), b:dynamic = dynamic([]), c:int = -1) {"
     " toscalar(print a) }; f()",
     "(let f (function (list (parameter a (type \"datetime\") (datetime :null))"
     " (parameter b (type \"dynamic\") (dynamic \"[]\")) (parameter c (type \"int\")"
     " (long -1))) (body (call toscalar (print a))))) (call f)"},
};

Test(kql_syntax, trees) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tr_arena *arena = tr_arena_new(NULL);
        const tr_kql_node *root = NULL;
        trawl_error err = TRAWL_ERROR_INIT;
        trawl_status status =
            tr_kql_parse(arena, cases[i].query, strlen(cases[i].query), &root, &err);
        cr_assert_eq(status, TRAWL_OK, "%s\n%u: %s", cases[i].query, err.span_offset, err.message);
        const char *dump = tr_kql_syntax_print(arena, root);
        char want[4096];
        snprintf(want, sizeof want, "(statements %s)", cases[i].tree);
        cr_expect_str_eq(dump, want, "%s\ngot  %s\nwant %s", cases[i].query, dump, want);
        tr_arena_free(arena);
    }
}

static const tr_kql_node *parse(tr_arena *arena, const char *text) {
    const tr_kql_node *root = NULL;
    cr_assert_eq(tr_kql_parse(arena, text, strlen(text), &root, NULL), TRAWL_OK, "%s", text);
    return root;
}

static void expect_span(const char *text, const tr_kql_node *node, const char *want) {
    cr_expect_eq(node->span.bytes, strlen(want));
    cr_expect_eq(memcmp(text + node->span.offset, want, strlen(want)), 0, "%s", want);
}

Test(kql_syntax, spans_cover_what_was_written) {
    const char *text = " T | where (a + 1) == b // c\n| project-away c , d ";
    tr_arena *arena = tr_arena_new(NULL);
    const tr_kql_node *pipeline = parse(arena, text)->children[0];
    expect_span(text, pipeline, "T | where (a + 1) == b // c\n| project-away c , d");
    expect_span(text, pipeline->children[0], "T");
    expect_span(text, pipeline->children[1], "where (a + 1) == b");
    const tr_kql_node *equal = pipeline->children[1]->children[1];
    expect_span(text, equal, "(a + 1) == b");
    expect_span(text, equal->children[0], "a + 1");
    cr_expect_eq(equal->value.integer, 19, "the operator is at byte 19");
    expect_span(text, pipeline->children[2], "project-away c , d");
    cr_expect_eq(pipeline->children[2]->value.integer, 12, "the name has 12 bytes");
    tr_arena_free(arena);
}

Test(kql_syntax, empty_texts_have_no_statements) {
    static const char *const texts[] = {"",   "  \n",         "// only a comment",
                                        ";;", "\xef\xbb\xbf", "#connect \"x\"\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        tr_arena *arena = tr_arena_new(NULL);
        cr_expect_eq(parse(arena, texts[i])->child_count, 0u, "%s", texts[i]);
        tr_arena_free(arena);
    }
}

Test(kql_syntax, extreme_numbers) {
    tr_arena *arena = tr_arena_new(NULL);
    const tr_kql_node *print =
        parse(arena, "print 9223372036854775807, -9223372036854775808, real(-inf)")->children[0];
    cr_expect_eq(print->children[1]->value.integer, INT64_MAX);
    cr_expect_eq(print->children[2]->value.integer, INT64_MIN);
    cr_expect(print->children[3]->value.real < -1e308);
    tr_arena_free(arena);
}

Test(kql_syntax, strings_decode_every_escape) {
    static const struct {
        const char *text, *want;
        uint32_t bytes;
    } strings[] = {
        {"print '\\u00e9\\xe9\\t\\r\\n\\\\\\''", "\xc3\xa9\xc3\xa9\t\r\n\\'", 9},
        {"print \"\\U0001F600\\ud83d\\ude00\\a\\0\"", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\a\0", 10},
        {"print @\"a\"\"b\\\"", "a\"b\\", 4},
        {"print ''", "", 0},
    };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        tr_arena *arena = tr_arena_new(NULL);
        const tr_kql_node *string = parse(arena, strings[i].text)->children[0]->children[1];
        cr_expect_eq(string->text.len, strings[i].bytes, "%s: %u bytes", strings[i].text,
                     string->text.len);
        cr_expect_eq(memcmp(string->text.ptr, strings[i].want, strings[i].bytes), 0);
        tr_arena_free(arena);
    }
}

Test(kql_syntax, depth_is_bounded_and_wide_is_not) {
    enum { WIDE = 20000 };
    char *text = malloc(16 * WIDE + 100);
    tr_arena *arena = tr_arena_new(NULL);
    const tr_kql_node *root = NULL;
    size_t n = (size_t)sprintf(text, "T | where a == 0");
    for (int i = 0; i < WIDE; i++)
        n += (size_t)sprintf(text + n, " or a == %d", i);
    cr_expect_eq(tr_kql_parse(arena, text, n, &root, NULL), TRAWL_OK);
    cr_expect_lt(root->depth, 10);

    static const char *const nests[] = {"(", "f(", "-", "a[", "T|where a in((", "1+", "x."};
    for (size_t k = 0; k < sizeof nests / sizeof *nests; k++) {
        trawl_error err = TRAWL_ERROR_INIT;
        n = (size_t)sprintf(text, "print ");
        for (int i = 0; i < WIDE; i++)
            n += (size_t)sprintf(text + n, "%s", nests[k]);
        n += (size_t)sprintf(text + n, "x");
        cr_expect_eq(tr_kql_parse(arena, text, n, &root, &err), TRAWL_E_LIMIT, "%s", nests[k]);
        cr_expect_str_eq(err.code, "SYN0015");
        tr_arena_reset(arena);
    }
    tr_arena_free(arena);
    free(text);
}

Test(kql_syntax, memory_may_run_out_anywhere) {
    const char *text = "let f = (a:long) { T | where x == a }; f(1) | mv-apply y on (top 1 by y) "
                       "| summarize count() by bin(t, 1h) | render timechart with (title='x')";
    for (int64_t limit = 64; limit < 1 << 18; limit += 997) {
        tr_budget budget = {.limit_bytes = limit};
        tr_arena *arena = tr_arena_new(&budget);
        if (!arena)
            continue;
        const tr_kql_node *root = NULL;
        trawl_status status = tr_kql_parse(arena, text, strlen(text), &root, NULL);
        cr_expect(status == TRAWL_OK || status == TRAWL_E_MEMORY);
        tr_arena_free(arena);
    }
}
