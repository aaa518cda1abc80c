#!/bin/sh
# Bad input over files: correct rows or a clear message, never a crash. Takes the tool's path.
# Ends with "N passed, N failed".
. "$(dirname "$0")/lib.sh"

# ask NAME WANTED QUERY PATH...: exact output (blanks for newlines) of a run that ends well
ask() {
    name=$1
    wanted=$2
    query=$3
    shift 3
    got=$("$tool" -o csv "$query" "$@" 2>err)
    code=$?
    got=$(printf %s "$got" | tr -d '\r' | tr '\n' ' ')
    if [ "$code" -ge 128 ] || grep -q "Sanitizer\|runtime error\|assertion" err; then
        fail "$name" "crashed with $code" "$(head -20 err)"
    elif [ "$got" != "$wanted" ]; then
        fail "$name" "wanted '$wanted'" "got '$got' ($code)" "$(head -3 err)"
    else
        passed=$((passed + 1))
    fi
}

# refused NAME CODE PART QUERY PATH...: ends with that exit code and says so on stderr
refused() {
    name=$1
    wanted=$2
    part=$3
    query=$4
    shift 4
    "$tool" -o csv "$query" "$@" >out 2>err
    code=$?
    if [ "$code" != "$wanted" ] || grep -q "Sanitizer\|runtime error\|assertion" err; then
        fail "$name" "ended with $code, wanted $wanted" "$(head -20 err)"
    elif ! grep -qi "$part" err; then
        fail "$name" "no word of '$part' ($code)" "$(head -3 err)"
    else
        passed=$((passed + 1))
    fi
}

# ---- compressed input ----
i=0
while [ $i -lt 20000 ]; do echo "$i,row number $i"; i=$((i + 1)); done >body
{ echo n,s; cat body; } >all.csv
mkdir gz cut junk
gzip -c all.csv >gz/t.csv.gz
ask "gzip" "count_,sum_n 20000,199990000" "t | summarize count(), sum(n)" gz
gzip -c all.csv | head -c 30000 >cut/t.csv.gz
refused "truncated gzip" 4 "t.csv.gz" "t | count" cut
gzip -c all.csv >junk/t.csv.gz
printf 'this is no gzip member' >>junk/t.csv.gz
refused "gzip with junk after it" 4 "unknown bytes after the end" "t | count" junk
mkdir flip
gzip -c all.csv >flip/t.csv.gz
printf '\377\377\377\377' | dd of=flip/t.csv.gz bs=1 seek=20000 conv=notrunc 2>/dev/null
refused "damaged gzip" 4 "t.csv.gz" "t | summarize sum(n)" flip

# ---- text that is not what it seems ----
mkdir binary
head -c 100000 /dev/urandom >binary/t.csv
refused "binary file" 3 "skipped 'binary/t.csv': binary data" "t | count" binary
cp "$tool" binary/program
refused "a program among the files" 3 "skipped 'binary/program'" "search 'x' | count" binary

mkdir long
{ printf 'a,b\n1,'; head -c 10000000 /dev/zero | tr '\0' 'x'; printf '\n2,y\n'; } >long/t.csv
ask "a line of 10 MB" "n,m 2,3" "t | where strlen(b) != 10 | summarize n = count(), m = sum(a)" long

mkdir quotes
printf 'a,b\n1,"open\n2,x\n3,y\n' >quotes/t.csv
ask "a quote that never closes" 'a,b 1,"""open" 2,x 3,y' "t | sort by a asc" quotes
refused "a quote that never closes is told" 0 "line 2: a quote without its pair" "t | summarize max(b)" quotes
printf 'a,b\n1,"one ""1"""\n2,"two\nlines"\n3,mid"dle\n' >quotes/u.csv
ask "quotes inside" "a,n 1,7 2,9 3,7" "u | project a, n = strlen(b) | sort by a asc" quotes/u.csv
mkdir utf8
printf 'a,b\n1,\377\376\n2,ok\n3,\303\n' >utf8/t.csv
ask "invalid UTF-8" "n 3" "t | summarize n = count()" utf8
ask "invalid UTF-8 in text functions" "n 3" \
    "t | extend u = toupper(b), r = reverse(b), l = strlen(b) | where l >= 0 | summarize n = count()" utf8

