#!/usr/bin/env python3
"""Reads an extent that the tool wrote, by docs/format-extent.md, format-columns.md and
format-index.md alone, and compares with what the tool says of the same table.

Usage: read_extent.py TRAWL
       read_extent.py --columns EXTENT     what is in a file

Knows the codecs of integers, and of strings those whose bytes need no zstd."""
import collections
import csv
import io
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = 2048
TYPES = ["", "bool", "int", "long", "real", "decimal", "datetime", "timespan", "string", "guid",
         "dynamic"]
CODECS = ["", "constant", "plain", "packed", "delta", "runs", "dictionary", "patched", "scaled",
          "symbols", "templates", "zstd", "bits", "shredded", "values"]
MASK = (1 << 64) - 1


class Unknown(Exception):
    """A codec or form that this reader does not have."""


def crc32c(data, table=[]):
    if not table:
        for i in range(256):
            for _ in range(8):
                i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
            table.append(i)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class Taker:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        assert self.at + n <= len(self.data), "bytes end too early"
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), "little")

    def u8(self):
        return self.number(1)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def text(self):
        return self.take(self.u32())

    def varint(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def rest(self):
        return self.take(len(self.data) - self.at)


def packed_block(taker, count, width, word_bits):
    """Numbers of a packed block; a short one ends early."""
    lanes = 1024 // word_bits
    words = -(-(-(-count // lanes) * width) // word_bits)
    data = taker.take(words * 128)
    size = word_bits // 8
    strings = [0] * lanes
    for w in range(words):
        for lane in range(lanes):
            at = (w * lanes + lane) * size
            strings[lane] |= int.from_bytes(data[at:at + size], "little") << w * word_bits
    mask = (1 << width) - 1
    return [strings[i % lanes] >> i // lanes * width & mask for i in range(count)]


def integers(taker, count):
    values = []
    while len(values) < count:
        n = min(1024, count - len(values))
        width, base = taker.u8(), taker.zigzag()
        if width & 0x80:
            size = ((width & 0x7F) + 7) // 8
            block = [taker.number(size) for _ in range(n)]
        else:
            block = packed_block(taker, n, width, 64)
        values += [(v + base) & MASK for v in block]
    return values


def frame(taker, n, word_bytes):
    width, flags, base = taker.u8(), taker.u8(), taker.zigzag()
    factor = taker.varint() if flags & 1 else 1
    numbers = []
    while len(numbers) < n:
        numbers += packed_block(taker, min(1024, n - len(numbers)), width, word_bytes * 8)
    if flags & 2:
        count = taker.varint()
        rows = [taker.number(2) for _ in range(count)]
        for row, number in zip(rows, integers(taker, count)):
            numbers[row] = number
    mask = (1 << word_bytes * 8) - 1
    return [(base + factor * number) & mask for number in numbers]


def signed(values, bits):
    return [v - (1 << bits) if v >> (bits - 1) else v for v in values]


def bitmap(data, n):
    return [data[i // 8] >> i % 8 & 1 for i in range(n)]


def symbol_table(taker):
    lengths = [taker.u8() for _ in range(taker.u8())]
    return [taker.take(n) for n in lengths]


def of_codes(table, codes):
    out, i = bytearray(), 0
    while i < len(codes):
        if codes[i] == 255:
            out.append(codes[i + 1])
            i += 1
        else:
            out += table[codes[i]]
        i += 1
    return bytes(out)


def dictionary_entries(taker):
    count, form = taker.varint(), None
    form = taker.u8()
    if form & 3 == 2:
        raise Unknown("dictionary of zstd blocks")
    table = symbol_table(taker) if form & 3 == 1 else None
    blocks = -(-count // 1024)
    sizes, text_bytes = integers(taker, blocks), integers(taker, blocks)
    entries = []
    for b in range(blocks):
        block, n = Taker(taker.take(sizes[b])), min(1024, count - b * 1024)
        shared = integers(block, n) if form & 4 else [0] * n
        lengths = integers(block, n)
        rests = Taker(of_codes(table, block.rest()) if table is not None else block.rest())
        before, total = b"", 0
        for skip, length in zip(shared, lengths):
            before = before[:skip] + rests.take(length)
            total += len(before)
            entries.append(before)
        assert total == text_bytes[b], "bytes of a block of entries"
    assert entries == sorted(set(entries)), "entries ascend"
    return entries


def dictionary_codes(taker, n):
    form = taker.u8()
    if form == 0:
        width, base = taker.u8(), taker.varint()
        codes = []
        while len(codes) < n:
            codes += packed_block(taker, min(1024, n - len(codes)), width, 32)
        return [code + base for code in codes]
    if form == 1:
        return integers(taker, n)
    code = taker.varint() if form == 2 else None
    other = bitmap(taker.take((n + 7) // 8), n)
    values, codes = iter(integers(taker, sum(other))), []
    for bit in other:
        if form == 2:
            codes.append(next(values) if bit else code)
        else:
            code = next(values) if bit else code
            codes.append(code)
    return codes


class Column:
    """A column of one group: its head, then pages, one at a time."""

    def __init__(self, kind, rows, head):
        self.kind, self.rows = kind, rows
        self.pages = -(-rows // PAGE)
        taker = Taker(head)
        version, self.codec = taker.u8(), CODECS[taker.u8()]
        assert version == 1 and taker.varint() == rows, "head of a column"
        self.nulls = integers(taker, self.pages) if taker.u8() & 1 else [0] * self.pages
        self.zones = self.read_zones(taker)
        self.head = taker
        self.shared = None
        if self.codec == "dictionary":
            self.shared = dictionary_entries(taker)
        elif self.codec == "symbols":
            self.shared = symbol_table(taker)
        elif self.codec == "values":
            self.shared = signed(integers(taker, taker.varint()), 64)
        elif self.codec == "constant":
            self.shared = taker.rest() if kind == "string" else taker.zigzag()

    def read_zones(self, taker):
        if self.kind in ("int", "long", "datetime", "timespan"):
            low = integers(taker, self.pages)
            high = [(a + b) & MASK for a, b in zip(low, integers(taker, self.pages))]
            return list(zip(signed(low, 64), signed(high, 64)))
        if self.kind != "string":
            raise Unknown(f"zones of {self.kind}")
        cut, zones = taker.varint(), []
        for p in range(self.pages):
            length = taker.u8()
            if length == 0xFF:
                zones.append(zones[-1])
                continue
            low = taker.take(length)
            zones.append((low, taker.take(taker.u8()), cut >> p & 1))
        return zones

    def page(self, p, data):
        n = min(PAGE, self.rows - p * PAGE)
        if self.nulls[p] == n:
            return [None] * n
        taker = Taker(data)
        valid = bitmap(taker.take(-(-n // 64) * 8), n) if self.nulls[p] else [1] * n
        values = self.text(taker, n) if self.kind == "string" else self.numbers(taker, n)
        assert len(values) == n and taker.at == len(data), f"size of page {p} of {self.codec}"
        assert sum(valid) == n - self.nulls[p], "nulls of a page"
        return [v if ok else None for v, ok in zip(values, valid)]

    def numbers(self, taker, n):
        size = 4 if self.kind == "int" else 8
        if self.codec == "constant":
            return [self.shared] * n
        if self.codec == "plain":
            return signed([taker.number(size) for _ in range(n)], size * 8)
        if self.codec in ("packed", "patched"):
            return signed(frame(taker, n, size), size * 8)
        if self.codec == "values":
            return [self.shared[i] for i in frame(taker, n, 4)]
        if self.codec == "delta":
            at, out = taker.zigzag(), []
            for step in frame(taker, n, 8):
                at = (at + step) & MASK
                out.append(at)
            return signed(out, 64)
        if self.codec == "runs":
            count = taker.varint()
            lengths = integers(taker, count)
            return [v for v, k in zip(signed(integers(taker, count), 64), lengths)
                    for _ in range(k + 1)]
        raise Unknown(self.codec)

    def text(self, taker, n):
        if self.codec == "constant":
            return [self.shared] * n
        if self.codec == "plain":
            ends = [0] + [taker.u32() for _ in range(n)]
            return [taker.take(b - a) for a, b in zip(ends, ends[1:])]
        if self.codec == "dictionary":
            return [self.shared[code] for code in dictionary_codes(taker, n)]
        if self.codec == "symbols":
            total, lengths = taker.varint(), integers(taker, n)
            texts = [of_codes(self.shared, taker.take(k)) for k in lengths]
            assert sum(map(len, texts)) == total, "bytes of a page of symbols"
            return texts
        raise Unknown(self.codec)


class Index:
    """Which pages may hold a term or a gram."""

    def __init__(self, data):
        taker = Taker(data)
        version, self.flags, self.set_bytes, self.log2 = (taker.u8() for _ in range(4))
        assert version == 1, "version of an index"
        self.some_count, self.open, self.all = taker.u32(), taker.u64(), taker.u64()
        sizes = [(taker.u32(), taker.u32()) for _ in range(3)]
        self.tables = []
        for t, (buckets, entries) in enumerate(sizes):
            samples = [taker.u32() for _ in range(-(-buckets // 32))]
            counts = taker.take(buckets)
            starts = [0]
            for count in counts:
                starts.append(starts[-1] + count)
            assert samples == starts[:-1][::32] and starts[-1] == entries, "entries of buckets"
            lows = [taker.number(2) for _ in range(entries)]
            sets = [taker.number(self.set_bytes) for _ in range(entries if t == 2 else 0)]
            self.tables.append((buckets, starts, lows, sets))
        self.any = self.some = None
        if self.flags & 2:
            slots = 1 << self.log2
            self.any = bitmap(taker.take(max(slots // 8, 1)), slots)
            if self.some_count:
                self.some = bitmap(taker.take(max(slots // 8, 1)), slots)
                taker.take(-(-slots // 512) * 2)
                self.sets = [taker.number(self.set_bytes) for _ in range(self.some_count)]
        assert taker.at == len(data), "size of an index"

    def term(self, run):
        value, folded = 0, bytes(b | 0x20 for b in run)
        for at in range(0, len(folded), 16):
            part = folded[at:at + 16].ljust(16, b"\0")
            a, b = struct.unpack("<QQ", part)
            product = (a ^ value ^ 0x9AE16A3B2F90404F) * (
                b ^ 0xC3A5C85C97CB3127 ^ len(run) << 56 & MASK)
            value = product & MASK ^ product >> 64
        value = (value ^ value >> 32) & 0xFFFFFFFF or 1
        pages = self.open
        for t, (buckets, starts, lows, sets) in enumerate(self.tables):
            place = value * buckets
            bucket, low = place >> 32, place & 0xFFFFFFFF
            for e in range(*(starts[bucket:bucket + 2] if buckets else (0, 0))):
                if t == 0 and lows[e] >> 6 == low >> 22:
                    pages |= 1 << (lows[e] & 63)
                elif t and lows[e] == low >> 16:
                    pages |= self.all if t == 1 else sets[e]
        return pages

    def gram(self, gram):
        a, b, c = (x | 0x20 for x in gram)
        slot = (17125 * a + 12309 * b + 31911 * c) % (1 << 15) % (1 << self.log2)
        if not self.any[slot]:
            return self.open
        if not self.some or not self.some[slot]:
            return self.open | self.all
        return self.open | self.sets[sum(self.some[:slot])]


class Extent:
    def __init__(self, path):
        self.data = Path(path).read_bytes()
        header, trailer = self.data[:64], self.data[-48:]
        assert header[:8] == b"TRAWLEXT" and trailer[40:] == b"TRAWLEXT", "magic"
        assert struct.unpack_from("<I", header, 8)[0] == 1, "format version"
        assert struct.unpack_from("<I", header, 60)[0] == crc32c(header[:60]), "CRC of the header"
        assert struct.unpack_from("<I", trailer, 36)[0] == crc32c(trailer[:36]), "CRC of the trailer"
        assert header[16:32] == trailer[:16], "ids"
        offset, size, crc = struct.unpack_from("<QQI", trailer, 16)
        assert offset + size + 48 == len(self.data), "the footer ends the file"
        footer = self.data[offset:offset + size]
        assert crc32c(footer) == crc, "CRC of the footer"
        taker = Taker(footer)
        assert taker.take(16) == header[16:32], "id of the footer"
        self.rows, self.raw_bytes = taker.u64(), taker.u64()
        self.columns, self.groups = [], []
        for _ in range(taker.u32()):
            kind = TYPES[taker.u8()]
            name = taker.text().decode()
            self.columns.append((name, kind, taker.u64(), self.zone(taker, kind)))
        for _ in range(taker.u32()):
            group = (taker.u32(), [])
            for _, kind, _, _ in self.columns:
                head, pages, index = self.block(taker), taker.u64(), self.block(taker)
                codec, nulls = CODECS[taker.u8()], taker.u32()
                group[1].append((head, pages, index, codec, nulls, self.zone(taker, kind)))
            self.groups.append(group)
        assert taker.at == size, "size of the footer"
        assert sum(rows for rows, _ in self.groups) == self.rows, "rows of the groups"

    @staticmethod
    def block(taker):
        return taker.u64(), taker.u32(), taker.u32()

    @staticmethod
    def zone(taker, kind):
        flags = taker.u8()
        if not flags & 16:
            return flags, None, None
        if kind == "string":
            return flags, taker.take(taker.u8()), taker.take(taker.u8())
        return (flags, *struct.unpack("<qq" if kind != "real" else "<dd", taker.take(16)))

    def bytes_of(self, block):
        offset, size, crc = block
        data = self.data[offset:offset + size]
        assert crc32c(data) == crc, "CRC of a block"
        return data

    def column(self, g, c):
        """The column of a group and its pages."""
        rows, columns = self.groups[g]
        head, pages_bytes, _, codec, nulls, _ = columns[c]
        data, count = self.bytes_of(head), -(-rows // PAGE)
        sizes = struct.unpack_from(f"<{count}I", data)
        crcs = struct.unpack_from(f"<{count}I", data, 4 * count)
        column = Column(self.columns[c][1], rows, data[8 * count:])
        assert column.codec == codec and sum(column.nulls) == nulls, "codec and nulls of a column"
        assert sum(sizes) == pages_bytes, "bytes of the pages of a column"
        at, pages = head[0] + head[1], []
        for size, crc in zip(sizes, crcs):
            pages.append(self.data[at:at + size])
            assert crc32c(pages[-1]) == crc, "CRC of a page"
            at += size
        return column, pages


# ---- against the tool ----

def table(seed, rows):
    """Columns that ask for different codecs, as CSV."""
    rng = random.Random(seed)
    cities = [f"{a}{b}" for a in ("north", "south", "new ", "old ") for b in ("ham", "ford", "ton")]
    paths = [f"/shop/{rng.randrange(60)}/item-{rng.randrange(10**6)}/view?lang={rng.choice('de fr it'.split())}"
             for _ in range(4000)]
    words = "time out while reading answer from shard user session query index cache disk".split()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow("id random outlier few same steps city path words big".split())
    for i in range(rows):
        outlier = rng.randrange(2**40) if rng.random() < 0.002 else rng.randrange(200)
        writer.writerow([
            1000 + 3 * i + rng.randrange(2), rng.randrange(-5000, 5000), outlier,
            rng.choice((2, 9, 10**12, -7 * 10**15)), 77, i // 50, rng.choice(cities),
            rng.choice(paths), " ".join(rng.choice(words) for _ in range(rng.randrange(3, 9))),
            "" if rng.random() < 0.1 else rng.randrange(-2**62, 2**62)])
    return out.getvalue()


def ask(trawl, db, kql):
    return subprocess.run([trawl, "--db", db, "-o", "csv", kql], check=True, capture_output=True,
                          text=True).stdout


def check_zone(zone, values, kind):
    known = [v for v in values if v is not None]
    if not known:
        return
    low, high = min(known), max(known)
    if kind == "string":
        assert low.startswith(zone[0]) and high.startswith(zone[1]), "zone of a page"
    else:
        assert (low, high) == tuple(zone), f"zone of a page: {zone}, not {low}, {high}"


def pieces(block):
    """The index without the checksums of its pieces, which are compared."""
    count = (len(block) - 4 + 4099) // 4100
    size = len(block) - 4 - 4 * count
    assert crc32c(block[size:-4]) == struct.unpack("<I", block[-4:])[0], "CRC of CRCs"
    for i in range(count):
        crc = struct.unpack_from("<I", block, size + 4 * i)[0]
        assert crc32c(block[4096 * i:min(4096 * i + 4096, size)]) == crc, "CRC of a piece"
    return block[:size]


def check_index(extent, g, c, pages):
    """Every term and every gram of a page is found in it."""
    index = Index(pieces(extent.bytes_of(extent.groups[g][1][c][2])))
    terms, grams = collections.defaultdict(int), collections.defaultdict(int)
    for p, values in enumerate(pages):
        for value in set(values):
            for run in re.findall(rb"[0-9A-Za-z]{3,}", value):
                terms[run] |= 1 << p
            for i in range(len(value) - 2 if index.flags & 2 else 0):
                grams[value[i:i + 3]] |= 1 << p
    for run, wanted in terms.items():
        assert wanted & ~index.term(run) == 0, f"{run} is not found where it stands"
    for gram, wanted in grams.items():
        assert wanted & ~index.gram(gram) == 0, f"{gram} is not found where it stands"
    there = (1 << len(pages)) - 1
    absent = sum(index.term(b"nosuchterm%d" % i) & there == 0 for i in range(100))
    assert absent > 50, "what stands nowhere is mostly known not to"
    return len(terms), len(grams)


def read_all(extent):
    columns, codecs = [], set()
    for c, (name, kind, nulls, _) in enumerate(extent.columns):
        values = []
        for g in range(len(extent.groups)):
            column, pages = extent.column(g, c)
            codecs.add(column.codec)
            decoded = [column.page(p, data) for p, data in enumerate(pages)]
            for p, page in enumerate(decoded):
                check_zone(column.zones[p][:2], page, kind)
            if kind == "string":
                check_index(extent, g, c, decoded)
            values += [v for page in decoded for v in page]
        assert sum(v is None for v in values) == nulls, f"nulls of {name}"
        columns.append(values)
    return columns, codecs


def cell(value):
    return "" if value is None else value.decode() if isinstance(value, bytes) else str(value)


def compare(trawl):
    with tempfile.TemporaryDirectory() as folder:
        db, file = str(Path(folder, "db")), Path(folder, "t.csv")
        file.write_text(table(20240607, 70000))
        subprocess.run([trawl, "ingest", "--db", db, "T", str(file)], check=True,
                       capture_output=True)
        wanted = list(csv.reader(io.StringIO(ask(trawl, db, "T"))))
        files = list(Path(db, "extents").glob("*.extent"))
        assert files, "no extent was written"
        rows, codecs = [], set()
        for path in files:
            extent = Extent(path)
            columns, seen = read_all(extent)
            codecs |= seen
            rows += [list(map(cell, row)) for row in zip(*columns)]
    names = [name for name, *_ in extent.columns]
    assert names == wanted[0], f"columns {names}"
    assert sorted(rows) == sorted(wanted[1:]), "rows differ from what the tool says"
    missing = {"packed", "dictionary", "constant", "values"} - codecs
    assert not missing, f"no column has codec {missing}"
    print(f"{len(rows)} rows of {len(files)} files: {' '.join(sorted(codecs))}")


def show(path):
    extent = Extent(path)
    for g, (rows, columns) in enumerate(extent.groups):
        for (name, kind, _, _), (head, pages, index, codec, nulls, _) in zip(extent.columns, columns):
            print(f"group {g} rows {rows} {name}:{kind} {codec} head {head[1]} pages {pages}"
                  f" index {index[1]} nulls {nulls}")


if __name__ == "__main__":
    if sys.argv[1] == "--columns":
        show(sys.argv[2])
    else:
        compare(sys.argv[1])
