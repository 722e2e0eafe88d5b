// Ask, show, refine; and drop an older question when a newer one is asked.
"use strict";
import * as knobs from "./knobs.js";
import { Picture } from "./picture.js";
import { distribution } from "./latency.js";

const words = JSON.parse(document.getElementById("words").textContent);
const at = (id) => document.getElementById(id);
const picture = new Picture(words, (at_ms) => placeFault(at_ms));
let under_way = new AbortController(), asked_at = performance.now();

const number = (value) => {
  if (value === null || value === undefined) return "–";
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
};

async function part(name, query, signal) {
  const answer = await fetch(`answer/${name}?${query}`, { signal });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  const told = await answer.json();
  if (told.refused) {
    knobs.refuse(told.refused.knob, told.refused.says);
    throw new DOMException("refused", "AbortError");
  }
  return told;
}

async function ask() {
  under_way.abort();
  under_way = new AbortController();
  const { signal } = under_way, query = knobs.query(words);
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  at("answer").setAttribute("aria-busy", "true");
  at("latency").setAttribute("aria-busy", "true");
  try {
    const first = await part("first", query, signal);
    knobs.refuse("", "");
    digits(first, true);
    take(first, query);
    const troubled = at("fault").value !== "none";
    if (!troubled) picture.show(first.pictures, first.looks, words.labels);
    // What the page has answered, for whoever waits for it or measures it.
    Object.assign(at("answer").dataset, { first: query, tookMs: performance.now() - asked_at });
    const trouble = await part("trouble", query, signal);
    books(trouble);
    if (troubled) picture.show({ [words.yours]: trouble.picture }, { ...first.looks, [words.yours]: first.looks[words.yours] || Object.values(first.looks)[1] }, words.labels);
    latencies(await part("latency", query, signal), first.looks);
    at("answer").dataset.latency = query;
    digits({ ...(await part("more", query, signal)), looks: first.looks }, false);
    at("answer").dataset.refined = query;
    at("answer").setAttribute("aria-busy", "false");
  } catch (error) {
    if (error.name !== "AbortError") {
      at("sentence").textContent = "The server does not answer: is inflight explore still running?";
    } else if (!signal.aborted) {
      for (const id of ["answer", "latency"]) at(id).setAttribute("aria-busy", "false");
      at("answer").dataset.refused = query;
    }
  }
}

// Dragging a slider asks at most once a frame.
let waiting = 0;
const turned = () => {
  asked_at = performance.now();
  for (const name of Object.keys(at("answer").dataset)) delete at("answer").dataset[name];
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(ask);
};

const row = (body, label, colour, cells) => {
  const line = body.insertRow(), head = document.createElement("th"), swatch = document.createElement("span");
  head.scope = "row";
  swatch.className = "swatch";
  swatch.style.background = colour;
  head.append(swatch, words.labels[label]);
  line.append(head);
  for (const [text, small, numeric] of cells) {
    const cell = line.insertCell();
    if (numeric) cell.className = "number";
    cell.textContent = text;
    if (small) cell.append(Object.assign(document.createElement("small"), { textContent: small }));
  }
  line.dataset.producer = label;
  return line;
};

function digits(told, first) {
  if (at("sentence").textContent !== told.sentence) at("sentence").textContent = told.sentence;
  const body = at("digits").tBodies[0];
  body.replaceChildren();
  for (const [label, each] of Object.entries(told.producers)) {
    const within = each.low === undefined ? "first of five runs" : `${number(each.low)} to ${number(each.high)}`;
    const line = row(body, label, told.looks[label], [
      [number(each.records_per_s), within, true], [number(each.bound_records_per_s), "", true], [each.limit_words, "", false],
    ]);
    line.dataset.recordsPerS = each.records_per_s;
  }
  at("glance").textContent = Object.entries(told.producers).map(([label, each]) => `${words.labels[label]}: ${number(each.records_per_s)}/s`).join("  ·  ");
  if (first) {
    at("assumed").textContent = [told.assumed, ...told.notes].join(" ");
  }
}

function latencies(told, looks) {
  const body = at("percentiles").tBodies[0];
  body.replaceChildren();
  for (const [label, each] of Object.entries(told.producers)) {
    const refused = each.overloaded ? "does not carry it" : "–";
    const cells = [each.p50_ms, each.p95_ms, each.p99_ms].map((ms) => [ms === null ? refused : number(ms), "", true]);
    row(body, label, looks[label], cells);
  }
  at("at-rate").textContent = told.rate_per_s ? `At ${number(told.rate_per_s)} records/s, from the instant a record was to be sent to its acknowledgement.` : "There is no rate to look at.";
  at("distribution").replaceChildren(distribution(told, looks, words.labels, at("distribution").clientWidth));
  at("latency").setAttribute("aria-busy", "false");
}

function books(told) {
  const box = at("books");
  box.replaceChildren();
  if (!told.books) return;
  const table = document.createElement("table"), body = table.createTBody();
  table.id = "book";
  table.createCaption().textContent = `What became of the records, at ${number(told.rate_per_s)} a second`;
  for (const [name, count] of Object.entries(told.books)) {
    const line = body.insertRow(), head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    line.append(head);
    Object.assign(line.insertCell(), { className: "number", textContent: number(count) });
    line.dataset.count = count;
    line.dataset.book = name;
  }
  const story = document.createElement("pre");
  story.tabIndex = 0;
  story.setAttribute("aria-label", "What happened, in order");
  story.textContent = told.story.join("\n");
  box.append(table, story);
}

function take(told, query) {
  at("take-address").textContent = `${location.origin}${location.pathname}${query ? "?" : ""}${query}`;
  at("take-properties").textContent = told.properties;
  at("take-schedule").hidden = !told.schedule;
  at("take-schedule").querySelector("pre code").textContent = told.schedule;
  at("take-commands").replaceChildren(...Object.entries(told.commands).flatMap(([gives, command]) => {
    const term = document.createElement("dt"), line = document.createElement("dd"), pre = document.createElement("pre");
    term.textContent = gives;
    pre.tabIndex = 0;
    pre.textContent = command;
    line.append(pre);
    return [term, line];
  }));
}

function placeFault(at_ms) {
  if (at("fault").value === "none") knobs.set("fault", "lost-acks");
  knobs.set("fault_at_ms", String(Math.max(0, Math.round(at_ms))));
  at("place").setAttribute("aria-pressed", "false");
  picture.placing(false);
  turned();
}

at("place").addEventListener("click", () => {
  const on = at("place").getAttribute("aria-pressed") !== "true";
  at("place").setAttribute("aria-pressed", String(on));
  picture.placing(on);
  if (on) at("stage").focus();
});
at("reset").addEventListener("click", () => {
  for (const [name, value] of Object.entries(words.values)) knobs.set(name, value);
  turned();
});
at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(at("take-address").textContent);
    at("copied").textContent = "Copied.";
  } catch {
    at("copied").textContent = "The browser did not let it: select it above.";
  }
});
at("take-svg").addEventListener("click", (event) => {
  event.currentTarget.href = URL.createObjectURL(new Blob([picture.svgText()], { type: "image/svg+xml" }));
});
addEventListener("popstate", () => { knobs.restore(words); turned(); });
knobs.restore(words);
knobs.listen(words, turned);
ask();
