"""Queries to damage: those of queries.kql here, of the golden tests, and of conformance files.

A query is (prelude, text): the prelude (tables as let statements) stands before it and is not
damaged. Also a small tokenizer, which shares nothing with trawl's.
"""
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
SUPPORT = HERE.parent.parent / "docs" / "support.md"

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<string>[hH]?@'(?:[^']|'')*'|[hH]?@"(?:[^"]|"")*"
           |[hH]?'(?:[^'\\\n]|\\.)*'|[hH]?"(?:[^"\\\n]|\\.)*"|```.*?```)
      | (?P<literal>\b(?:datetime|date|timespan|time|guid|dynamic|real|double|decimal|long|int|bool)
           \s*\((?:[^()"']|"[^"]*"|'[^']*'|\([^()]*\))*\))
      | (?P<number>\b\d[\w.]*)
      | (?P<word>hint\.[a-z_]+|!?[A-Za-z_$]\w*~?)
      | (?P<mark>==|=~|!=|!~|<>|<=|>=|=>|<\||\.\.|.)""",
    re.X | re.S)


def tokens(text):
    """[(kind, offset, text)] without blanks and comments; offsets in characters."""
    found = [(m.lastgroup, m.start(), m.group()) for m in TOKEN.finditer(text)]
    return join_dashes([t for t in found if t[0] != "space"])


def join_dashes(found):
    """Names of operators with dashes are one word."""
    dashed = {name for name in known_names() if "-" in name}
    out, i = [], 0
    while i < len(found):
        longest = 0
        for n in (5, 3):
            part = found[i:i + n]
            whole = "".join(t[2] for t in part)
            if len(part) == n and whole in dashed and found[i][0] == "word" and not longest:
                longest = n
        if longest:
            out.append(("word", found[i][1], "".join(t[2] for t in found[i:i + longest])))
            i += longest
        else:
            out.append(found[i])
            i += 1
    return out


KNOWN = {}


def known_names():
    """{name: kind} of docs/support.md: operators, plugins, functions, aggregates."""
    if not KNOWN:
        for line in SUPPORT.read_text().splitlines():
            cells = [c.strip() for c in line.split("|")]
            if len(cells) > 4 and cells[1] != "Name" and not cells[1].startswith("-"):
                KNOWN.setdefault(cells[1], cells[2])
    return KNOWN


def own():
    """The queries of queries.kql, which ask the tables in data/."""
    text = (HERE / "queries.kql").read_text()
    return [("", q.strip()) for q in re.split(r"\n\s*\n", text) if q.strip()]


def golden():
    """The queries of the golden tests, their tables as let statements."""
    out = []
    for path in sorted(GOLDEN.rglob("*.test")):
        prelude, lines = "", path.read_text().split("\n")
        if any(line == "database" or line.startswith("file ") for line in lines):
            continue
        i = 0
        while i < len(lines):
            table = re.match(r"table (\w+) \((.*)\)$", lines[i])
            if table:
                prelude += f"let {table[1]} = datatable({table[2]})[]; "
            if re.match(r"query\b", lines[i]):
                j = i + 1
                while j < len(lines) and lines[j] != "----":
                    j += 1
                out.append((prelude, "\n".join(lines[i + 1:j])))
                i = j
            i += 1
    return out


def conformance(path):
    """The queries of a file with an object a line."""
    with open(path, encoding="utf-8") as file:
        return [("", json.loads(line)["query"]) for line in file]
