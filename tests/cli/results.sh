# Queries, parameters, several results, files, repeat.
run 'people | where age > 10 | project name' "$dir/people.csv"
same 'a query over a file' 'name
"Smith, J"' "$out"
run_with "$(cat "$dir/people.csv")" 'stdin | count' -
same 'data from standard input' 'Count
3' "$out"
run_with 'people | count' -f - "$dir/people.csv"
same 'query from standard input' 'Count
3' "$out"
printf '\357\273\277print x=1' >"$dir/marked.kql"
run -f "$dir/marked.kql"
same 'a byte order mark is skipped' 'x
1' "$out"
run --as "P=$dir/peo*.csv" 'P | count' "$dir/people.csv"
same '--as names a table' 'Count
3' "$out"
run 'print x=1; print y=2'
same 'several results in order' 'x
1

y
2' "$out"
run -o json 'print x=1; print y=2'
same 'several results as json lines' 2 "$(wc -l <"$dir/out")"
run --param n=5 --param 's=a"b' 'declare query_parameters(n:long, s:string); print x = n + 1, y = s'
same 'parameters' 'x,y
6,"a""b"' "$out"
run --now 2026-03-01T10:00:00.5Z 'print now()'
same '--now' 'print_0
2026-03-01T10:00:00.5000000Z' "$out"
run --seed 7 'print rand()'
first=$out
run --seed 7 'print rand()'
same '--seed' "$first" "$out"
run --repeat 3 'print x=1'
same '--repeat prints once' 'x
1' "$out"
same '--repeat times each run' 3 "$(printf '%s\n' "$err" | grep -cE '^time: [0-9]+\.[0-9]{6}$')"
run --profile 'people | count' "$dir/people.csv"
has '--profile' 'scan' "$err"
same '--profile leaves the output alone' 'Count
3' "$out"
run explain 'people | take 1' "$dir/people.csv"
has 'explain' 'scan people' "$out"
plan=$out
run --explain 'people | take 1' "$dir/people.csv"
same '--explain is explain' "$plan" "$out"
run check 'people | take 1' "$dir/people.csv"
same 'check is silent' '0' "$code$out$err"
run schema "$dir/people.csv"
same 'schema' 'Table,Column,Type
people,name,string
people,age,long
people,score,real
people,when,datetime' "$out"
run --batch-rows 2 'range x from 1 to 5 step 1'
same 'small batches' 'x
1
2
3
4
5' "$out"
run --limit 2 'range x from 1 to 5 step 1'
same '--limit: rows' 'x
1
2' "$out"
has '--limit: says so' '2 of 5 rows' "$err"
run --limit 5 'range x from 1 to 5 step 1'
same '--limit that cuts nothing' 0 "$code"

run -O "$dir/result.json" 'print x=1'
has '--out: format from the extension' '"rows":[[1]]' "$(cat "$dir/result.json")"
run -O "$dir/part-{n}.csv" 'print x=1; print y=2'
same '--out with {n}' 'x
1
y
2' "$(cat "$dir/part-1.csv" "$dir/part-2.csv")"
run -O "$dir/wrong.csv" 'print x='
same '--out leaves nothing behind' '' "$(ls "$dir" | grep wrong)"
ln -s "$dir/result.json" "$dir/link.json"
run -O "$dir/link.json" 'print y=2'
has '--out follows a link' '"rows":[[2]]' "$(cat "$dir/result.json")"
same '--out leaves the link' link "$([ -h "$dir/link.json" ] && echo link)"
mkfifo "$dir/fifo"
cat "$dir/fifo" >"$dir/through" &
run -O "$dir/fifo" 'print y=3'
wait $!
same '--out into a pipe' 'y
3' "$(cat "$dir/through")"
same '--out leaves the pipe' pipe "$([ -p "$dir/fifo" ] && echo pipe)"
run -O "$dir" 'print y=3'
same '--out a directory' 2 "$code"
same 'lines of a large result' 300001 "$("$trawl" 'range x from 1 to 300000 step 1' | wc -l)"

# Rows that do not fit the types which samples of the file show.
awk 'BEGIN { print "a,b"; for (i = 1; i <= 1500000; i++) print (i == 800000 ? "abc" : i) ",1" }' >"$dir/bad.csv"
run 'bad | count' "$dir/bad.csv"
same 'rows that do not fit are counted' 'Count' "$(printf '%s\n' "$out" | head -1)"
run 'bad | summarize sum(a)' "$dir/bad.csv"
has 'a bad row is told' 'warning: 1 row did not fit' "$err"
same 'in one line' 1 "$(wc -l <"$dir/err")"
rm "$dir/bad.csv"
