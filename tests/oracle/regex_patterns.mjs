// tests/oracle/regex_patterns.mjs: random regular expressions and texts in which they nearly match.
// The seed makes them the same every time. Knows no engine.

const letters = ['a', 'b', 'c', 'x', 'k', 's', 'A', 'B', '0', '1', '_', '-', ' ', 'é', 'É', 'ſ', 'K',
  'σ', 'ς', 'Σ', '٣', '日', '😀', '\\.', '\\n', '\\x61', '\\u00e9', '\\u{1F600}', '\\U0001F600', '\\x{3c3}',
  'ab', 'foo', 'bar', '\\-', '\\#', '\\t', '\\&', '\\~', '. ', 'a#'];
const properties = ['L', 'Lu', 'Ll', 'Nd', 'N', 'P', 'Zs', 'S', 'M', 'Greek', 'Cyrillic', 'Latin', 'Han',
  'sc=Greek', 'scx=Hira', 'Script=Arabic', 'gc=Lu', 'General_Category=Decimal_Number', 'Alphabetic',
  'White_Space', 'Uppercase', 'lowercase', 'alpha', 'Any', 'ASCII', 'Assigned', 'Emoji', 'ID_Start',
  'is_greek', 'greek ext', 'Age=3.0', 'Hangul', 'L&', 'LC', 'Letter', 'upper', 'IDS', 'Cased', '^Lu', 'Dash'];
const perl = ['\\d', '\\w', '\\s', '\\D', '\\W', '\\S'];
const posix = ['alpha', 'digit', '^digit', 'upper', 'lower', 'punct', 'space', 'word', 'xdigit', '^alnum',
  'blank', 'cntrl', 'print', 'graph', 'ascii'];
const looks = ['^', '$', '\\A', '\\z', '\\b', '\\B', '\\b{start}', '\\b{end}', '\\b{start-half}',
  '\\b{end-half}', '\\<', '\\>', '(?m:^)', '(?m:$)', '(?mR:^)', '(?mR:$)', '(?-u:\\b)', '(?-u:\\B)'];
const repeats = ['*', '+', '?', '*', '+', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}', '{2,}', '{1,3}?', '{0}',
  '{2,}?', '{0,0}', '{ 2 , 3 }', '{1}', '{,2}', '{3,1}', '**', '+*', '{2}{2}'];
const flags = ['i', 'm', 's', 'U', 'x', 'R', 'i-s', 's-m', '-u', 'u', 'is', 'mi', 'mR', 'ix', 'U-i', '-x', 'imsU',
  'ii', 'q', '-'];
const junk = ['{', '}', '(', ')', '[', ']', '\\', '*', '?', '|', '&&', '--', '~~', '^', 'a', '1', ',', '(?', '<',
  '>', ':', 'P', '-', 'i', 'x', '#', ' ', '\\p', '\\x', '\\b{', '\\Q', '(?=', '(?<', '\\8', '[[:', '\\pZ', '\\u'];
const words = ['a', 'b', 'c', 'x', 'y', 'k', 's', 'A', 'B', 'K', 'S', 'ab', 'foo', 'bar', '0', '1', '2', '_', '-',
  ' ', '.', '\n', '\r\n', '\r', 'é', 'É', 'ſ', 'K', 'σ', 'ς', 'Σ', '٣', '日', '😀', '\u00a0', '\u0301', 'ab', 'abc',
  'a', 'b', 'ж', 'Ж', '한', 'あ', 'ア', 'ß', 'ẞ', 'İ', 'ı', 'ǆ', 'ǅ', 'Ǆ', '\u2028', '\u0085', '\t', '#', '&', '~',
  '𐐀', '𐐨', 'Ω', 'Ω', 'µ', 'μ', '\u200d', '€', '𝟘', '\u0000', '\u007f', '߿', 'ࠀ', '\ud7ff', '\ue000', '\uffff', '𐀀'];
const ascii = words.filter((word) => /^[\x00-\x7f]*$/.test(word));
// Blocks that are older than any version of Unicode that one of the engines knows.
const blocks = [[0x20, 0x24f], [0x370, 0x377], [0x391, 0x3a1], [0x400, 0x45f], [0x5d0, 0x5ea], [0x627, 0x64a],
  [0x905, 0x939], [0x10a0, 0x10c5], [0x1e00, 0x1eff], [0x2100, 0x214f], [0x3041, 0x3096], [0x4e00, 0x4eff],
  [0xac00, 0xacff], [0x1d400, 0x1d454], [0x1f600, 0x1f64f]];

