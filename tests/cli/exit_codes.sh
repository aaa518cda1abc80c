# One case or more for each exit code.
run 'print 1'
same 'exit 0' 0 "$code"
run 'print 1 | where 1 == 2'
same 'no rows are no error' 0 "$code"
run --exit-status 'print 1 | where 1 == 2'
same 'exit 1: no rows' 1 "$code"
run -e 'print 1'
same 'exit 0: rows' 0 "$code"
run
same 'exit 2: no query' 2 "$code"
run -o raw 'print 1, 2'
same 'exit 2: raw with two columns' 2 "$code"
run 'print |'
same 'exit 3: syntax' 3 "$code"
run 'nothing | take 1'
same 'exit 3: names' 3 "$code"
run check 'print foo()'
same 'exit 3: check' 3 "$code"
printf '\037\213\010\000broken' >"$dir/broken.csv.gz"
run 'broken | count' "$dir/broken.csv.gz"
same 'exit 4: broken compressed data' 4 "$code"
rm "$dir/broken.csv.gz"
run --max-memory 1M 'range x from 1 to 10000000 step 1 | sort by x'
same 'exit 5: memory' 5 "$code"
has 'the setting is named' '--max-memory' "$err"
run --limit 1 'range x from 1 to 2 step 1'
same 'exit 5: rows' 5 "$code"
run 'x | take 1' /nonexistent
same 'exit 6: no such file' 6 "$code"
run -f /nonexistent.kql
same 'exit 6: no such query' 6 "$code"
run -O /nonexistent/x.csv 'print 1'
same 'exit 6: cannot create' 6 "$code"
if [ -w /dev/full ]; then
    code=0
    "$trawl" 'print 1' >/dev/full 2>"$dir/err" || code=$?
    same 'exit 6: disk full' 6 "$code"
    has 'exit 6: the reason' 'no space left' "$(cat "$dir/err")"
fi
run 'externaldata(x:string) ["/etc/passwd"]' "$dir/people.csv"
same 'exit 7: outside the opened paths' 7 "$code"
printf 'print 1' >"$dir/secret.kql"
chmod 000 "$dir/secret.kql"
if ! cat "$dir/secret.kql" >/dev/null 2>&1; then
    run -f "$dir/secret.kql"
    same 'exit 7: denied' 7 "$code"
fi
run --timeout 100ms 'range x from 1 to 1000000000000 step 1 | where x % 7 == 3 | count'
same 'exit 124: timeout' 124 "$code"
has 'the setting is named' '--timeout' "$err"
