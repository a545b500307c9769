// The table of all rows: filters, order, pages, links, copying. Foreign text is only ever set as text.
const PER_PAGE = 50;
const KEY = ["case", "backend", "quantity", "layer"];
const find = (id) => document.getElementById(id);

const count = (number) => number.toLocaleString("en");
const rowCount = (number) => `${count(number)} ${number === 1 ? "row" : "rows"}`;

class Rows {
  constructor({ rows, columns }) {
    Object.assign(this, { number: rows, columns, sort: "", descending: false, page: 0, target: -1 });
    this.form = find("rows-filter");
    this.heads = [...find("rows-table").tHead.rows[0].cells];
    this.names = this.heads.map((head) => head.dataset.name);
    this.body = find("rows-table").tBodies[0];
    this.all = this.worst = worstFirst(columns);
    for (const field of this.form.querySelectorAll("select")) this.offer(field, columns.get(field.name));
    this.listen();
  }

  offer(field, column) {
    const words = [];
    ranks(column).forEach((rank, word) => { words[rank] = column.words[word]; });
    const met = new Set(column.codes);
    for (const word of words) {
      if (met.has(column.words.indexOf(word))) field.add(new Option(written(word)));
    }
  }

  listen() {
    let waiting = 0;
    this.form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.changed(), 100);
    });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    find("rows-clear").addEventListener("click", () => {
      this.form.reset();
      this.changed();
    });
    find("rows-copy").addEventListener("click", () => this.copy());
    for (const head of this.heads) head.firstElementChild.addEventListener("click", () => this.turn(head.dataset.name));
    find("rows-page").addEventListener("change", (event) => this.go(Number(event.target.value) - 1 || 0));
    document.querySelector(".pages").addEventListener("click", ({ target }) => {
      const to = { first: 0, before: this.page - 1, after: this.page + 1, last: Infinity }[target.dataset.to];
      if (to !== undefined) this.go(to);
    });
    addEventListener("hashchange", () => this.follow());
  }

  filters() {
    return Object.fromEntries([...new FormData(this.form)].map(([name, text]) => [name, text.trim()]).filter(([, text]) => text));
  }

  changed() {
    this.target = -1;
    this.search();
    const asked = new URLSearchParams(this.filters());
    if (this.sort) asked.set("sort", (this.descending ? "-" : "") + this.sort);
    history.replaceState(null, "", `#rows${asked.size ? `?${asked}` : ""}`);
  }

  search() {
    const started = performance.now();
    const keepers = Object.entries(this.filters()).map(([name, text]) => {
      const field = this.form.elements[name];
      return keeper(this.columns.get(name), text, field.tagName === "SELECT", field.dataset.kind === "number");
    });
    this.found = filtered(this.all, keepers);
    this.go(0);
    performance.measure("search", { start: started });
  }

  turn(name) {
    const first = this.columns.get(name).numbers !== undefined || name === "verdict";
    if (this.sort !== name) this.by(name, first);
    else if (this.descending === first) this.by(name, !first);
    else this.by("", false);
    this.changed();
  }

  by(name, descending) {
    Object.assign(this, { sort: name, descending });
    this.all = name ? order(this.columns.get(name), descending) : this.worst;
    for (const head of this.heads) {
      if (head.dataset.name === name) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  go(page) {
    const pages = Math.max(1, Math.ceil(this.found.length / PER_PAGE));
    this.page = Math.min(Math.max(0, Math.floor(page)), pages - 1);
    const shown = this.found.subarray(this.page * PER_PAGE, (this.page + 1) * PER_PAGE);
    this.body.replaceChildren(...Array.from(shown, (row) => this.line(row)));
    find("rows-status").textContent = `${count(this.found.length)} of ${rowCount(this.number)}${this.found.length > PER_PAGE ? `, page ${count(this.page + 1)} of ${count(pages)}` : ""}`;
    find("rows-page").value = this.page + 1;
    find("rows-pages").textContent = `of ${count(pages)}`;
    for (const button of document.querySelectorAll(".pages button")) {
      const stuck = ["first", "before"].includes(button.dataset.to) ? this.page === 0 : this.page === pages - 1;
      button.setAttribute("aria-disabled", stuck);
    }
  }

  line(row) {
    const line = document.createElement("tr");
    const failed = this.columns.get("failed");
    if (failed.words[failed.codes[row]]) line.className = "failed";
    if (row === this.target) line.classList.add("target");
    for (const name of this.names) {
      const cell = document.createElement(name === "case" ? "th" : "td");
      const text = cellText(this.columns.get(name), row);
      if (name === "case") {
        const link = document.createElement("a");
        link.href = `#row?${new URLSearchParams(KEY.map((part) => [part, cellText(this.columns.get(part), row)]))}`;
        link.textContent = text;
        cell.scope = "row";
        cell.append(link);
      } else cell.textContent = name === "verdict" && line.classList.contains("failed") ? `✗ ${text}` : text;
      if (name === "detail" && text !== NOTHING) cell.className = "text";
      line.append(cell);
    }
    return line;
  }

  // #rows?column=text&… filters, and #row?case=…&backend=…&quantity=…&layer=… shows one row among its neighbours.
  follow() {
    const [name, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
    const asked = new URLSearchParams(query);
    if (name !== "row" && (name !== "rows" || !query)) return;
    this.form.reset();
    this.target = -1;
    const sort = name === "rows" ? asked.get("sort") ?? "" : "";
    const known = this.names.includes(sort.replace(/^-/, ""));
    this.by(known ? sort.replace(/^-/, "") : "", known && sort.startsWith("-"));
    for (const [column, text] of name === "rows" ? asked : []) this.set(column, text);
    this.search();
    if (name === "row") this.point(asked);
    find("rows").scrollIntoView();
    (this.body.querySelector(".target a") ?? find("rows-status")).focus({ preventScroll: this.target < 0 });
  }

  set(column, text) {
    const field = this.names.includes(column) ? this.form.elements[column] : undefined;
    if (!field) return;
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === text)) field.add(new Option(text));
    field.value = text;
    const folded = field.closest("details");
    if (folded && text) folded.open = true;
  }

  point(asked) {
    const keepers = KEY.filter((part) => asked.has(part)).map((part) => keeper(this.columns.get(part), asked.get(part), true, false));
    const [target] = filtered(this.all, keepers);
    if (target === undefined) find("rows-status").textContent = "There is no such row here.";
    else {
      this.target = target;
      this.go(this.found.indexOf(target) / PER_PAGE);
    }
  }

  async copy() {
    const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const cell = (name, row) => quoted(cellText(this.columns.get(name), row).replace(/^–$/, ""));
    const lines = Array.from(this.found, (row) => this.names.map((name) => cell(name, row)).join(","));
    const text = [this.names.join(","), ...lines, ""].join("\n");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      find("rows-copy").focus();
    }
    find("rows-status").textContent = `${rowCount(this.found.length)} copied`;
  }
}
