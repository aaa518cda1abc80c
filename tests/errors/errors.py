#!/usr/bin/env python3
"""How good are the messages? Damages valid queries and measures what trawl says of them.

    errors.py DRIVER typos|tokens [--count N] [--seed S] [--queries FILE.jsonl]... [--show N]
    errors.py DRIVER slips
    errors.py DRIVER speed [--slack N]

typos   one letter of a name is inserted, dropped, replaced or swapped with its neighbour. Counted:
        is the right name offered first, does the caret stand on exactly the misspelt word. Edits
        that give another valid name, or a query that still compiles, do not count. Where a name is
        made (let x = ..., extend x = ...) its first use is at fault, and the name as it was made is
        the right offer.
tokens  one to three tokens are dropped, doubled, swapped or copied elsewhere, and in some texts
        characters written over. Counted: answers. The process must live and answer each text within
        a second (times the slack), with a place that lies in the text.

slips   what slips.txt wants: nothing else, nothing less.

speed   parsing, binding and planning: typical.kql within 1 ms, a list of 10,000 values within 20 ms,
        times the slack that slow builds and busy machines need; the best of 20 counts.

Ends with 1 below the bar.
"""
import argparse
import collections
import json
import random
import re
import string
import subprocess
import sys

import corpus

BAR_NAMES = BAR_CARETS = 0.95
SLOWEST_NS = 1_000_000_000
OPTIONS = {
    "kind", "flags", "withsource", "with_source", "isfuzzy", "bagexpansion", "with_itemindex",
    "strategy", "shufflekey", "remote", "materialized", "num_partitions", "progressive", "title",
    "xtitle", "ytitle", "xcolumn", "ycolumns", "series", "legend", "accumulate", "threshold",
    "characters", "pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "default",
    "ignoreFirstRecord", "format", "return_unmatched"}


class Driver:
    """The process that compiles; restarted where it died."""

    def __init__(self, program):
        self.program = program
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, str(corpus.HERE / "data")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, text):
        """{"ns", "errors"}; None if the process died."""
        data = text.encode("utf-8", "surrogatepass")
        try:
            self.process.stdin.write(b"%d\n" % len(data) + data)
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):
            self.process.wait()
            self.start()
            return None
        return json.loads(line.decode("utf-8", "replace"))


def valid(driver, queries):
    """Those that compile, each once."""
    return [q for q in dict.fromkeys(queries)
            if q[1].isascii() and not (driver.ask(q[0] + q[1]) or {"errors": 1})["errors"]]


def typo(rng, word):
    """The word with one letter edited; the first letter no less than the others."""
    at = rng.randrange(len(word))
    letter = rng.choice(string.ascii_lowercase)
    edit = rng.choice(("insert", "drop", "replace", "swap"))
    if edit == "insert":
        return word[:at] + letter + word[at:]
    if edit == "drop":
        return word[:at] + word[at + 1:]
    if edit == "replace":
        return word[:at] + letter + word[at + 1:]
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2:]


def kind_of(found, i):
    """What kind of name token i is, for the table; None where any word may stand."""
    word = found[i][2]
    before = found[i - 1][2] if i else ";"
    after = found[i + 1][2] if i + 1 < len(found) else ""
    if before == "=" and i >= 2 and found[i - 2][2] in OPTIONS:
        return "option value"
    if word in OPTIONS and after == "=":
        return "option"
    if before == "|" or (before == "(" and corpus.known_names().get(word) == "operator" and
                         after not in ("(", ",")):
        return "operator"
    if before == "evaluate":
        return "plugin"
    if after == "(":
        known = corpus.known_names().get(word)
        return known if known in ("function", "aggregate", "source") else "call"
    if word in ("string", "long", "int", "real", "bool", "datetime", "timespan", "dynamic"):
        return "type"
    if re.fullmatch(r"[a-z_]+", word) and word in WORDS:
        return "keyword"
    return "name"


