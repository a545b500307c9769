// The readings of the deck: what each makes of a weight, and of the total error from step to step.

const DASHES = { derivative: "", sign: "7 4", scale: "2 4", outer: "10 3 2 3" };

/** The link whose weight is shown: the one chosen, or one of the node chosen. */
function linkOf(state) {
  if (state.at.type === "link") return state.at.place;
  const [l, k] = state.at.place;
  return l === 0 ? [1, k, 0] : [l, 0, k];
}

/** Fill table, notes and plot. */
function readings(section, state, strings) {
  const [l, i, j] = linkOf(state);
  const index = numbersOf(state).at(l, i, j);
  const at = state.alphas.indexOf(state.alpha);
  const table = section.querySelector(".readings table");
  const name = () => one(symbol.weight(l, i, j));
  const [before, after] = strings.readingscaption.split("{link}");
  const fill = (text) => filled(text, { alpha: state.alpha });
  table.caption.replaceChildren(fill(before), name(), fill(after));
  const heads = [strings.reading, "Δw", "w′", strings.after1];
  const last = Math.max(0, ...state.case.readings.map((reading) => (reading.losses[at]?.length ?? 0) - 1));
  heads.push(filled(strings.afterall, { last }));
  table.tHead.replaceChildren(made("tr", {}, ...heads.map((head) => made("th", { scope: "col" }, head))));
  table.tBodies[0].replaceChildren(...state.case.readings.map((reading) => {
    const losses = reading.losses[at] ?? [];
    const numbers = [reading.gradients[l - 1]?.[index], reading.updated[at]?.[l - 1]?.[index], losses[1], losses.length > last ? losses[last] : strings.above];
    const cells = numbers.map((v) => made("td", {}, short(v)));
    return made("tr", {}, made("th", { scope: "row" }, ...worded(strings[`reading-${reading.reading}`] ?? reading.reading)), ...cells);
  }));
  const same = JSON.stringify(of(state, "outer")?.gradients) === JSON.stringify(of(state, "derivative")?.gradients);
  const notes = ["note-sign", "note-scale", same ? "note-outer-same" : "note-outer"];
  section.querySelector(".notes").replaceChildren(...notes.map((key) => made("li", {}, ...worded(strings[key]))));
  plot(section, state, strings, at);
}

const of = (state, name) => state.case.readings.find((reading) => reading.reading === name);
const one = (its) => math("math", its);

/** The total error by step under each reading; a curve that leaves the picture has ↑ at its end, and the largest value. */
function plot(section, state, strings, at) {
  const svg = section.querySelector("#lesson-errors");
  const [left, right, top, bottom] = [44, 270, 14, 188];
  const curves = state.case.readings.map((reading) => [reading.reading, (reading.losses[at] ?? []).map(Number)]);
  const first = curves[0]?.[1][0] ?? 1;
  const every = curves.flatMap(([, losses]) => losses).filter(Number.isFinite);
  const highest = Math.min(Math.max(...every, 1e-9), 3 * first) * 1.05;
  const steps = Math.max(1, ...curves.map(([, losses]) => losses.length - 1));
  const x = (t) => left + ((right - left) * t) / steps;
  const y = (loss) => bottom - ((bottom - top) * loss) / highest;
  const seen = (loss) => Math.min(loss, 1e6 * highest);  // a line is straight beyond its frame too
  const frame = drawnAs("clipPath", { id: "lesson-frame" });
  frame.append(drawnAs("rect", { x: left, y: top - 2, width: right - left, height: bottom - top + 4 }));
  const parts = [frame];
  for (const part of [0, 0.5, 1]) {
    const level = highest * part;
    parts.push(drawnAs("path", { class: "rule", d: `M${left},${y(level)}H${right}` }));
    parts.push(drawnAs("text", { class: "mark", x: left - 6, y: y(level) + 4 }, short(level, 2)));
  }
  for (const t of [0, Math.round(steps / 2), steps]) parts.push(drawnAs("text", { class: "tick", x: x(t), y: bottom + 16 }, String(t)));
  parts.push(drawnAs("text", { class: "tick", x: (left + right) / 2, y: bottom + 30 }, strings.steps));
  parts.push(drawnAs("path", { class: "now", d: `M${x(Math.min(state.t, steps))},${top}V${bottom}` }));
  const ends = [];
  for (const [name, losses] of curves) {
    if (!losses.length) continue;
    const over = losses.findIndex((loss) => !Number.isFinite(loss));
    const drawn = over < 0 ? losses : losses.slice(0, over);
    const d = drawn.map((loss, t) => `${t ? "L" : "M"}${x(t).toFixed(1)},${y(seen(loss)).toFixed(1)}`).join("");
    parts.push(drawnAs("path", { class: `curve ${name}`, d, "clip-path": "url(#lesson-frame)", "stroke-dasharray": DASHES[name] ?? "" }));
    const title = (strings[`reading-${name}`] ?? name).split(/[:：]/)[0];
    const same = ends.find((end) => end.losses.join() === losses.join());
    if (same) same.lines.push(`= ${title}`);
    else {
      const last = over < 0 ? losses.at(-1) : Infinity;
      const most = Math.max(...losses);
      const beyond = over >= 0 || losses.length <= steps ? ["↑ ∞"] : most > highest ? [`↑ ${short(most, 2)}`] : [];
      ends.push({ losses, at: y(Math.min(last, highest)) + 4, lines: [title, ...beyond] });
    }
  }
  ends.sort((a, b) => b.at - a.at);
  let free = bottom + 4;  // from the lowest label up, so that none is on another
  for (const end of ends) {
    const height = Math.min(free, end.at + 6 * (end.lines.length - 1));
    for (const [n, line] of end.lines.reverse().entries()) parts.push(drawnAs("text", { class: "end", x: right + 6, y: height - 13 * n }, line));
    free = height - 13 * end.lines.length;
  }
  const said = curves.map(([name, losses]) => `${name}: ${short(losses[0])} → ${short(losses.at(-1))}`).join("; ");
  section.querySelector("#lesson-errors-caption").textContent = filled(strings.errors, { alpha: state.alpha });
  svg.setAttribute("aria-label", `${filled(strings.errors, { alpha: state.alpha })}. ${said}`);
  svg.removeAttribute("aria-labelledby");
  svg.replaceChildren(...parts);
}
