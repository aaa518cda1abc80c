#!/usr/bin/env python3
"""Writes unicode_case_table.c: simple upper and lower case of characters outside ASCII.

usage: make_case_table.py > unicode_case_table.c    (takes the database of the running Python)
"""
import sys
import unicodedata


def runs(mapped):
    out = []
    for point in range(0x80, 0x110000):
        text = mapped(chr(point))
        if len(text) != 1 or ord(text) == point or ord(text) < 0x80:
            continue
        delta = ord(text) - point
        if out:
            first, last, step, old = out[-1]
            if delta == old and (point - last == step or (first == last and point - last <= 2)):
                out[-1] = [first, point, point - last, delta]
                continue
        out.append([point, point, 1, delta])
    return out


print("/* runtime/func/unicode_case_table.c: simple case mappings, written by make_case_table.py from")
print(f" * version {unicodedata.unidata_version} of the Unicode character database. Must not be edited. */")
print('#include "runtime/func/unicode_case.h"\n')
for name, mapped in (("lower", str.lower), ("upper", str.upper)):
    table = runs(mapped)
    print(f"const tr_case_run tr_case_{name}[] = {{")
    for first, last, step, delta in table:
        print(f"    {{0x{first:x}, 0x{last:x}, {step}, {delta}}},")
    print("};")
    print(f"const uint32_t tr_case_{name}_count = {len(table)};\n" if name == "lower" else f"const uint32_t tr_case_{name}_count = {len(table)};")
