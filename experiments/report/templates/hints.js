// What is wider than its frame says that it scrolls, and fades at the edge until its end is seen.
for (const frame of document.querySelectorAll(".scroller")) {
  const whole = frame.closest("figure") || frame;
  const look = () => {
    const more = frame.scrollWidth - frame.clientWidth;
    const seen = getComputedStyle(frame).visibility === "visible"; // of a chart: it, or its parts
    frame.classList.toggle("scrolls", seen && more > 4);
    frame.classList.toggle("at-end", frame.scrollLeft > more - 4);
    const wide = [whole, ...whole.querySelectorAll(".scroller")].some((it) => it.classList.contains("scrolls"));
    hint(whole).hidden = !wide;
  };
  new ResizeObserver(look).observe(frame);
  frame.addEventListener("scroll", look, { passive: true });
}

// One line over a table or a chart, however many parts of it scroll.
function hint(whole) {
  const before = whole.previousElementSibling;
  if (before && before.className === "hint") return before;
  const line = document.createElement("p");
  line.className = "hint";
  line.textContent = "Scrolls sideways: there is more at the right \u2192";
  whole.before(line);
  return line;
}
