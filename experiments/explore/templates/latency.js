// The distribution of latencies: which share of the records takes how long at most.
"use strict";
import { element, ticks } from "./picture.js";

const MOST_WIDE = 900, HIGH = 260, LEFT = 46, BOTTOM = 36, TOP = 24;

export function distribution(told, looks, labels, room) {
  const wide = Math.min(MOST_WIDE, Math.max(280, room));
  const svg = element("svg", { viewBox: `0 0 ${wide} ${HIGH}`, role: "img" });
  const drawn = Object.entries(told.producers).filter(([, each]) => each.quantiles_ms.length);
  const names = drawn.map(([label]) => labels[label]).join(", ");
  svg.setAttribute("aria-label", names ? `Share of records by latency, of ${names}; the table says the same.` : "No latency to draw.");
  if (!drawn.length) {
    svg.append(element("text", { x: wide / 2, y: HIGH / 2, "text-anchor": "middle" }, "No producer carries that rate."));
    return svg;
  }
  // To the 99.5th percentile: beyond it one record decides how wide the picture is.
  const last = told.shares.findIndex((share) => share >= 0.995);
  const most = Math.max(...drawn.map(([, each]) => each.quantiles_ms[last])) * 1.05 || 1;
  const x = (ms) => LEFT + (ms / most) * (wide - LEFT - 12), y = (share) => HIGH - BOTTOM - share * (HIGH - BOTTOM - TOP);
  for (const share of [0, 0.5, 0.95, 1]) {
    svg.append(element("line", { x1: LEFT, x2: wide - 12, y1: y(share), y2: y(share), stroke: "var(--chart-grid)" }));
    if (share !== 1) svg.append(element("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, `${share * 100} %`));
  }
  for (const ms of ticks(0, most, wide / 90)) svg.append(element("text", { x: x(ms), y: HIGH - 18, "text-anchor": "middle" }, String(ms)));
  svg.append(element("text", { x: (wide + LEFT) / 2, y: HIGH - 3, "text-anchor": "middle" }, "latency in ms"));
  svg.append(element("text", { x: LEFT, y: 13 }, "share of records that are acknowledged within"));
  for (const [label, each] of drawn) {
    const points = told.shares.map((share, place) => [each.quantiles_ms[place], share]).filter(([ms]) => ms <= most);
    const path = points.map(([ms, share]) => `${x(ms).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
    svg.append(element("polyline", { points: path, fill: "none", stroke: looks[label], "stroke-width": 2.5 }));
  }
  return svg;
}