mkdir crlf
printf 'a,b\r\n1,x\r\n2,y\r\n' >crlf/t.csv
ask "CRLF" "a,b 1,x 2,y" "t | sort by a asc" crlf
mkdir bom
printf '\357\273\277a,b\n1,x\n' >bom/t.csv
ask "byte order mark" "a,b 1,x" "t" bom
mkdir utf16
printf 'a,b\n1,x\n' | iconv -f UTF-8 -t UTF-16 >utf16/t.csv 2>/dev/null
refused "UTF-16" 3 "skipped 'utf16/t.csv': UTF-16 text" "t" utf16

# ---- files that are not there, or hardly ----
mkdir empty
: >empty/t.csv
: >empty/u.jsonl
printf 'a\n1\n' >empty/v.csv
ask "empty files beside others" "a 1" "v" empty
mkdir header
printf 'a,b\n' >header/t.csv
ask "a header alone" "Count 0" "t | count" header
mkdir nofile
refused "no files at all" 3 "t" "t | count" nofile
refused "no such folder" 6 "nowhere" "t | count" nowhere
mkdir links
ln -s links/loop links/loop
ln -s /nonexistent links/gone.csv
printf 'a\n1\n' >links/v.csv
ask "links that lead nowhere" "a 1" "v" links
mkfifo links/pipe.csv
ask "a pipe in the folder" "a 1" "v" links
if [ "$(id -u)" != 0 ]; then
    mkdir closed
    printf 'a\n1\n' >closed/t.csv
    chmod 000 closed/t.csv
    refused "a file that must not be read" 3 "t.csv" "t | count" closed
fi

# ---- many files ----
mkdir many
i=0
while [ $i -lt 5000 ]; do
    printf 'n,s\n%d,x\n' $i >many/f$i.csv
    i=$((i + 1))
done
ask "5000 files" "c,s 5000,12497500" "many | summarize c = count(), s = sum(n)" many

# ---- files that change under the reader ----
mkdir shrink
for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat body; done >rows
{ echo n,s; cat rows rows rows; } >shrink/t.csv
change="t | where s contains 'number 1' | summarize sum(n), dcount(s)"
"$tool" -o csv "$change" shrink >whole
printf 'sum_n,dcount_s\n0,0\n' >none
for delay in 0.01 0.05 0.1; do
    { echo n,s; cat rows rows rows; } >shrink/t.csv
    "$tool" -o csv "$change" shrink >out 2>err &
    pid=$!
    sleep $delay
    : >shrink/t.csv
    wait $pid
    code=$?
    # Read in time or emptied before the scan, emptied while opening, or shorter while reading.
    case $code in
    0) cmp -s out whole || cmp -s out none ;;
    3) [ ! -s out ] ;;
    6) grep -q "became shorter while it was read" err ;;
    *) false ;;
    esac && passed=$((passed + 1)) ||
        fail "a file that shrinks while read" "ended with $code" "$(cat out)" "$(head -20 err)"
done

# ---- JSON ----
mkdir json
printf '{"a":1}\n{"a":\n{"a":3}\nnot json\n{"a":"x"}\n[1,2]\n{"b":{"c":[1,{"d":null}]}}\n' >json/t.jsonl
"$tool" -o csv "t | count" json >out 2>err
[ $? -lt 126 ] && passed=$((passed + 1)) || fail "broken JSON lines" "$(head -5 err)"
mkdir deep
{ printf '{"a":1,"b":1}\n{"a":'; head -c 200000 /dev/zero | tr '\0' '['; printf '\n{"a":2,"b":2}\n'; } >deep/t.jsonl
"$tool" -o csv "t | summarize sum(b)" deep >out 2>err
[ $? -lt 126 ] && passed=$((passed + 1)) || fail "deep JSON" "$(head -5 err)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
