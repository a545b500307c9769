// The run's numbers that reports/lesson_numbers.py wrote; nothing here computes a gradient.

/** Whole numbers from their second differences. */
function unrolled(differences) {
  let series = differences;
  for (let order = 0; order < 2; order++) {
    let sum = 0;
    series = series.map((value) => (sum += value));
  }
  return series;
}

/** A weight after a step, in whole numbers, but for what was kept beside it. */
const foretold = (before, alpha, change) => Math.floor(before - alpha * change + 0.5);

const scaled = (values, decimals) => values.map((value) => value / 10 ** decimals);

/** A trajectory with its series as numbers. */
function path(found, decimals) {
  const whole = {};
  for (const [key, entries] of Object.entries(found.series)) if (!key.startsWith("weight")) whole[key] = entries.map(unrolled);
  for (const [key, entries] of Object.entries(found.series)) {
    if (!key.startsWith("weight")) continue;
    const changes = whole[key.replace("weight", "gradient")];
    if (changes?.length !== entries.length) {
      whole[key] = entries.map(unrolled);
      continue;
    }
    whole[key] = entries.map((entry, index) => {
      const states = entry.slice(0, 1);
      for (const [t, missing] of entry.slice(1).entries()) states.push(missing + foretold(states[t], found.alpha, changes[index][t]));
      return states;
    });
  }
  const series = Object.entries(whole).map(([key, entries]) => [key, entries.map((entry) => scaled(entry, decimals))]);
  return { ...found, series: Object.fromEntries(series) };
}

/** A reading with its total errors and weights as numbers. */
function read(found, its, decimals) {
  const losses = found.losses.map((one) => (one.raw ? one.raw.map(Number) : scaled(unrolled(one), decimals)));
  const updated = found.updated.map((layers, at) => layers.map((missing, l) => scaled(missing.map(
    (value, k) => value + foretold(its.weights[l][k] * 10 ** decimals, its.paths[at].alpha, found.gradients[l][k])), decimals)));
  return { ...found, losses, updated, gradients: found.gradients.map((layer) => scaled(layer, decimals)) };
}

/** The number of entry `index` of a term as the run has it; null where it has none. */
function number(state, key, index, who = state.who) {
  const its = state.case;
  const [, kind, layer] = /^([A-Za-z]+)(\d*)$/.exec(key);
  const along = (name, t) => state.path?.series[name]?.[index]?.[t] ?? null;
  if (kind === "weight") return state.t ? along(key, state.t) : its.weights[layer - 1][index];
  if (kind === "update" && (state.t || state.alpha !== its.alpha)) return along(`weight${layer}`, state.t + 1);
  if (state.t) return along(key, state.t);
  const term = its.terms[key];
  const values = who === "exact" ? term?.exact : term?.values?.[who];
  return values?.[index] ?? null;
}

/** Whether every backend's number of a term is known, and not only the exact one. */
function compared(state, key) {
  return !state.t && !key.startsWith("weight") && !(key.startsWith("update") && state.alpha !== state.case.alpha);
}

/** A number for people: five decimals, or three figures where that shows nothing. */
function short(value, decimals = 5) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value).replace("-", "−").replace("inf", "∞");
  const size = Math.abs(value);
  if (value && (size >= 1e6 || size < 5e-5)) return power(value);
  return String(Number(value.toFixed(size < 0.01 ? 5 : decimals))).replaceAll("-", "−");
}

/** A number as 1.23·10⁻⁷. */
function power(value) {
  const [digits, exponent] = value.toExponential(2).split("e");
  const raised = [...String(Number(exponent))].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
  return `${digits}·10${raised}`.replaceAll("-", "−");
}

/** Words in which N_O and W^IH are written as they should be. */
function worded(text) {
  return text.split(/(?<=[A-Za-z])([_^][A-Z]+)/).map((part) => (/^[_^]/.test(part) ? made(part[0] === "_" ? "sub" : "sup", {}, part.slice(1)) : part));
}

/** A number with all its digits. */
function whole(value) {
  return value === null ? "–" : String(value === 0 ? 0 : value).replaceAll("-", "−");
}

/** A number as a factor: in parentheses where it is negative. */
function factor(value) {
  const text = short(value);
  return text.startsWith("−") ? `(${text})` : text;
}

/** Text with {names} filled in. */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** An element with attributes and children; children are text or elements, never markup. */
function made(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

function drawnAs(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function math(tag, ...children) {
  return dressed(document.createElementNS("http://www.w3.org/1998/Math/MathML", tag), {}, children);
}

function dressed(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
