// The lesson: its state, its controls, and its address (#lesson?task=prediction&stage=backward&at=h3&lang=zh).

const STAGES = ["forward", "error", "backward", "update"];
const CHOICES = { nodes: ["bystage", "node-I", "node-h", "node-slope", "node-delta"], links: ["bystage", "link-w", "link-gradient", "link-update"] };
const KINDS = { "link-w": "weight", "link-gradient": "gradient", "link-update": "update" };
const section = document.getElementById("lesson");
const find = (selector) => section.querySelector(selector);

start(find("#lesson-data").textContent);

async function start(text) {
  const data = JSON.parse(new TextDecoder().decode(await unpacked(text)));
  const cases = data.cases.map((its) => ({ ...its, paths: its.paths.map((found) => path(found, data.decimals)), readings: its.readings.map((found) => read(found, its, data.decimals)) }));
  const first = cases[0];
  const state = {
    family: first.family, activation: first.activation, task: first.task, who: "exact", nodes: "bystage", links: "bystage",
    lang: "en", stage: "forward", t: 0, alpha: first.alpha, at: { type: "node", place: [1, 2] },
    last: { node: [1, 2], link: [1, 1, 2] },
  };
  let pinned = state.at;

  /** The words of the language chosen. */
  const strings = () => data.strings[state.lang];

  /** Choose the case and the trajectory that the state asks for, or the nearest that there is. */
  function settle() {
    const fits = (names) => cases.find((its) => names.every((name) => its[name] === state[name]));
    state.case = fits(["family", "activation", "task"]) ?? fits(["activation", "task"]) ?? first;
    for (const name of ["family", "activation", "task"]) state[name] = state.case[name];
    state.alphas = state.case.paths.map((its) => its.alpha);
    if (!state.alphas.includes(state.alpha)) state.alpha = state.alphas[0] ?? state.case.alpha;
    state.path = state.case.paths.find((its) => its.alpha === state.alpha);
    state.steps = Math.max(0, (state.path?.steps ?? 1) - 1);
    state.t = Math.max(0, Math.min(state.t, state.steps));
    if (!["exact", ...state.case.backends].includes(state.who)) state.who = "exact";
  }

  function show() {
    settle();
    const words = strings();
    section.lang = state.lang === "zh" ? "zh-Hans" : "en";
    for (const element of section.querySelectorAll("[data-say]")) element.textContent = words[element.dataset.say];
    for (const element of section.querySelectorAll("[data-label]")) element.setAttribute("aria-label", words[element.dataset.label]);
    for (const button of section.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === state.lang));
    for (const button of section.querySelectorAll("[data-stage]")) button.setAttribute("aria-pressed", String(button.dataset.stage === state.stage));
    const has = (name) => [...new Set(cases.map((its) => its[name]))];
    options("task", has("task"));
    options("activation", has("activation"));
    options("family", has("family"));
    options("backend", ["exact", ...state.case.backends], state.who);
    options("nodes", CHOICES.nodes, state.nodes === "bystage" ? state.nodes : `node-${state.nodes}`);
    options("links", CHOICES.links, Object.keys(KINDS).find((key) => KINDS[key] === state.links) ?? "bystage");
    const slider = find("#lesson-alpha");
    slider.max = state.alphas.length - 1;
    slider.value = state.alphas.indexOf(state.alpha);
    slider.setAttribute("aria-valuetext", `α = ${state.alpha}`);
    find("#lesson-alpha-value").textContent = `${words.alpha} = ${state.alpha}`;
    find("#lesson-alphas").replaceChildren(...state.alphas.map((alpha, n) => made("option", { value: n, label: alpha })));
    const [at, end] = [state.t * 4 + STAGES.indexOf(state.stage), state.steps * 4 + 3];
    find("#lesson-back").disabled = at === 0;
    find("#lesson-next").disabled = at === end;
    find("#lesson-stage").replaceChildren(
      made("strong", {}, `${filled(words.step, { t: state.t, last: state.steps })} · ${words[state.stage]} · ${filled(words.total, { loss: short(number(state, "loss", 0)) })}`),
      made("span", {}, words[`say-${state.stage}`]),
    );
    proof(words);
    focused();
  }

  /** Everything that depends on the node or link chosen. */
  function focused() {
    const words = strings();
    draw(find("#lesson-net"), state, words);
    panel(words);
    readings(section, state, words);
  }

  function options(name, values, value = state[name]) {
    const select = find(`#lesson-${name}`);
    select.replaceChildren(...values.map((its) => made("option", { value: its }, strings()[its] ?? its)));
    select.value = value;
  }

  function panel(words) {
    const its = told(state);
    const [l, i, j] = state.at.place;
    const name = state.at.type === "node" ? [`${[words.inputnode, words.hiddennode, words.outputnode][l]} ${i + 1}`]
      : [`${words.link} `, one(symbol.out(l - 1, i)), ` ${words.linkto} `, one(symbol.out(l, j))];
    find("#lesson-name").replaceChildren(...name);
    const facts = its.facts.map(([left, v]) => made("span", { class: "fact" }, math("math", left, token("mo", "="), plain(v))));
    const parts = [made("p", { class: "facts" }, ...spaced(facts))];
    for (const note of its.notes) parts.push(made("p", { class: "note" }, ...worded(filled(words[note], { node: `${i + 1}` }))));
    for (const equation of its.equations) parts.push(shown(equation, words));
    for (const equation of its.brief ?? []) parts.push(made("p", { class: "formula numbers" }, ...spaced(sides(equation))));
    if (state.t || state.stage === "update" && state.alpha !== state.case.alpha) {
      parts.push(made("p", { class: "note" }, filled(words.later, { alpha: state.case.alpha, decimals: data.decimals })));
    }
    find("#lesson-panel").replaceChildren(...parts);
  }

  function sides(equation) {
    const found = number(state, equation.key, equation.index);
    const right = [...equation.numbers.map(one)];
    const start = math("math", equation.left, operator("="));
    return [start, ...right, math("math", ...(right.length ? [operator("=")] : []), math("mrow", plain(found)))];
  }

  function shown(equation, words) {
    const symbols = equation.symbols.map((piece, n) => {
      const its = one(piece);
      if (n === equation.hot) its.setAttribute("class", "hot");
      return its;
    });
    const numbers = equation.numbers.map((piece, n) => {
      const its = one(piece);
      if (n === equation.hot) its.setAttribute("class", "hot");
      return its;
    });
    const found = number(state, equation.key, equation.index);
    const equal = () => math("math", operator("="));
    const result = math("math", ...(numbers.length || symbols.length ? [operator("=")] : []), math("mrow", plain(found)));
    result.setAttribute("class", "result");
    const lines = [];
    const left = math("math", equation.left, token("mo", "="));
    if (symbols.length) {
      lines.push(made("p", { class: "formula" }, ...spaced([left, ...symbols])));
      lines.push(made("p", { class: "formula numbers" }, ...spaced([...(numbers.length ? [equal()] : []), ...numbers, result])));
    } else lines.push(made("p", { class: "formula" }, ...spaced([left, ...numbers, result])));
    return made("div", { class: "equation" }, made("span", { class: "id" }, equation.id), ...lines, comparison(equation, words));
  }

  /** Who computed what: all digits, and how far off in units of the last place. */
  function comparison({ key, index, left }, words) {
    const head = [words.who, words.value, words.ulps].map((name) => made("th", { scope: "col" }, name));
    const term = state.case.terms[key];
    const all = compared(state, key) ? state.case.backends : [];
    const rows = all.map((backend) => [backend, number(state, key, index, backend), term?.ulps?.[backend]?.[index]]);
    const lines = [[words.exact, number(state, key, index, "exact"), ""], ...rows].map(([who, v, ulps]) => made(
      "tr", who === state.who ? { class: "used" } : {}, made("th", { scope: "row" }, who), made("td", {}, whole(v)),
      made("td", {}, ulps === "" ? "" : short(ulps ?? null)),
    ));
    const caption = made("caption", {}, one(left.cloneNode(true)));
    return made("table", { class: "figures", "data-term": key, "data-index": index }, caption, made("thead", {}, made("tr", {}, ...head)), made("tbody", {}, ...lines));
  }

  function proof(words) {
    const line = find("#lesson-proof");
    if (!data.proof) return line.replaceChildren();
    const text = data.proof.proved ? words["proof-yes"] : words["proof-no"];
    const known = document.getElementById("proof");
    const mark = made("span", { class: "mark", "aria-hidden": "true" }, data.proof.proved ? "✓ " : "✗ ");
    return line.replaceChildren(mark, known ? made("a", { href: "#proof" }, text) : text);
  }

  /** Take what the address says, as far as the run has it. */
  function fromAddress() {
    const [, query] = location.hash.match(/^#lesson\?(.*)$/) ?? [];
    if (query === undefined) return false;
    const asked = new URLSearchParams(query);
    for (const name of ["family", "activation", "task", "who"]) state[name] = asked.get(name) ?? state[name];
    if (asked.get("input") === "mixed") state.family = "slide-3-5-2-mixed";
    if (STAGES.includes(asked.get("stage"))) state.stage = asked.get("stage");
    if (Object.hasOwn(data.strings, asked.get("lang"))) state.lang = asked.get("lang");
    state.alpha = Number(asked.get("alpha") ?? state.alpha);
    state.t = Math.trunc(Number(asked.get("t"))) || 0;
    place(asked.get("at") ?? asked.get("node") ?? "");
    return true;
  }

  /** h3, w23IH: as in the deck, counted from 1. */
  function place(name) {
    const node = name.match(/^([xhy])(\d)$/);
    const link = name.match(/^w(\d)(\d)(IH|HO)$/);
    const [N_I, N_H, N_O] = first.layers;
    if (node) {
      const l = "xhy".indexOf(node[1]);
      if (node[2] >= 1 && node[2] <= first.layers[l]) choose("node", [l, node[2] - 1]);
    }
    if (link) {
      const l = link[3] === "IH" ? 1 : 2;
      const [from, to] = l === 1 ? [N_I, N_H] : [N_H, N_O];
      if (link[1] >= 1 && link[1] <= from && link[2] >= 1 && link[2] <= to) choose("link", [l, link[1] - 1, link[2] - 1]);
    }
  }

  function toAddress() {
    const [l, i, j] = state.at.place;
    const at = state.at.type === "node" ? `${"xhy"[l]}${i + 1}` : `w${i + 1}${j + 1}${JOINS[l]}`;
    const parts = { family: state.family, activation: state.activation, task: state.task, who: state.who, alpha: state.alpha, t: state.t, stage: state.stage, at, lang: state.lang };
    history.replaceState(null, "", `#lesson?${new URLSearchParams(parts)}`);
  }

  function choose(type, at, keep = true) {
    state.at = { type, place: at };
    if (keep) {
      pinned = state.at;
      state.last[type] = at;
    }
  }

  function changed(change) {
    change();
    show();
    toAddress();
  }

  function step(by) {
    const at = state.t * 4 + STAGES.indexOf(state.stage) + by;
    if (at < 0 || at > state.steps * 4 + 3) return;
    changed(() => {
      state.t = Math.floor(at / 4);
      state.stage = STAGES[at % 4];
    });
  }

  for (const name of ["task", "activation", "family"]) find(`#lesson-${name}`).addEventListener("change", (event) => changed(() => (state[name] = event.target.value)));
  find("#lesson-backend").addEventListener("change", (event) => changed(() => (state.who = event.target.value)));
  find("#lesson-nodes").addEventListener("change", (event) => changed(() => (state.nodes = event.target.value.replace("node-", ""))));
  find("#lesson-links").addEventListener("change", (event) => changed(() => (state.links = KINDS[event.target.value] ?? "bystage")));
  find("#lesson-alpha").addEventListener("input", (event) => changed(() => (state.alpha = state.alphas[event.target.value])));
  find("#lesson-back").addEventListener("click", () => step(-1));
  find("#lesson-next").addEventListener("click", () => step(1));
  for (const button of section.querySelectorAll("[data-stage]")) button.addEventListener("click", () => changed(() => (state.stage = button.dataset.stage)));
  for (const button of section.querySelectorAll("[data-lang]")) button.addEventListener("click", () => changed(() => (state.lang = button.dataset.lang)));

  const net = find("#lesson-net");
  for (const element of net.querySelectorAll(".node, .link")) {
    const type = element.dataset.node ? "node" : "link";
    const at = (element.dataset.node ?? element.dataset.link).split(" ").map(Number);
    const pin = () => {
      choose(type, at);
      focused();
      toAddress();
    };
    button(element).addEventListener("focus", pin);
    element.addEventListener("click", pin);
    element.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "mouse") return;
      choose(type, at, false);
      focused();
    });
    element.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "mouse") return;
      state.at = pinned;
      focused();
    });
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        pin();
      }
      if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
      const to = led({ ...state, at: { type, place: at } }, event.key);
      button(net.querySelector(`[data-${to.type}="${to.place.join(" ")}"]`)).focus();
    });
  }
  addEventListener("hashchange", () => {
    if (fromAddress()) show();
  });

  const list = find(".static");
  let open = list.open;
  addEventListener("beforeprint", () => {
    open = list.open;
    list.open = true;
  });
  addEventListener("afterprint", () => (list.open = open));

  const asked = fromAddress();
  show();
  section.classList.add("lively");
  for (const element of section.querySelectorAll(".live")) element.hidden = false;
  if (asked) section.scrollIntoView();
}

/** Elements with spaces between, so that lines can break there. */
function spaced(elements) {
  return elements.flatMap((element, n) => (n ? [" ", element] : [element]));
}
