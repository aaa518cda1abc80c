#!/usr/bin/env python3
"""tidy: style and layering as a test. What a machine can see of docs/style.md and docs/layout.md.

    tidy.py [--root FOLDER] [--long-functions]

One check a file and rule. Ends with a line "N passed, N failed". Reads C files, headers and nothing else;
what clang-format decides is its own check (./dev lint).
"""
import argparse
import pathlib
import re
import subprocess
import sys

LINE_MAX = 100
FILE_LINES_MAX = 1000
FUNCTION_LINES_SOFT = 70
FUNCTION_LINES_MAX = 100
TABLE_MARK = "do not edit"  # in a file's first comment: made by a program, exempt from limits of length

# Words that only these places may use: memory comes from arenas; the library never prints or exits.
FORBIDDEN = re.compile(r"\b(malloc|calloc|realloc|free|printf|fprintf|puts|exit|abort|assert)\s*\(")
# runtime/api: what it hands out outlives every arena and is released by whoever holds it.
FORBIDDEN_FREE = ("runtime/base/", "runtime/api/", "cli/", "tests/", "bench/", "datasets/")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Layers:
    """tests/tidy/layers.txt."""

    def __init__(self, path):
        self.allowed = {}
        self.generated = {}
        for line in path.read_text().splitlines():
            words = line.split("#")[0].split()
            if words and words[0] == "generated":
                self.generated[words[1]] = words[2:]
            elif words:
                self.allowed[words[0]] = words[1:]

    def room(self, path):
        rooms = [r for r in self.allowed if path == r or path.startswith(r + "/")]
        return max(rooms, key=len, default=None)

    def fault(self, path, target, root):
        """Why `path` may not include `target`; None if it may."""
        here = self.room(path)
        if target in self.generated:
            ok = here and here.split("/")[0] in self.generated[target]
            return None if ok else f"{target} is not for {here}"
        if not (root / target).is_file():
            return f'"{target}" is not written from the root, or is not there'
        there = self.room(target)
        if here is None or there is None:
            return f"no room in layers.txt for {path if here is None else target}"
        if here == there or there in self.allowed[here] or "*" in self.allowed[here]:
            return None
        return f"{here} may not include {there} ({target})"


def without_comments(text):
    """Comments and text constants blanked, lines kept."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[-1]
        return "\n" * found.count("\n")
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def functions(code):
    """(line, lines, name) of every function: clang-format puts its braces where we look."""
    start = None
    lines = code.split("\n")
    for i, line in enumerate(lines):
        if start is None and re.match(r"^[A-Za-z_].*[^=]\{$|^[A-Za-z_ ].*\)\s*\{$|^\s+.*\)\s*\{$", line):
            first = i
            while first > 0 and lines[first - 1] and lines[first - 1][-1] in ",(" :
                first -= 1
            head = " ".join(lines[first:i + 1])
            if line[0] == " " and not re.match(r"^[A-Za-z_]", lines[first]):
                continue
            name = re.search(r"(\w+)\s*\(", head)
            if name and not re.match(r"^(typedef|struct|enum|union|extern)\b[^(]*\{$", head):
                start = (i, name.group(1))
        elif start is not None and line.startswith("}"):
            yield start[0] + 1, i - start[0] + 1, start[1]
            start = None


class Tidy:
    def __init__(self, root, say_long):
        self.root = root
        self.layers = Layers(root / "tests/tidy/layers.txt")
        self.passed = self.failed = 0
        self.say_long = say_long

    def check(self, path, faults):
        faults = list(faults)
        for line, what in faults:
            print(f"{path}:{line}: {what}")
        self.failed += bool(faults)
        self.passed += not faults

    def includes(self, path, lines):
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if match and match.group(1) == '"':
                fault = self.layers.fault(path, match.group(2), self.root)
                if fault:
                    yield number, fault
            elif match and (self.root / match.group(2)).is_file():
                yield number, f"<{match.group(2)}> is ours: use quotes"

    def shape(self, path, text, lines):
        is_table = TABLE_MARK in text[:2000]
        if not text.startswith("/*"):
            yield 1, "does not start with a comment that says what it is for"
        if not text.endswith("\n"):
            yield len(lines), "does not end with a newline"
        if len(lines) > FILE_LINES_MAX and not is_table:
            yield 1, f"{len(lines)} lines, at most {FILE_LINES_MAX}"
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_MAX and not is_table:
                yield number, f"{len(line)} columns, at most {LINE_MAX}"
            if "\t" in line:
                yield number, "a tab"
            if line != line.rstrip():
                yield number, "blanks at the end"

    def words(self, path, code):
        if path.startswith(FORBIDDEN_FREE):
            return
        for number, line in enumerate(code.split("\n"), 1):
            match = FORBIDDEN.search(line)
            # A call through a struct's member, or a member's name, is somebody else's word.
            if match and not re.search(r"(->|\.|\*)\s*$", line[:match.start()]):
                yield number, f"{match.group(1)}() has no place here"

    def lengths(self, path, code):
        for line, count, name in functions(code):
            if count > FUNCTION_LINES_MAX:
                yield line, f"{name}: {count} lines, at most {FUNCTION_LINES_MAX}"
            elif count > FUNCTION_LINES_SOFT and self.say_long:
                print(f"note: {path}:{line}: {name}: {count} lines, wanted {FUNCTION_LINES_SOFT}")

    def file(self, path):
        text = (self.root / path).read_text(errors="replace")
        lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
        code = without_comments(text)
        self.check(path, self.includes(path, lines))
        self.check(path, self.shape(path, text, lines))
        self.check(path, self.words(path, code))
        self.check(path, self.lengths(path, code))

    def readmes(self):
        """Every room has a README of at most a page."""
        for room in self.layers.allowed:
            folder = self.root / room
            if not folder.is_dir() or not any(folder.glob("**/*.[ch]")):
                continue
            readme = folder / "README.md"
            if not readme.is_file():
                self.check(f"{room}/README.md", [(1, "is missing")])
            else:
                count = len(readme.read_text().splitlines())
                self.check(f"{room}/README.md", [(1, f"{count} lines, at most 100")] * (count > 100))


def tracked(root):
    """C files that git knows or would take; all files where there is no git."""
    try:
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
                                check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [str(p.relative_to(root)) for p in root.rglob("*")
                  if p.is_file() and "build" not in p.relative_to(root).parts[:1]]
    return sorted(p for p in listed if p.endswith((".c", ".h")) and (root / p).is_file())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--long-functions", action="store_true")
    args = parser.parse_args()
    tidy = Tidy(pathlib.Path(args.root), args.long_functions)
    for path in tracked(tidy.root):
        tidy.file(path)
    tidy.readmes()
    print(f"{tidy.passed} passed, {tidy.failed} failed")
    return tidy.failed != 0


if __name__ == "__main__":
    sys.exit(main())
