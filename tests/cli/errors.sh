# The shape of errors: code, hint, place, line, caret.
run 'people
	| where  agee > 3' "$dir/people.csv"
same 'a wrong name: exactly' "error[SEM0100]: no such column or name: 'agee'
did you mean 'age'?
query:2:11
      | where  agee > 3
               ^^^^" "$err"
printf 'people | where when > datetime(2024) and age = 3\r\n' >"$dir/q.kql"
run -f "$dir/q.kql" "$dir/people.csv"
same 'the file is named, = for ==' "error[SYN0009]: unexpected '='
write '==' to compare
$dir/q.kql:1:46
  people | where when > datetime(2024) and age = 3
                                               ^" "$err"
run 'print "日本é", foo(1)'
same 'wide characters' "query:1:14
  print \"日本é\", foo(1)
                 ^^^" "$(printf '%s\n' "$err" | tail -3)"
run 'people |' "$dir/people.csv"
same 'the end of the text' "query:1:8
  people |
         ^" "$(printf '%s\n' "$err" | tail -3)"
long=$(printf 'print 1, %0300d, foo(1), %0300d' 1 2)
run "$long"
same 'a long line is shown around the token' 1 "$(printf '%s\n' "$err" | tail -2 | head -1 | grep -c '^  \.\.\..*foo(1).*\.\.\.$')"
caret=$(printf '%s\n' "$err" | tail -1)
shown=$(printf '%s\n' "$err" | tail -2 | head -1)
before=${caret%%^*}
same 'the caret stands under it' foo "$(printf '%s' "$shown" | cut -c $((${#before} + 1))-$((${#before} + 3)))"
run_with 'print foo(' -f -
has 'standard input is named' '<stdin>:1:' "$err"
run "$dir/people.csv"
has 'a path instead of a query' 'the query comes first' "$err"
run --color always 'print foo(1)'
has 'errors in colour' "$(printf '\033[1;31merror[')" "$err"
same 'errors leave standard output empty' '' "$out"
printf 'a,b\n1,2\n' >"$dir/ok.csv"
printf '\000\001\002\003\377\376binary\000' >"$dir/junk.bin"
run 'people | count' "$dir"
has 'what cannot be read is told' 'junk.bin' "$err"
same 'warnings are one line each' '' "$(printf '%s\n' "$err" | grep -v '^warning: ')"
rm "$dir/junk.bin" "$dir/ok.csv"
run --db "$dir/names.db" '.create table Logs (n:long)'
run --db "$dir/names.db" '.create function Failures(least:long) { Logs | where n > least }'
run --db "$dir/names.db" 'Failurse(5)'
has 'functions of the database are offered' "did you mean 'Failures'?" "$err"
run --db "$dir/names.db" 'Failures(last=5)'
has 'so are parameters' "did you mean 'least'?" "$err"
run 'people | where agee > 3
| summarize cout() by nme' "$dir/people.csv"
same 'all that is wrong, in order' 'query:1:16 query:2:13 query:2:23' "$(printf '%s\n' "$err" | grep '^query:' | tr '\n' ' ' | sed 's/ $//')"