WORDS = set("""and or has hasprefix hassuffix contains startswith endswith in between matches regex
    has_any has_all has_cs contains_cs startswith_cs endswith_cs by asc desc nulls first last on with
    from to step let set declare query_parameters materialize datatable range print of typeof kind
    where as default limit true false not pattern view invoke union find search""".split())


def typos(driver, queries, args, rng):
    known = set(corpus.known_names()) | WORDS
    totals, names, carets = (collections.Counter() for _ in range(3))
    shown = collections.Counter()
    tried = 0
    while sum(totals.values()) < args.count and tried < args.count * 20:
        tried += 1
        prelude, text = rng.choice(queries)
        found = corpus.tokens(text)
        words = [i for i, t in enumerate(found) if t[0] == "word" and len(t[2]) > 1]
        if not words:
            continue
        i = rng.choice(words)
        _, at, word = found[i]
        wrong = typo(rng, word)
        if wrong == word or wrong in known or any(t[2] == wrong for t in found) or \
                not re.fullmatch(r"[A-Za-z_$][\w-]*", wrong) or wrong.lower() == word.lower():
            continue
        damaged = text[:at] + wrong + text[at + len(word):]
        answer = driver.ask(prelude + damaged)
        if answer is None:
            print("DIED:", damaged)
            return False
        if not answer["errors"]:
            continue
        error = answer["errors"][0]
        start = error["at"] - len(prelude)
        place = damaged[start:start + error["bytes"]]
        right, expected = word, (at, len(wrong))
        if place == word and start != at:  # made under the wrong name, used under the right one
            right, expected = wrong, (start, len(word))
        offered = re.match(r"did you mean '([^']*)'", error["hint"])
        kind = kind_of(found, i)
        totals[kind] += 1
        good_name = bool(offered) and offered[1] == right
        good_caret = (start, error["bytes"]) == expected
        names[kind] += good_name
        carets[kind] += good_caret
        if not (good_name and good_caret) and (not args.kind or kind == args.kind):
            shown[kind] += 1
            if sum(shown.values()) <= args.show:
                print(f"-- {kind}: {word} -> {wrong}\n{damaged}\n   {error['code']} '{place}' "
                      f"{error['message']} / {error['hint']}")
    n = sum(totals.values())
    for kind in sorted(totals):
        print(f"{kind:14} {totals[kind]:6}  right name first {names[kind] / totals[kind]:6.1%}"
              f"  exact caret {carets[kind] / totals[kind]:6.1%}")
    name_rate, caret_rate = sum(names.values()) / n, sum(carets.values()) / n
    print(f"{'all':14} {n:6}  right name first {name_rate:6.1%}  exact caret {caret_rate:6.1%}"
          f"  (of {len(queries)} queries)")
    return name_rate >= BAR_NAMES and caret_rate >= BAR_CARETS


