// Which rows a filter keeps, and in which order: {column: text}, and a column to sort by.
const NOTHING = "–";

const written = (value) => (value === null || value === "" ? NOTHING : String(value));

// A number as reports.wording writes it, at three digits; one next to 1 in as many as it has.
function figure(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const short = Number(value.toPrecision(3));
  if (Math.abs(short - value) > 1e-12 * Math.abs(value)) return String(value);
  if (value === 0 || (Math.abs(short) >= 1e-4 && Math.abs(short) < 1e5)) return String(short);
  return short.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

function cellText(column, row) {
  if (column.numbers) return column.none[row] ? NOTHING : figure(column.numbers[row]);
  return written(column.words[column.codes[row]]);
}

// "text" anywhere in it, "a*b" the whole of it, "!…" what does not match.
function pattern(text) {
  if (text.startsWith("!") && text.length > 1) {
    const inner = pattern(text.slice(1));
    return (word) => !inner(word);
  }
  const low = text.toLowerCase();
  if (!/[*?]/.test(low)) return (word) => word.toLowerCase().includes(low);
  const parts = low.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
  const whole = new RegExp(`^${parts}$`, "s");
  return (word) => whole.test(word.toLowerCase());
}

// "> 1", "<= 0.5", "0.1..2", "nan", "–", or a number as it is shown.
function measure(text) {
  const number = (part) => ({ inf: Infinity, "-inf": -Infinity })[part] ?? (part === "" ? NaN : Number(part));
  const found = /^(<=|>=|<|>|=|≤|≥)?\s*(\S+)$/.exec(text);
  const range = /^(\S+?)\s*\.\.\s*(\S+)$/.exec(text);
  if (range) {
    const [low, high] = [number(range[1]), number(range[2])];
    if (!Number.isNaN(low + high) || low === -high) return (value) => value >= low && value <= high;
  }
  if (!found || Number.isNaN(number(found[2]))) return (value) => figure(value) === text;
  const bound = number(found[2]);
  switch (found[1]) {
    case "<": return (value) => value < bound;
    case ">": return (value) => value > bound;
    case "<=": case "≤": return (value) => value <= bound;
    case ">=": case "≥": return (value) => value >= bound;
    default: return (value) => value === bound || figure(value) === figure(bound);
  }
}

// For each row, whether a column lets it through.
function keeper(column, text, exact, counted) {
  if (column.numbers) {
    const keeps = measure(text);
    return text === NOTHING ? (row) => column.none[row] === 1 : (row) => !column.none[row] && keeps(column.numbers[row]);
  }
  const keeps = exact ? (word) => word === text : counted ? (word) => measure(text)(Number(word)) : pattern(text);
  const kept = Uint8Array.from(column.words, (word) => (keeps(written(word)) ? 1 : 0));
  return (row) => kept[column.codes[row]] === 1;
}

// Places of a column's words in sorted order: a verdict's are given from best to worst.
function ranks(column) {
  if (column.name === "verdict") return Uint32Array.from(column.words, (_, i) => i);
  const collator = new Intl.Collator("en", { numeric: true });
  const order = column.words.map((_, i) => i).sort((a, b) => collator.compare(written(column.words[a]), written(column.words[b])));
  const places = new Uint32Array(order.length);
  order.forEach((word, place) => { places[word] = place; });
  return places;
}

// All rows in a column's order; rows without a value come last, NaN is larger than every number.
function order(column, descending) {
  const number = column.numbers ? column.numbers.length : column.codes.length;
  const places = column.numbers ? null : ranks(column);
  const keys = new Float64Array(number);
  for (let i = 0; i < number; i++) {
    const value = places ? places[column.codes[i]] : column.numbers[i];
    keys[i] = column.none?.[i] ? Infinity : (Number.isNaN(value) ? Number.MAX_VALUE : value) * (descending ? -1 : 1);
  }
  return Uint32Array.from({ length: number }, (_, i) => i).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
}

// Those that the gate failed on first, then by share.
function worstFirst(columns) {
  const failed = columns.get("failed");
  const byShare = order(columns.get("share"), true);
  const is = (row) => failed.words[failed.codes[row]] === 1;
  return Uint32Array.from([...byShare.filter(is), ...byShare.filter((row) => !is(row))]);
}

function filtered(all, keepers) {
  return keepers.reduce((rows, keeps) => rows.filter(keeps), all);
}
