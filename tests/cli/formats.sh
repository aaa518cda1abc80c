# Every format over every type, nulls and awkward text.
for format in json jsonl csv tsv table box markdown vertical html datatable; do
    run -f "$here/all_types.kql" -o $format
    golden "$format.txt"
done
COLUMNS=70
export COLUMNS
run -f "$here/all_types.kql" -o box
golden box_narrow.txt
same 'the narrow box keeps to its width' '' "$(grep -E '^.{71,}$' "$dir/out")"
run --color always -o box 'print x=int(null), y="a"'
golden box_color.txt
run -o box 'datatable(day:datetime, level:string, n:long, e:real)[datetime(2026-03-01), "INFO", 100, -2.5, datetime(2026-03-02), "日本", 7, real(null), datetime(null), "x", 0, 100] | render timechart with (title="By \"day\"")'
golden chart.txt
run -o box 'print a="x", n=3, m=1 | render piechart'
golden chart_pie.txt
run -o box 'print x=1, y=2 | render scatterchart'
has 'a chart that is not drawn is told' 'render scatterchart is not drawn' "$err"
unset COLUMNS

run -f "$here/all_types.kql" -o json
expected=$out
run -f "$here/all_types.kql" -o datatable -O "$dir/again.kql"
run -f "$dir/again.kql" -o json
same 'datatable runs as a query' "$expected" "$out"

run -o raw 'print "a\"b, c"'
same 'raw' 'a"b, c' "$out"
run 'print x=""'
same 'csv: an empty line is no row' 'x
""' "$out"
run -o box 'print x=1'
has 'box: rows and time' '1 row in ' "$err"
has 'box: what was read' '; read ' "$err"
run -o json 'print x=""| where 1==2'
same 'json without rows' '{"name":"PrimaryResult","columns":[{"name":"x","type":"string"}],"rows":[]}' "$out"
run -o json 'print a=1.0, b=-0.1, c=1e15, d=123456789012345.0, e=0.00001, f=1.0/3, g=1e-320, h=5e-5'
has 'reals as JSON' '[[1.0,-0.1,1E+15,123456789012345.0,1E-05,0.3333333333333333,1E-320,5E-05]]' "$out"
NO_COLOR=1 CLICOLOR_FORCE=1 "$trawl" -o box 'print x=1' >"$dir/out" 2>&1
lacks 'NO_COLOR' "$(printf '\033')" "$(cat "$dir/out")"
CLICOLOR_FORCE=1 "$trawl" -o box 'print x=1' >"$dir/out" 2>&1
has 'CLICOLOR_FORCE' "$(printf '\033')" "$(cat "$dir/out")"
