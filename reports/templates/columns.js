// The rows that reports/columns.py wrote, as columns: {name, words, codes} or {name, numbers, none}.
function columnsOf(data) {
  const length = new DataView(data.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
  let at = 4 + length;
  const planes = (wide, count) => {
    const codes = new Uint32Array(count);
    for (let plane = 0; plane < wide; plane++) {
      for (let i = 0; i < count; i++) codes[i] = codes[i] * 256 + data[at + i];
      at += count;
    }
    return codes;
  };
  const columns = new Map();
  for (const given of head.columns) {
    const codes = planes(given.wide, head.rows);
    columns.set(given.name, given.count === undefined
      ? { name: given.name, words: given.words, codes }
      : numbered(given, codes, planes(given.mantissas, given.count), columns.get(given.of)));
  }
  return { rows: head.rows, columns };
}

function numbered(given, codes, mantissas, beside) {
  const numbers = new Float64Array(codes.length);
  const none = new Uint8Array(codes.length);
  const words = given.words.map((word) => {
    if (word === null) return { none: 1 };
    if (Array.isArray(word)) return { sign: word[0], power: 10 ** Math.abs(word[1]), up: word[1] >= 0 };
    if (typeof word === "number") return { number: word };
    if (word[0] === "=") return { back: Number(word.slice(1)) };
    return { number: { nan: NaN, inf: Infinity, "-inf": -Infinity }[word] };
  });
  let next = 0;
  for (let i = 0; i < codes.length; i++) {
    const word = words[codes[i]];
    if (word.none) none[i] = 1;
    else if (word.back === 0) numbers[i] = beside.numbers[i];
    else if (word.back) numbers[i] = numbers[i - word.back];
    else if (word.power) {
      const mantissa = word.sign * mantissas[next++];
      numbers[i] = word.up ? mantissa * word.power : mantissa / word.power;
    } else numbers[i] = word.number;
  }
  return { name: given.name, numbers, none };
}
