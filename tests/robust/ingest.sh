#!/bin/sh
# trawl ingest: files of all kinds into tables, once a key, all or nothing. Takes the tool's path.
# Ends with "N passed, N failed".
. "$(dirname "$0")/lib.sh"

# gives NAME WANTED QUERY: blanks for newlines
gives() {
    got=$("$tool" --db db -o csv "$3" 2>&1 | tr '\r\n' '  ' | tr -s ' ' | sed 's/ $//')
    if [ "$got" = "$2" ]; then passed=$((passed + 1)); else fail "$1" "wanted: $2" "got:    $got"; fi
}

# ingest NAME CODE PART ARGUMENT...: as says, from the file "in"
ingest() {
    name=$1
    code=$2
    part=$3
    shift 3
    says "$name" "$code" "$part" ingest --db db "$@" <in
}

: >in
printf 'a,s,t\n1,x,2024-01-01\n2,007,2024-01-02T03:04:05Z\n' >one.csv
printf 't,a,s\n2024-02-01,3,y\n' >other.csv
printf '4,z,2024-03-01\n' >bare.csv
printf '{"a":5,"s":"j","t":"2024-04-01T00:00:00Z","more":{"k":[1,2]}}\n' >rows.jsonl
gzip -c one.csv >one.csv.gz
ingest "a new table" 0 "ingested 2 rows" T one.csv
gives "its columns" "ColumnName,ColumnType a,long s,string t,datetime" "T | getschema | project ColumnName, ColumnType"
ingest "columns by name" 0 "ingested 1 rows" T other.csv
ingest "no header: by position" 0 "ingested 1 rows" T bare.csv
ingest "JSON by key" 0 "ingested 1 rows" T --format json rows.jsonl
gives "all of them" "a,s,t 1,x,2024-01-01T00:00:00.0000000Z 2,007,2024-01-02T03:04:05.0000000Z 3,y,2024-02-01T00:00:00.0000000Z 4,z,2024-03-01T00:00:00.0000000Z 5,j,2024-04-01T00:00:00.0000000Z" \
    "T | sort by a asc"
ingest "with a key" 0 "ingested 2 rows" --key k1 K one.csv.gz
ingest "the key again" 0 "nothing to do" --key k1 K one.csv.gz
ingest "another key" 0 "ingested 2 rows" --key k2 K one.csv.gz
gives "once a key" "Count 4" "K | count"
cp one.csv in
ingest "standard input" 0 "ingested 2 rows" S -
gives "its rows" "sum_a 3" "S | summarize sum(a)"
mkdir many
for i in 1 2 3 4 5 6 7 8 9; do printf 'n\n%d\n' $i >many/f$i.csv; done
ingest "a folder" 0 "ingested 9 rows" M many
ingest "a pattern" 0 "ingested 3 rows" P 'many/f[123].csv'
gives "both" "M,P 45,6" "print M = toscalar(M | summarize sum(n)), P = toscalar(P | summarize sum(n))"
ingest "nothing matches" 6 "no files" Q 'many/g*'
ingest "no such file" 6 "nowhere" Q nowhere.csv
gzip -c many/f1.csv | head -c 12 >cut.csv.gz
ingest "all or nothing" 4 "cut.csv.gz" M many/f1.csv cut.csv.gz
gives "nothing of it" "Count 9" "M | count"
"$tool" --db db '.create table T ingestion csv mapping "back" @'"'"'[{"Column":"a","Properties":{"Ordinal":"2"}},{"Column":"s","Properties":{"Ordinal":"0"}}]'"'"'' >/dev/null 2>err
printf 'first,second,60\n' >mapped.csv
ingest "a mapping" 0 "ingested 1 rows" --format csv --mapping back T mapped.csv
gives "mapped" "a,s 60,first" "T | where a == 60 | project a, s"
printf 'a,s,t\nx,y,z\n7,ok,2024-01-01\n' >bad.csv
ingest "a row that does not fit" 0 "1 of them did not fit" T bad.csv

# rejects NAME CODE PART WANTED ARGUMENT...: what lies in the file of rejects, file names left out
rejects() {
    name=$1
    wanted_code=$2
    part=$3
    wanted=$4
    shift 4
    rm -f rejects
    ingest "$name" "$wanted_code" "$part" --rejects rejects "$@"
    got=$(sed 's/^{"file":"[^"]*",//; s/}$//' rejects 2>/dev/null | sort | tr '\n' ' ' | sed 's/ $//')
    if [ "$got" = "$wanted" ]; then passed=$((passed + 1)); else fail "$name: the file" "wanted: $wanted" "got:    $got"; fi
}

