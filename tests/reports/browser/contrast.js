// Texts with too little contrast (WCAG 2.2, 1.4.3): those too that axe leaves undecided, because they are short, in a
// drawing, or scrolled out of sight. Colours are laid over each other by a canvas, which knows every way to write them.
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const laid = (colours) => {
    canvas.globalAlpha = 1;
    for (const [colour, alpha] of colours) {
      canvas.globalAlpha = alpha;
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colours) => {
    const [r, g, b] = laid(colours).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const known = new Map();
  const ratio = (behind, text) => {
    const key = JSON.stringify([behind, text]);
    if (!known.has(key)) {
      const [a, b] = [light(behind), light([...behind, text])].sort((x, y) => y - x);
      known.set(key, (a + 0.05) / (b + 0.05));
    }
    return known.get(key);
  };
  const clear = "rgba(0, 0, 0, 0)";
  const found = [];
  const judge = (element, colour, words) => {
    const behind = [];
    let alpha = 1;
    const disc = element.closest(".node .symbol")?.parentElement.querySelector("circle");
    if (disc) behind.push([getComputedStyle(disc).fill, 1]);
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor, opacity } = getComputedStyle(at);
      alpha *= Number(opacity);
      if (backgroundColor !== clear) behind.unshift([backgroundColor, 1]);
    }
    const { fontSize, fontWeight } = getComputedStyle(element);
    const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && fontWeight >= 700);
    const has = ratio([["white", 1], ...behind], [colour, alpha]);
    if (has < (large ? 3 : 4.5)) found.push(`${has.toFixed(2)}: ${words.trim().slice(0, 40)} (${element.outerHTML.slice(0, 80)})`);
  };
  let judged = 0;
  for (const element of document.body.querySelectorAll("*")) {
    const words = [...element.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => one.data).join("");
    const field = element.matches("input, select");
    if ((!words.trim() && !field) || !element.checkVisibility() || element.closest(":disabled, [aria-disabled=true], script")) continue;
    const { color, fill } = getComputedStyle(element);
    judged += 1;
    judge(element, element.namespaceURI.endsWith("svg") ? fill : color, words);
    if (element.placeholder) judge(element, getComputedStyle(element, "::placeholder").color, element.placeholder);
  }
  return { judged, found };
})()
