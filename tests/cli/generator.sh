# datasets/generate: the same seed gives the same bytes; trawl reads what it writes.
"$generate" demo 1000 "$dir/one" 2>/dev/null
"$generate" demo 1000 "$dir/two" --seed=1 2>/dev/null
"$generate" demo 1000 "$dir/three" --seed 2 2>/dev/null
same 'the same seed' '' "$(diff -r "$dir/one" "$dir/two")"
same 'another seed' 3 "$(diff -rq "$dir/one" "$dir/three" | wc -l)"
run 'union (logs | summarize n=count()), (web | summarize n=count()), (events | summarize n=count()) | summarize sum(n)' \
    "$dir/one/logs.log" "$dir/one/web.csv" "$dir/one/events.jsonl"
same 'all rows are read' 'sum_n
1000' "$out"
code=0
"$generate" nothing 1 "$dir/four" 2>/dev/null || code=$?
same 'an unknown kind' 2 "$code"
