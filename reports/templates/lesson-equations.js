// What is computed at a node or a link, stage by stage: the deck's equation, and the run's numbers put in.

const JOINS = { 1: "IH", 2: "HO" };
const ENTERS = { 1: "H", 2: "O" };

const token = (tag, text) => math(tag, String(text));
const sub = (base, below) => math("msub", token("mi", base), token("mn", below));
const both = (base, below, above) => math("msubsup", token("mi", base), token("mn", below), token("mi", above));
const operator = (text) => dressed(token("mo", text), "+−·=".includes(text) ? { form: "infix" } : {}, []);
const joined = (...parts) => math("mrow", ...parts.map((part) => (typeof part === "string" ? operator(part) : part)));
const upright = (text) => dressed(token("mi", text), { mathvariant: "normal" }, []);
const primed = (text) => joined(token("mi", text), "′");

const symbol = {
  out: (l, k) => sub("xhy"[l], k + 1),
  target: (j) => both("y", j + 1, "∗"),
  I: (l, j) => both("I", j + 1, ENTERS[l]),
  error: (j) => sub("e", j + 1),
  total: () => token("mi", "ℰ"),
  slope: (l, j) => joined(primed("σ"), "(", symbol.I(l, j), ")"),
  delta: (l, j) => sub(l === 2 ? "ε" : "δ", j + 1),
  weight: (l, i, j) => both("w", `${i + 1}${j + 1}`, JOINS[l]),
  gradient: (l, i, j) => joined(upright("Δ"), symbol.weight(l, i, j)),
  update: (l, i, j) => math("msubsup", primed("w"), token("mn", `${i + 1}${j + 1}`), token("mi", JOINS[l])),
};

/** The terms of a case by node and link, with the numbers of whoever is chosen. */
function numbersOf(state) {
  const [, H, O] = state.case.layers;
  const at = (l, i, j) => i * [0, H, O][l] + j;
  const its = (key, index) => number(state, key, index);
  return {
    at,
    out: (l, k) => (l ? its(l === 1 ? "h1" : "output", k) : state.case.x[k]),
    I: (l, j) => its(`I${l}`, j),
    slope: (l, j) => its(`slope${l}`, j),
    delta: (l, j) => its(`delta${l}`, j),
    error: (j) => its("error", j),
    weight: (l, i, j) => its(`weight${l}`, at(l, i, j)),
    gradient: (l, i, j) => its(`gradient${l}`, at(l, i, j)),
    update: (l, i, j) => its(`update${l}`, at(l, i, j)),
  };
}

const value = (v) => token("mn", factor(v));
const plain = (v) => token("mn", short(v));

/** Terms of a sum, each a piece of its own, so that a line may break between them. */
function summed(terms, before = [], after = []) {
  const last = terms.length - 1;
  return terms.map((term, n) => joined(...(n ? ["+"] : before), term, ...(n === last ? after : [])));
}

