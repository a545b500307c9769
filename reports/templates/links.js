// Leads from the other tables to their rows: what data-rows says of table, body, line and column goes into the link.
function link(cell, address) {
  const made = document.createElement("a");
  made.href = `#${address}`;
  made.append(...cell.childNodes);
  cell.append(made);
}

function linkTables() {
  for (const table of document.querySelectorAll("table[data-rows]")) {
    const heads = [...table.tHead.rows[0].cells];
    for (const body of table.tBodies) {
      for (const line of body.rows) {
        const cells = [...line.cells];
        cells.forEach((cell, place) => {
          const head = heads[heads.length - cells.length + place];
          if (cell.tagName === "TD" && !cell.classList.contains("soft") && head.dataset.rows) {
            const asked = [table, body, line, head, cell].map((part) => part.dataset.rows).filter(Boolean);
            link(cell, `rows?${asked.join("&")}`);
          }
        });
      }
    }
  }
  for (const place of document.querySelectorAll("[data-find]")) link(place, place.dataset.find);
}

try {
  const rows = new Rows(columnsOf(await unpacked(find("rows-packed").textContent)));
  find("rows-view").hidden = false;
  rows.search();
  linkTables();
  rows.follow();
  performance.mark("rows");
  document.documentElement.dataset.ready = "true";
} catch (error) {
  find("rows-problem").textContent = `This browser cannot show the rows here (${error.message}): results.csv has them all.`;
}