"$tool" --db db '.create table R (a:long, s:string, t:datetime)' >/dev/null
printf 'a,s,t\n1,one,2024-01-01\nx,two,2024-01-02\n"3","th\nree",when\n4,four\n5,five,,m,m\n6,"s""i\nx",\n' >bad.csv
bad='"line":3,"offset":23,"column":"a","reason":"not a long","row":"x,two,2024-01-02"'
bad="$bad"' "line":4,"offset":40,"column":"t","reason":"not a datetime","row":"\"3\",\"th\nree\",when"'
bad="$bad"' "line":6,"offset":58,"column":"","reason":"fewer fields than columns","row":"4,four"'
bad="$bad"' "line":7,"offset":65,"column":"","reason":"more fields than columns","row":"5,five,,m,m"'
rejects "rows that do not fit are kept apart" 4 "ingested 2 rows.* 4 rejected" "$bad" R bad.csv
gives "only the others are there" "a,s 1,one 6,\"s\"\"i x\"" "R | sort by a asc | project a, s"
rejects "so many are allowed" 0 "ingested 2 rows.* 4 rejected" "$bad" --max-errors 4 R bad.csv
gzip -c bad.csv >bad.csv.gz
rejects "lines of compressed files" 0 "4 rejected" "$bad" --max-errors 4 R bad.csv.gz
rejects "one more ingests nothing" 4 "more than 3 rows do not fit" "$bad" --max-errors 3 -j 1 R bad.csv
ingest "none is allowed" 4 "more than 0 rows do not fit; 'bad.csv', line 3, column a: not a long" --max-errors 0 -j 1 R bad.csv
gives "nothing of them" "Count 6" "R | count"
printf '{"a":1}\n{"a":[1]}\n{"a":2\nx\n\n{"b":3}\n' >bad.jsonl
bad='"line":2,"offset":8,"column":"a","reason":"not a long","row":"{\"a\":[1]}"'
bad="$bad"' "line":3,"offset":18,"column":"","reason":"not a whole JSON object","row":"{\"a\":2"'
bad="$bad"' "line":4,"offset":25,"column":"","reason":"not a whole JSON object","row":"x"'
rejects "JSON" 4 "ingested 2 rows.* 3 rejected" "$bad" --format json R bad.jsonl
rejects "none" 0 "ingested 2 rows.* 0 rejected" "" R one.csv
rejects "a command that fails leaves no file" 4 "cut.csv.gz" "" R bad.csv cut.csv.gz
ingest "no place for the file" 6 "nowhere/rejects" --rejects nowhere/rejects R one.csv
gives "nothing of these" "Count 10" "R | count"
awk -v OFS=, 'BEGIN { print "a", "s", "t"; for (i = 1; i <= 400000; i++) print (i % 1000 ? i : "x"), "s" i, "2024-01-01" }' >large.csv
"$tool" ingest --db db -j 3 --rejects rejects R large.csv 2>err
got="$(sed 's/.*"line":\([0-9]*\),.*/\1/' rejects | sort -n | awk '$1 == NR * 1000 + 1' | wc -l) $(wc -l <rejects)"
if [ "$got" = "400 400" ]; then passed=$((passed + 1)); else fail "lines of a large file" "$got" "$(cat err)"; fi


gives "a failed ingestion is listed" "Table,OperationKind,Failed M,.ingest,true" \
    ".show ingestion failures | where Table == 'M' | project Table, OperationKind, Failed = Details has 'cut.csv.gz'"
"$tool" --db db '.create table O (x:long)' >/dev/null
for i in $(seq 1 515); do echo ".append async O <| print $i"; echo; done >many.kql
"$tool" --db db --relaxed -f many.kql >/dev/null 2>&1
gives "operations are kept, the newest 500" "Operation,State,count_ .append,Completed,500" \
    ".show operations | summarize count() by Operation, State | project Operation, State, count_"
gives "and all of them ran" "Count 515" "O | count"

# what is purged is in no file of the database any more
"$tool" --db secret '.create table W (who:string, n:long)' >/dev/null
"$tool" --db secret '.ingest inline into table W <|
palimpsest,1
other,2' >/dev/null
"$tool" --db secret '.set-or-append W <| range n from 1 to 70000 step 1 | project who = iff(n % 2 == 0, "palimpsest", "other"), n' >/dev/null
"$tool" --db secret '.delete table W records <| W | where n == 2' >/dev/null
if grep -rqa palimpsest secret; then passed=$((passed + 1)); else fail "the secret is there at first"; fi
"$tool" --db secret ".purge table W records in database db with (noregrets='true') <| where who == 'palimpsest'" >out 2>err || fail "purge" "$(cat err)"
if grep -rqa palimpsest secret; then fail "purged" "$(grep -rla palimpsest secret)"; else passed=$((passed + 1)); fi
got=$("$tool" --db secret -o csv 'W | summarize count(), dcount(who)' | tail -1)
if [ "$got" = "35000,1" ]; then passed=$((passed + 1)); else fail "the others are there" "$got"; fi
if "$tool" fsck --db secret >out 2>&1; then passed=$((passed + 1)); else fail "fsck after a purge" "$(cat out)"; fi

"$tool" --db db '.create table L (x:long)' >/dev/null
before=$(find db/extents -type f | wc -l)
"$tool" --db db ".set-or-append L <| range x from 1 to 1000000000000 step 1" >/dev/null 2>&1 &
writer=$!
tries=0
while [ $tries -lt 600 ] && [ "$(find db/extents -type f | wc -l)" -lt $((before + 5)) ]; do
    tries=$((tries + 1))
    sleep 0.1
done
if kill -9 $writer && [ $tries -lt 600 ]; then passed=$((passed + 1)); else fail "killed while it writes extents" "$tries"; fi
wait $writer 2>/dev/null
gives "killed: nothing of it" "Count 0" "L | count"
if "$tool" fsck --db db >out 2>&1; then passed=$((passed + 1)); else fail "fsck" "$(cat out)"; fi
"$tool" --db db '.drop table L' >/dev/null 2>&1
left=$(find db/extents -name '*.extent' | wc -l)
[ "$left" -lt 5 ] && passed=$((passed + 1)) || fail "files that nothing names are removed" "$left files"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
