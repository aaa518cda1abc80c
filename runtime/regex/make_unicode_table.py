#!/usr/bin/env python3
"""Writes unicode_table.c from the Unicode character database (Debian: package unicode-data).

usage: make_unicode_table.py [/usr/share/unicode] > unicode_table.c

Sets of code points are kept as bytes: for each range the gap since the end of the last one and
its length minus one, both as little-endian base-128 numbers. Surrogates are left out of all sets.
"""
import os
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
SURROGATES = set(range(0xD800, 0xE000))


def rows(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                yield [field.strip() for field in line.split(";")]


def span(text):
    lo, _, hi = text.partition("..")
    return range(int(lo, 16), int(hi or lo, 16) + 1)


def normal(name):
    name = "".join(c for c in name.lower() if c not in " _-")
    if name.startswith("is") and name != "isc":
        name = name[2:]
    return name


def ranges(points):
    out = []
    for point in sorted(set(points) - SURROGATES):
        if out and out[-1][1] == point - 1:
            out[-1][1] = point
        else:
            out.append([point, point])
    return out


def base128(value):
    out = []
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return out


data = []
sets = {}
names = {}


def add_set(points):
    at = ranges(points)
    code = []
    end = 0
    for lo, hi in at:
        code += base128(lo - end) + base128(hi - lo)
        end = hi + 1
    key = bytes(code)
    if key not in sets:
        sets[key] = (len(data), len(at))
        data.extend(code)
    return sets[key]


def add_names(kind, aliases, points):
    where = add_set(points)
    for alias in aliases:
        names[(kind, normal(alias))] = where


def aliases_of(prop):
    return {row[1]: row[1:] for row in rows("PropertyValueAliases.txt") if row[0] == prop}


def collect(name, value_field=1):
    out = {}
    for row in rows(name):
        for value in row[value_field].split():
            out.setdefault(value, set()).update(span(row[0]))
    return out


category = collect("extracted/DerivedGeneralCategory.txt")
category_aliases = aliases_of("gc")
for short, aliases in category_aliases.items():
    if short == "LC":
        members = ["Lu", "Ll", "Lt"]
    elif len(short) == 1:
        members = [c for c in category if c[0] == short]
    else:
        members = [short]
    add_names("c", aliases, set().union(*(category.get(m, set()) for m in members)))
everything = set(range(0x110000))
add_names("c", ["any"], everything)
add_names("c", ["assigned"], everything - category["Cn"])
add_names("c", ["ascii"], set(range(128)))

script_aliases = aliases_of("sc")
long_of = {aliases[1]: short for short, aliases in script_aliases.items()}
scripts = {long_of[name]: points for name, points in collect("Scripts.txt").items()}
extended = {short: set(points) for short, points in scripts.items()}
for short, points in collect("ScriptExtensions.txt").items():
    extended.setdefault(short, set()).update(points)
for row in rows("ScriptExtensions.txt"):
    for common in ("Zyyy", "Zinh"):
        if common not in row[1].split():
            extended[common] -= set(span(row[0]))
for short, aliases in script_aliases.items():
    if short in scripts:
        add_names("s", aliases, scripts[short])
        add_names("x", aliases, extended[short])

binary_aliases = {}
for row in rows("PropertyAliases.txt"):
    binary_aliases[row[1]] = row
binary = {}
for name in ("PropList.txt", "DerivedCoreProperties.txt", "emoji/emoji-data.txt"):
    binary.update(collect(name))
for name, points in binary.items():
    add_names("b", binary_aliases.get(name, [name]), points)

age = collect("DerivedAge.txt")
known = set()
for version in sorted(age, key=lambda v: [int(p) for p in v.split(".")]):
    known |= age[version]
    add_names("a", [version, "V" + version.replace(".", "_")], known)

mark = set().union(*(category[c] for c in category if c[0] == "M"))
word = binary["Alphabetic"] | mark | category["Nd"] | category["Pc"] | binary["Join_Control"]
add_names("w", ["word"], word)

folded = {}
for row in rows("CaseFolding.txt"):
    if row[1] in "CS":
        folded[int(row[0], 16)] = int(row[2], 16)
orbits = {}
for point, target in folded.items():
    orbits.setdefault(target, {target}).add(point)
follow = {}
for members in orbits.values():
    members = sorted(members)
    for i, point in enumerate(members):
        follow[point] = members[(i + 1) % len(members)]


def lines(items, per_line):
    for i in range(0, len(items), per_line):
        print("    " + " ".join(items[i : i + per_line]))


print("/* runtime/regex/unicode_table.c: the Unicode 15.0 character database, as far as patterns can")
print(" * ask for it. Made by make_unicode_table.py; do not edit. The format is told in unicode.h. */")
print("/* clang-format off */")
print('#include "runtime/regex/unicode.h"')
print()
print("const uint8_t tr_unicode_ranges[] = {")
lines([f"{byte}," for byte in data], 24)
print("};")
print()
print("const tr_unicode_name tr_unicode_names[] = {")
for (kind, name), (offset, count) in sorted(names.items()):
    print(f"    {{\"{kind}{name}\", {offset}, {count}}},")
print("};")
print(f"const uint32_t tr_unicode_name_count = {len(names)};")
print()
word_ranges = ranges(word)
print("const tr_unicode_range tr_unicode_word[] = {")
lines([f"{{0x{lo:x}, 0x{hi:x}}}," for lo, hi in word_ranges], 5)
print("};")
print(f"const uint32_t tr_unicode_word_count = {len(word_ranges)};")
print()
print("const tr_unicode_fold tr_unicode_folds[] = {")
lines([f"{{0x{a:x}, 0x{b:x}}}," for a, b in sorted(follow.items())], 5)
print("};")
print(f"const uint32_t tr_unicode_fold_count = {len(follow)};")
