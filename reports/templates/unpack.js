// Undoes reports/packed.py: the bytes that a text in the page holds.
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%,()*+-;.=>?@^_`{|}~";

async function unpacked(text) {
  const stream = new Blob([bytesOf(text.trim())]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Five digits in base 85 are four bytes; of the last ones, as many bytes as there are digits but one.
function bytesOf(text) {
  const digit = new Uint8Array(128);
  for (let i = 0; i < DIGITS.length; i++) digit[DIGITS.charCodeAt(i)] = i;
  const whole = new DataView(new ArrayBuffer(4 * Math.ceil(text.length / 5)));
  for (let i = 0; i < text.length; i += 5) {
    let number = 0;
    for (let k = i; k < i + 5; k++) number = 85 * number + (k < text.length ? digit[text.charCodeAt(k)] : 84);
    whole.setUint32((4 * i) / 5, number);
  }
  return new Uint8Array(whole.buffer, 0, Math.floor((4 * text.length) / 5));
}