def edited(rng, text):
    """One to three tokens dropped, doubled, swapped with the next, or copied to another place."""
    spans = [(t[1], t[1] + len(t[2])) for t in corpus.tokens(text)]
    parts, last = [], 0
    for start, end in spans:
        parts += [text[last:start], text[start:end]]
        last = end
    parts.append(text[last:])
    for _ in range(rng.randint(1, 3)):
        at = 2 * rng.randrange(max(1, len(parts) // 2)) + 1
        if at >= len(parts):
            break
        edit = rng.choice(("drop", "double", "swap", "copy"))
        other = 2 * rng.randrange(len(parts) // 2) + 1
        if edit == "drop":
            parts[at] = ""
        elif edit == "double":
            parts[at] += " " + parts[at]
        elif edit == "swap" and at + 2 < len(parts):
            parts[at], parts[at + 2] = parts[at + 2], parts[at]
        elif edit == "copy":
            parts[at] += " " + parts[other]
    return scribbled(rng, "".join(parts)) if rng.random() < 0.2 else "".join(parts)


def scribbled(rng, text):
    """Some characters written over, or in between."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice("'\"`()[]{}|;,.:=!&~@h\\\n\0\t \x7f\u201c\u00e9\U0001f600$0-9*/#") + \
            text[at + rng.randrange(2):]
    return text


def token_edits(driver, queries, args, rng):
    compiled = slowest = bad = 0
    for _ in range(args.count):
        prelude, text = rng.choice(queries)
        damaged = prelude + edited(rng, text)
        answer = driver.ask(damaged)
        if answer is None:
            print("DIED:", damaged)
            bad += 1
            continue
        for _ in range(3):  # the machine may have been busy
            if answer["ns"] > SLOWEST_NS * args.slack:
                answer = driver.ask(damaged)
        slowest = max(slowest, answer["ns"])
        if answer["ns"] > SLOWEST_NS * args.slack:
            print("SLOW:", damaged)
            bad += 1
        compiled += not answer["errors"]
        for error in answer["errors"]:
            if error["at"] + error["bytes"] > len(damaged.encode()) or not error["message"]:
                print("NO PLACE:", damaged, error)
                bad += 1
    print(f"{args.count} texts: {compiled} compile, {args.count - compiled} are told why not, "
          f"{bad} died, hung or were told no place; the slowest took {slowest / 1e6:.1f} ms")
    return bad == 0


def slips(driver):
    good = bad = 0
    lines = (corpus.HERE / "slips.txt").read_text(encoding="utf-8").splitlines()
    cases = []
    for line in lines:
        if line.startswith("    "):
            cases[-1][1].append(line.strip().split(" | ", 1))
        elif not line.startswith("#"):
            cases.append((line.replace("\\n", "\n"), []))
    for query, wanted in cases:
        data = query.encode()
        found = []
        for error in driver.ask(query)["errors"]:
            place = data[error["at"]:error["at"] + error["bytes"]].decode()
            found.append((place, error["message"] + " / " + error["hint"]))
        if len(found) == len(wanted) and all(
                f[0] == w[0] and w[1] in f[1] for f, w in zip(found, wanted)):
            good += 1
        else:
            bad += 1
            print(f"{query}\n  wanted {wanted}\n  found  {found}")
    print(f"{good} passed, {bad} failed")
    return bad == 0


def speed(driver, slack):
    rng = random.Random(1)
    values = [str(rng.randrange(10 ** 9)) for _ in range(10000)]
    longs, texts = ", ".join(values), ", ".join(f"'user{v}'" for v in values)
    cases = (("typical.kql", 1, (corpus.HERE / "typical.kql").read_text()),
             ("10,000 longs", 20, f"Requests | where StatusCode in ({longs})"),
             ("10,000 texts", 20, f"Requests | where UserId in ({texts}) | count"))
    good = True
    for name, limit_ms, query in cases:
        answers = [driver.ask(query) for _ in range(20)]
        best_ms = min(a["ns"] for a in answers) / 1e6
        good &= best_ms <= limit_ms * slack and not answers[0]["errors"]
        print(f"{name:14} {best_ms:8.3f} ms, at most {limit_ms * slack:g}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("driver")
    parser.add_argument("what", choices=("typos", "tokens", "slips", "speed"))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--queries", action="append", default=[])
    parser.add_argument("--only", choices=("own", "golden", "files"))
    parser.add_argument("--show", type=int, default=0, help="print so many misses")
    parser.add_argument("--slack", type=float, default=1)
    parser.add_argument("--kind", help="of name, to show")
    args = parser.parse_args()
    driver = Driver(args.driver)
    if args.what == "slips":
        return 0 if slips(driver) else 1
    if args.what == "speed":
        return 0 if speed(driver, args.slack) else 1
    queries = []
    if args.only in (None, "own"):
        queries += corpus.own()
    if args.only in (None, "golden"):
        queries += corpus.golden()
    for path in args.queries:
        queries += corpus.conformance(path)
    queries = valid(driver, queries)
    run = typos if args.what == "typos" else token_edits
    good = run(driver, queries, args, random.Random(args.seed))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
