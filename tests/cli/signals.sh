# Signals and pipes.
endless='range x from 1 to 1000000000000 step 1 | where x % 7 == 3 | count'
for signal in INT TERM HUP; do
    code=0
    timeout --preserve-status -k 5 -s $signal 0.3 "$trawl" -O "$dir/cut.csv" "$endless" >"$dir/out" 2>"$dir/err" || code=$?
    same "exit 130: $signal" 130 "$code"
    has "$signal is told" 'error[CANCELLED]' "$(cat "$dir/err")"
done
same 'an interrupted run leaves no file' '' "$(ls -a "$dir" | grep cut)"

{
    code=0
    "$trawl" 'range x from 1 to 3000000 step 1' 2>"$dir/err" || code=$?
    echo "$code" >"$dir/code"
} | head -n 1 >"$dir/out"
same 'a reader that leaves: no error' 0 "$(cat "$dir/code")"
same 'a reader that leaves: no message' '' "$(cat "$dir/err")"

run --progress=json --timeout 1200ms "$endless"
has 'progress for programs' '{"event":"progress","share":' "$err"
run --timeout 700ms "$endless"
lacks 'no progress where nobody looks' '%' "$err"

# Before there is a query to cancel: the process ends at once.
mkfifo "$dir/pipe"
sleep 3 >"$dir/pipe" &
code=0
timeout --preserve-status -s INT 0.3 "$trawl" -f - <"$dir/pipe" >"$dir/out" 2>"$dir/err" || code=$?
same 'exit 130: while the query is read' 130 "$code"
same 'interrupted is told' 'error[CANCELLED]: interrupted' "$(cat "$dir/err")"
