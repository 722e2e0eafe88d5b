// Tables that sort: a button in each heading, so that keys work as clicks do.
"use strict";
for (const table of document.querySelectorAll("table")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const up = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(table.tBodies[0], place, up ? 1 : -1);
    });
  });
}

// Numbers before words, and what has no number last either way; equals keep their order.
function sort(body, place, direction) {
  const key = (row) => row.cells[place].dataset.key;
  const order = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const [x, y] = [Number(a), Number(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return direction * a.localeCompare(b, "en");
    return direction * (x - y);
  };
  body.append(...[...body.rows].sort((one, other) => order(key(one), key(other))));
}

// On paper nothing can be unfolded.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
