// The network: which numbers stand at its nodes, how its links are drawn, and what is marked.

/** What nodes and links show at each stage. */
const BY_STAGE = {
  forward: ["h", "weight"],
  error: ["h", "weight"],
  backward: ["delta", "weight"],
  update: ["h", "gradient"],
};

/** What stands at a node: [MathML-free name, number]. */
function atNode(state, l, k) {
  const n = numbersOf(state);
  const kind = state.nodes === "bystage" ? BY_STAGE[state.stage][0] : state.nodes;
  const name = "xhy"[l];
  if (kind === "h" && l === 2 && state.nodes === "bystage" && state.stage === "error") return [`e`, n.error(k)];
  if (kind === "h" || l === 0) return [name, kind === "h" || kind === "I" ? n.out(l, k) : null];
  if (kind === "I") return ["I", n.I(l, k)];
  if (kind === "slope") return ["σ′", state.case.terms[`slope${l}`] ? n.slope(l, k) : null];
  return [l === 2 ? "ε" : "δ", n.delta(l, k)];
}

const linkKind = (state) => (state.links === "bystage" ? BY_STAGE[state.stage][1] : state.links);

/** Draw everything of a state into the network. */
function draw(net, state, strings) {
  const n = numbersOf(state);
  const kind = linkKind(state);
  const largest = { 1: 0, 2: 0 };
  const links = [...net.querySelectorAll(".link")].map((element) => {
    const [l, i, j] = element.dataset.link.split(" ").map(Number);
    const found = n[kind](l, i, j);
    if (Number.isFinite(found)) largest[l] = Math.max(largest[l], Math.abs(found));
    return { element, l, i, j, found };
  });
  for (const { element, l, i, j, found } of links) {
    const line = element.querySelector(".line");
    const marked = touches(state, l, i, j);
    const width = 1 + 4 * Math.sqrt(Math.abs(found ?? 0) / (largest[l] || 1));
    line.setAttribute("stroke-width", width.toFixed(2));
    element.classList.toggle("negative", found < 0);
    element.classList.toggle("zero", found === 0);
    element.classList.toggle("marked", marked);
    element.classList.toggle("chosen", chosen(state, "link", l, i, j));
    const backward = state.stage === "backward";
    line.setAttribute(backward ? "marker-start" : "marker-end", marked ? "url(#lesson-arrow)" : "none");
    line.removeAttribute(backward ? "marker-end" : "marker-start");
    const name = { weight: "w", gradient: "Δw", update: "w′" }[kind];
    label(element, state, "link", [l, i, j], `${strings.link} ${"xh"[l - 1]}_${i + 1} → ${"hy"[l - 1]}_${j + 1}: ${name}_${i + 1}${j + 1} = ${short(found)}`);
  }
  for (const element of net.querySelectorAll(".node")) {
    const [l, k] = element.dataset.node.split(" ").map(Number);
    const [name, found] = atNode(state, l, k);
    const off = l === 1 && state.case.activation === "relu" && n.I(1, k) <= 0;
    element.classList.toggle("off", off);
    element.classList.toggle("chosen", chosen(state, "node", l, k));
    element.classList.toggle("stage", (state.stage === "error" && l === 2) || (state.stage === "backward" && l > 0) || state.stage === "forward");
    element.querySelector(".symbol").replaceChildren(name, drawnAs("tspan", { class: "sub", dy: 4 }, String(k + 1)));
    element.querySelector(".value").textContent = (found === null ? "" : short(found, 4)) + (off ? ` ${strings.off}` : "");
    const kindOf = [strings.inputnode, strings.hiddennode, strings.outputnode][l];
    label(element, state, "node", [l, k], `${kindOf} ${k + 1}: ${name}_${k + 1} = ${short(found)}${off ? `, ${strings.off}` : ""}`);
  }
  labels(net, links.filter(({ element }) => element.classList.contains("marked")), state);
}

/** Numbers on the marked links, where these are furthest apart. */
function labels(net, links, state) {
  const one = state.at.type === "link";
  const its = links.map(({ element, l, i, j, found }) => {
    const line = element.querySelector(".line");
    const at = (name) => Number(line.getAttribute(name));
    const fans = state.at.type === "node" && state.at.place[0] === l;  // the links come together at the chosen node
    const part = one ? 0.5 : fans ? 0.3 : 0.62;
    const [x, y] = ["x", "y"].map((axis) => at(`${axis}1`) + part * (at(`${axis}2`) - at(`${axis}1`)));
    return drawnAs("text", { x: x.toFixed(1), y: (y + 4).toFixed(1) }, short(found, 4));
  });
  net.querySelector(".labels").replaceChildren(...its);
}

/** Whether a link takes part in what is told of the chosen node or link. */
function touches(state, l, i, j) {
  if (chosen(state, "link", l, i, j)) return true;
  if (state.at.type !== "node") return false;
  const [layer, k] = state.at.place;
  if (state.stage === "backward") return layer === 0 ? l === 1 && i === k : l === layer + 1 && i === k;
  return layer === 0 ? l === 1 && i === k : l === layer && j === k;
}

function chosen(state, type, ...place) {
  return state.at.type === type && state.at.place.join() === place.join();
}

/** What a screen reader says, and whether Tab comes here: to one node and one link. */
function label(element, state, type, place, text) {
  const here = chosen(state, type, ...place);
  const first = state.at.type !== type && place.join() === state.last[type].join();
  dressed(button(element), { role: "button", "aria-label": text, "aria-pressed": here, tabindex: here || first ? 0 : -1 }, []);
}

/** What is focused of a node or link: never its text, which the label says better. */
const button = (element) => element.querySelector("circle") ?? element;

/** Where an arrow key leads from a node or link. */
function led(state, key) {
  const { layers } = state.case;
  const across = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  const down = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  const within = (at, count) => Math.max(0, Math.min(count - 1, at));
  if (state.at.type === "node") {
    const [l, k] = state.at.place;
    const to = within(l + across, layers.length);
    const near = across && to !== l ? Math.round(((k + 0.5) / layers[l]) * layers[to] - 0.5) : k + down;
    return { type: "node", place: [to, within(near, layers[to])] };
  }
  const [l, i, j] = state.at.place;
  const to = Math.max(1, Math.min(2, l + across));
  if (to !== l) return { type: "link", place: to === 2 ? [2, j, 0] : [1, 0, i] };
  const at = within(i * layers[l] + j + down, layers[l - 1] * layers[l]);
  return { type: "link", place: [l, Math.floor(at / layers[l]), at % layers[l]] };
}
