"use strict";
// Adds a search box and sort buttons to the table. Without this the page is complete; nothing here asks the network.
{
  const SOON = 250; // milliseconds until what is typed goes into the address: browsers limit how often it may change
  const BIT = 100; // rows that are laid out in one go
  const box = document.querySelector("#search");
  const form = box.form;
  const shown = document.querySelector("#shown");
  const table = document.querySelector("table");
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const names = headers.map((header) => header.dataset.name);
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const rows = [...body.rows].map((row, index) => ({ row, index, text: folded(row.textContent), isShown: true }));
  const sortedAtFirst = headers.findIndex((header) => header.ariaSort);
  const first = { column: sortedAtFirst, isDown: headers[sortedAtFirst]?.ariaSort === "descending" };
  let order = { ...first };
  let soon;
  let settling;

  const number = (count) => count.toLocaleString("en");
  const counted = (count) => `${number(count)} ${count === 1 ? "row" : "rows"}`;

  // Rows that come and go are laid out when they are seen, so that nobody waits. The others follow bit by bit: a screen reader
  // has nothing of a row before that.
  function hasten() {
    clearTimeout(settling);
    for (const { row } of rows) row.classList.remove("calm");
    body.classList.add("hasty");
    settling = setTimeout(settle, SOON);
  }

  function settle() {
    const waiting = body.querySelectorAll("tr:not([hidden], .calm)");
    for (const row of [...waiting].slice(0, BIT)) row.classList.add("calm");
    if (waiting.length > BIT) settling = setTimeout(settle);
    else body.classList.remove("hasty");
  }

  function search() {
    const words = folded(box.value).split(/\s+/).filter(Boolean);
    hasten();
    let count = 0;
    for (const entry of rows) {
      const isShown = words.every((word) => entry.text.includes(word));
      count += isShown;
      if (isShown !== entry.isShown) {
        entry.isShown = isShown;
        entry.row.hidden = !isShown;
      }
    }
    shown.textContent = words.length ? `${number(count)} of ${counted(rows.length)}` : counted(rows.length);
  }

  // What a cell is sorted by: its number where it has one, else its text. Nothing where nothing is known.
  function keyOf(cell, kind) {
    if (cell.dataset.key !== undefined) return Number(cell.dataset.key);
    return kind === "text" && cell.dataset.none === undefined ? cell.textContent : undefined;
  }

  // By the column; what is not known comes last either way, and what is equal keeps the order that the page came with.
  function sort() {
    const { column, isDown } = order;
    hasten();
    const isAtFirst = column === first.column && isDown === first.isDown;
    const kind = headers[column]?.dataset.kind;
    const keyed = rows.map((entry) => ({ entry, key: isAtFirst ? undefined : keyOf(entry.row.cells[column], kind) }));
    const sign = isDown ? -1 : 1;
    const compare = kind === "text" ? collator.compare : (one, other) => one - other;
    keyed.sort((one, other) => {
      if (one.key === undefined || other.key === undefined) {
        return (one.key === undefined) - (other.key === undefined) || one.entry.index - other.entry.index;
      }
      return sign * compare(one.key, other.key) || one.entry.index - other.entry.index;
    });
    body.append(...keyed.map(({ entry }) => entry.row));
    headers.forEach((header, index) => {
      header.ariaSort = index === column ? (isDown ? "descending" : "ascending") : null;
    });
  }

  // The part of the address after `#`, so that a link to what is shown can be handed on.
  function remember() {
    const state = new URLSearchParams();
    if (box.value.trim()) state.set("search", box.value.trim());
    if (order.column !== first.column || order.isDown !== first.isDown) {
      state.set("sort", names[order.column]);
      if (order.isDown) state.set("order", "descending");
    }
    const hash = state.size ? `#${state}` : "";
    if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
  }

  function restore() {
    // The target of a link on the page is no state.
    if (location.hash && !location.hash.includes("=")) return;
    const state = new URLSearchParams(location.hash.slice(1));
    const column = names.indexOf(state.get("sort"));
    const before = { ...order, search: box.value };
    order = column < 0 ? { ...first } : { column, isDown: state.get("order") === "descending" };
    box.value = state.get("search") ?? "";
    if (box.value !== before.search) search();
    if (order.column !== before.column || order.isDown !== before.isDown) sort();
  }

  headers.forEach((header, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      order = { column: index, isDown: order.column === index && !order.isDown };
      sort();
      remember();
    });
  });
  box.addEventListener("input", () => {
    search();
    clearTimeout(soon);
    soon = setTimeout(remember, SOON);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== box && !(event.ctrlKey || event.metaKey || event.altKey)) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "Escape" && box.value && !event.isComposing) {
      event.preventDefault();
      box.value = "";
      search();
      remember();
    }
  });
  addEventListener("hashchange", restore);
  form.hidden = false;
  shown.textContent = counted(rows.length);
  restore();
}