/** The equations of `state.case`; each has its id, left side, right side in symbols and in numbers, and its term. */
function equations(state) {
  const { layers, task, target } = state.case;
  const n = numbersOf(state);
  const count = (l) => [...Array(layers[l]).keys()];
  const scale = () => math("mfrac", token("mn", 2), sub("N", "O"));
  const scaled = () => math("mfrac", token("mn", 2), token("mn", layers[2]));
  return {
    sum: (l, j, hot) => ({
      id: l === 1 ? "S2, S19" : "S2, S18", key: `I${l}`, index: j, left: symbol.I(l, j), hot,
      symbols: summed(count(l - 1).map((i) => joined(symbol.out(l - 1, i), symbol.weight(l, i, j)))),
      numbers: summed(count(l - 1).map((i) => joined(value(n.out(l - 1, i)), "·", value(n.weight(l, i, j))))),
    }),
    leaves: (l, j) => {
      const linear = l === 2 && task === "prediction";
      return {
        id: l === 1 ? "S6" : linear ? "S9" : "S7, S8", key: l === 1 ? "h1" : "output", index: j, left: symbol.out(l, j),
        symbols: [linear ? symbol.I(l, j) : joined(token("mi", "σ"), "(", symbol.I(l, j), ")")],
        numbers: linear ? [] : [joined(token("mi", "σ"), "(", plain(n.I(l, j)), ")")],
      };
    },
    error: (j) => ({
      id: "S10", key: "error", index: j, left: symbol.error(j),
      symbols: [joined(symbol.target(j), "−", symbol.out(2, j))],
      numbers: [joined(plain(target[j]), "−", value(n.out(2, j)))],
    }),
    total: () => ({
      id: "S11", key: "loss", index: 0, left: symbol.total(),
      symbols: summed(count(2).map((j) => both("e", j + 1, 2)), [math("mfrac", token("mn", 1), sub("N", "O")), "("], [")"]),
      numbers: summed(count(2).map((j) => math("msup", value(n.error(j)), token("mn", 2))), [math("mfrac", token("mn", 1), token("mn", layers[2])), "("], [")"]),
    }),
    slope: (l, j) => ({
      id: "S17", key: `slope${l}`, index: j, left: symbol.slope(l, j), symbols: [],
      numbers: [joined(primed("σ"), "(", plain(n.I(l, j)), ")")],
    }),
    outputError: (j) => {
      const linear = task === "prediction";
      const difference = joined("(", symbol.out(2, j), "−", symbol.target(j), ")");
      const numbers = joined("(", plain(n.out(2, j)), "−", plain(target[j]), ")");
      return {
        id: "S18", key: "delta2", index: j, left: symbol.delta(2, j),
        symbols: [...(linear ? [] : [symbol.slope(2, j)]), difference, joined("·", scale())],
        numbers: [...(linear ? [] : [joined(value(n.slope(2, j)), "·")]), numbers, joined("·", scaled())],
      };
    },
    hiddenError: (j, hot) => ({
      id: "S19, S20", key: "delta1", index: j, left: symbol.delta(1, j), hot: hot === undefined ? hot : hot + 1,
      symbols: [symbol.slope(1, j), ...summed(count(2).map((k) => joined(symbol.weight(2, j, k), symbol.delta(2, k))), ["("], [")"])],
      numbers: [joined(value(n.slope(1, j)), "·"), ...summed(count(2).map((k) => joined(value(n.weight(2, j, k)), "·", value(n.delta(2, k)))), ["("], [")"])],
    }),
    change: (l, i, j) => ({
      id: "S22, S23", key: `gradient${l}`, index: n.at(l, i, j), left: symbol.gradient(l, i, j),
      symbols: [joined(symbol.delta(l, j), symbol.out(l - 1, i))],
      numbers: [joined(value(n.delta(l, j)), "·", value(n.out(l - 1, i)))],
    }),
    updated: (l, i, j) => ({
      id: "S13, S26", key: `update${l}`, index: n.at(l, i, j), left: symbol.update(l, i, j),
      symbols: [joined(symbol.weight(l, i, j), "−", token("mi", "α"), symbol.gradient(l, i, j))],
      numbers: [joined(plain(n.weight(l, i, j)), "−", plain(state.alpha), "·", value(n.gradient(l, i, j)))],
    }),
  };
}

/** What to say of the node or link that is chosen: its facts, its equations at this stage, and notes. */
function told(state) {
  const e = equations(state);
  return state.at.type === "node" ? nodeTold(state, e, ...state.at.place) : linkTold(state, e, ...state.at.place);
}

function nodeTold(state, e, l, k) {
  const n = numbersOf(state);
  const [N_I, N_H, N_O] = state.case.layers;
  const off = l === 1 && state.case.activation === "relu" && n.I(1, k) <= 0;
  const facts = l ? [[symbol.I(l, k), n.I(l, k)], [symbol.out(l, k), n.out(l, k)]] : [[symbol.out(0, k), n.out(0, k)]];
  if (l === 2) facts.push([symbol.target(k), state.case.target[k]]);
  if (l) facts.push([symbol.delta(l, k), n.delta(l, k)]);
  const found = { facts, equations: [], notes: off ? ["isoff"] : [] };
  const add = (...its) => found.equations.push(...its);
  if (state.stage === "forward") l ? add(e.sum(l, k), e.leaves(l, k)) : found.notes.push("given");
  if (state.stage === "error") l === 2 ? add(e.error(k), e.total()) : found.notes.push("none");
  if (state.stage === "backward") {
    if (l === 0) found.notes.push("noerror");
    else {
      if (l === 1 || state.case.task === "classification") add(e.slope(l, k));
      add(l === 2 ? e.outputError(k) : e.hiddenError(k));
      found.notes.push("descent");
    }
  }
  if (state.stage === "update") {
    found.notes.push(l ? "incoming" : "outgoing");
    const range = l ? [...Array(l === 1 ? N_I : N_H).keys()].map((i) => [l, i, k]) : [...Array(N_H).keys()].map((j) => [1, k, j]);
    found.brief = range.map((place) => e.change(...place));
  }
  return found;
}

function linkTold(state, e, l, i, j) {
  const n = numbersOf(state);
  const facts = [[symbol.weight(l, i, j), n.weight(l, i, j)], [symbol.gradient(l, i, j), n.gradient(l, i, j)], [symbol.update(l, i, j), n.update(l, i, j)]];
  const found = { facts, equations: [], notes: [] };
  if (state.stage === "forward") {
    found.equations.push(e.sum(l, j, i));
    found.notes.push("carries");
  } else if (state.stage === "error") {
    found.notes.push("none");
  } else if (state.stage === "backward") {
    found.equations.push(l === 2 ? e.hiddenError(i, j) : e.hiddenError(j));
    found.notes.push(l === 2 ? "carriesback" : "nothingback");
  } else {
    found.equations.push(e.change(l, i, j), e.updated(l, i, j));
  }
  return found;
}