export class Patterns {
  constructor(seed) {
    this.state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
    this.names = 0;
  }
  random(n) {
    this.state = (this.state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
    return Number((this.state >> 33n) % BigInt(n));
  }
  pick(list) {
    return list[this.random(list.length)];
  }
  point() {
    const [lo, hi] = this.pick(blocks);
    return String.fromCodePoint(lo + this.random(hi - lo + 1));
  }
  property() {
    const name = this.pick(properties);
    if (name.length === 1 && this.random(2)) return `\\${this.pick(['p', 'P'])}${name}`;
    return `\\${this.pick(['p', 'p', 'P'])}{${name}}`;
  }
  classItem(depth) {
    switch (this.random(10)) {
    case 0: case 1: case 2: return this.pick(['a', 'b', 'c', 'x', 'k', 's', 'A', '0', '_', 'é', 'σ', 'ſ', '\\n', '\\]']);
    case 3: case 4: return this.pick(['a-c', 'b-d', 'a-z', 'A-Z', '0-9', 'x-z', 'é-ú', 'α-ω', 'a-\\x{3c9}', ' -~', '\\x00-\\x7F']);
    case 5: return this.pick(perl);
    case 6: return `[:${this.pick(posix)}:]`;
    case 7: return this.property();
    case 8: return depth > 0 ? this.bracket(depth - 1) : this.pick(['-', '^', '&', '~', ' ', '#']);
    default: return this.point().replace(/[[\]\\^&~-]/, '\\$&');
    }
  }
  bracket(depth) {
    let out = this.random(4) === 0 ? '[^' : '[';
    if (this.random(12) === 0) out += this.pick([']', '-', '^']);
    for (let n = 1 + this.random(3); n-- > 0;) out += this.classItem(depth);
    while (this.random(4) === 0) {
      out += this.pick(['&&', '--', '~~']);
      for (let n = 1 + this.random(2); n-- > 0;) out += this.classItem(depth);
    }
    return out + ']';
  }
  atom(depth) {
    const dice = this.random(24);
    if (dice < 8) return this.pick(letters);
    if (dice < 10) return this.bracket(2);
    if (dice < 12) return this.pick(perl.concat(['.', '.', '[abc]', '[^a]', '(?s:.)', '(?-u:\\w)', '(?-u:\\d)']));
    if (dice < 13) return this.property();
    if (dice < 15) return this.pick(looks);
    if (depth <= 0) return this.pick(letters);
    if (dice < 19) return `(${this.alternation(depth - 1)})`;
    if (dice < 21) return `(?:${this.alternation(depth - 1)})`;
    if (dice < 23) return `(?${this.pick(flags)}${this.random(8) ? ':' : ')'}${this.alternation(depth - 1)})`;
    return `(?${this.pick(['P', ''])}<n${this.names++}>${this.alternation(depth - 1)})`;
  }
  piece(depth) {
    const atom = this.atom(depth);
    return this.random(3) === 0 ? atom + this.repeat() : atom;
  }
  repeat() { // the last five are wrong or odd
    return repeats[this.random(this.random(10) ? repeats.length - 5 : repeats.length)];
  }
  concat(depth) {
    let out = '';
    for (let n = this.random(5); n-- > 0;) out += this.piece(depth);
    return out;
  }
  alternation(depth) {
    let out = this.concat(depth);
    while (this.random(4) === 0) out += '|' + this.concat(depth);
    return out;
  }
  // Such as people write over logs: runs of digits, words and marks.
  plain() {
    const parts = ['\\d+', '\\d{1,3}', '[0-9]+', '\\w+', '[a-z]+', '\\s*', '\\.', ':', '-', 'ab', 'foo', '.*', '.*?', '\\b',
      '[^ ]+', '(a|b)', '(foo|bar|ab)', '[A-Z][a-z]*', '_?', '(\\d+)', '(\\w*)', '=', '(?:a|b)?', '[xyz]{2,3}', '^', '$'];
    let out = '';
    for (let n = 1 + this.random(7); n-- > 0;) out += this.pick(parts);
    return this.random(6) ? out : '(?i)' + out;
  }
  pattern() {
    this.names = 0;
    let out = this.random(5) ? this.alternation(3) : this.plain();
    if (this.random(8) === 0) out = `(?${this.pick(flags)})` + out;
    if (this.random(10) === 0)
      for (let n = 1 + this.random(3); n-- > 0;) {
        const at = this.random(out.length + 1);
        out = out.slice(0, at) + this.pick(junk) + out.slice(at);
      }
    return out.isWellFormed?.() === false ? this.pattern() : out;
  }
  subject() {
    let out = '';
    const from = this.random(2) ? ascii : words;
    const any = this.random(8) === 0;
    const length = this.random(20) === 0 ? 300 : this.random(3) ? 8 : 40;
    for (let n = this.random(length); n-- > 0;) out += any && this.random(3) === 0 ? this.point() : this.pick(from);
    return out;
  }
}
