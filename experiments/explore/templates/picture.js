// The space-time picture: every stroke, bar and step is a recorded row; nothing is made up here.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
export const element = (tag, attributes = {}, text = "") => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
};

// Round numbers between two, about so many.
export const ticks = (from, until, about) => {
  const raw = (until - from) / about, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= raw);
  const found = [];
  for (let place = Math.ceil(from / step); place * step <= until; place++) found.push(Number((place * step).toPrecision(12)));
  return found;
};

// Of a lane, from above: title, producer's line, broker's line with what it mutes, unread bytes.
const LANE = 206, PRODUCER = 36, BROKER = 132, MUTED = 12, UNREAD = 190, UNREAD_HIGH = 30, LEFT = 66, RIGHT = 14, AXIS = 34;
const ROUNDS = 4, LEAST_MS = 0.02, PLAYED_S = 14, NEAR_PX = 14;

export class Picture {
  constructor(words, place) {
    Object.assign(this, { words, place, lanes: [], view: [0, 1], whole: [0, 1], chosen: null, cursor: null, isPlacing: false });
    this.stage = document.getElementById("stage");
    this.svg = element("svg", { "aria-hidden": "true" });
    this.stage.append(this.svg);
    new ResizeObserver(() => this.draw()).observe(this.stage);
    this.listen();
  }

  // Lanes by producer; the view stays where it is if the picture is of the same times.
  show(pictures, looks, labels) {
    this.lanes = Object.entries(pictures).map(([label, it]) => ({ label, it, colour: looks[label], title: labels[label], unread: unreadSteps(it) }));
    const end = Math.max(1e-3, ...this.lanes.map(({ it }) => Math.max(0, ...it.handled.map((ms, i) => ms ?? it.lost[i] ?? 0))));
    this.whole = [0, end * 1.02];
    const faults = this.lanes.flatMap(({ it }) => it.faults);
    this.view = faults.length ? around(faults[0]) : [0, Math.min(this.whole[1], this.rounds())];
    this.chosen = null;
    this.stop();
    this.legend();
    this.draw();
  }

  rounds() {
    return Math.max(...this.lanes.map(({ it }) => {
      let at = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const next = it.sent.findIndex((ms) => ms >= at);
        if (next >= 0 && it.handled[next] !== null) at = it.handled[next];
      }
      return at;
    })) * 1.05 || this.whole[1];
  }

  get width() { return Math.max(280, this.stage.clientWidth); }
  get height() { return this.lanes.length * LANE + AXIS; }
  x(ms) { return LEFT + ((ms - this.view[0]) / (this.view[1] - this.view[0])) * (this.width - LEFT - RIGHT); }
  ms(x) { return this.view[0] + ((x - LEFT) / (this.width - LEFT - RIGHT)) * (this.view[1] - this.view[0]); }

  draw() {
    if (!this.lanes.length) return;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    const clip = element("clipPath", { id: "inside" }), until = this.cursor === null ? this.width - RIGHT : this.x(this.cursor);
    clip.append(element("rect", { x: LEFT, y: 0, width: Math.max(0, until - LEFT), height: this.height }));
    const strokes = element("g", { "clip-path": "url(#inside)", class: "strokes" });
    const frame = element("g");
    let inView = 0;
    this.lanes.forEach((lane, number) => { inView += this.drawLane(lane, number, strokes, frame); });
    this.drawAxis(frame);
    this.svg.replaceChildren(clip, frame, strokes, ...this.drawCursor());
    const all = this.lanes.reduce((sum, { it }) => sum + it.sent.length, 0), ran = this.lanes.reduce((sum, { it }) => sum + it.in_all, 0);
    document.getElementById("view").textContent = `${inView} of ${all} requests in view, from ${short(this.view[0])} to ${short(this.view[1])} ms; the run had ${ran.toLocaleString("en")}.`;
    this.stage.dataset.inView = inView;
  }

  drawLane(lane, number, strokes, frame) {
    const top = number * LANE, { it, colour } = lane, right = this.width - RIGHT;
    frame.append(element("text", { x: LEFT, y: top + 20, fill: colour, "font-weight": 650 }, lane.title));
    for (const [y, name] of [[PRODUCER, "producer"], [BROKER, "broker"], [UNREAD, "unread"]]) {
      const grid = y === UNREAD;
      frame.append(element("line", { x1: LEFT, x2: right, y1: top + y, y2: top + y, stroke: grid ? "var(--chart-grid)" : "var(--chart-ink)" }));
      frame.append(element("text", { x: LEFT - 8, y: top + y + 4, "text-anchor": "end", fill: grid ? "var(--chart-faint)" : "var(--chart-ink)" }, name));
    }
    for (const [from, until] of it.faults) {
      const x = Math.max(LEFT, this.x(from)), wide = Math.max(3, Math.min(right, this.x(until)) - x);
      if (this.x(until) >= LEFT && x <= right) frame.append(element("rect", { class: "fault", x, y: top + 24, width: wide, height: BROKER - 4, fill: this.words.colours.fault, opacity: 0.35 }));
    }
    this.drawUnread(lane, top, strokes);
    let drawn = 0;
    it.sent.forEach((sent, i) => {
      const end = it.handled[i] ?? it.lost[i] ?? it.received[i] ?? it.arrived[i] ?? sent;
      if (sent === null || end < this.view[0] || sent > this.view[1]) return;
      drawn++;
      strokes.append(this.request(lane, number, i, top));
    });
    for (const [from, until, , why] of it.held) {
      if (until >= this.view[0] && from <= this.view[1]) strokes.append(element("line", { class: "held", x1: this.x(from), x2: this.x(until), y1: top + PRODUCER + 5, y2: top + PRODUCER + 5, stroke: this.words.colours.held, "stroke-width": 3, "stroke-dasharray": "2 2", "data-why": this.words.waits[why] }));
    }
    for (const [at, , way] of it.losses) {
      if (at < this.view[0] || at > this.view[1]) continue;
      const y = way === "out" ? PRODUCER + 18 : BROKER - 18, x = this.x(at + it.one_way_ms * 0.19);
      strokes.append(element("path", { class: "loss", d: `M${x - 4} ${top + y - 4}l8 8m0-8l-8 8`, stroke: "var(--alarm)", "stroke-width": 2, fill: "none" }));
    }
    return drawn;
  }

  // One request: its way out, what it mutes, its ack's way back, the client's work on that.
  request(lane, number, i, top) {
    const { it, colour } = lane, chosen = this.chosen && this.chosen.lane === number && this.chosen.i === i;
    const again = it.retries[i] > 0, stroke = again ? this.words.colours.again : colour;
    const group = element("g", { class: "request", "data-request": i });
    const line = (kind, from, y1, until, y2, more) => {
      if (from === null || until === null) return;
      group.append(element("line", { class: kind, x1: this.x(from).toFixed(2), y1: top + y1, x2: this.x(until).toFixed(2), y2: top + y2, stroke, "stroke-width": chosen ? 4 : 1.6, ...more }));
    };
    const arrived = it.arrived[i];
    if (arrived !== null) line("out", it.sent[i], PRODUCER, arrived, BROKER);
    else line("out gone", it.sent[i], PRODUCER, it.sent[i] + it.one_way_ms / 2, (PRODUCER + BROKER) / 2, { "stroke-dasharray": "1 3" });
    if (it.taken[i] !== null && it.answered[i] !== null) {
      const x = this.x(it.taken[i]), wide = Math.max(1.5, this.x(it.answered[i]) - x);
      group.append(element("rect", { class: "muted", x: x.toFixed(2), y: top + BROKER, width: wide.toFixed(2), height: MUTED, fill: this.words.colours.broker, opacity: chosen ? 1 : 0.8 }));
      if (it.appended[i] !== null) group.append(element("line", { class: "appended", x1: this.x(it.appended[i]), x2: this.x(it.appended[i]), y1: top + BROKER, y2: top + BROKER + MUTED, stroke: "var(--chart-ink)" }));
    }
    line("back", it.answered[i], BROKER, it.received[i], PRODUCER, { "stroke-dasharray": "5 3" });
    line("client", it.received[i], PRODUCER, it.handled[i], PRODUCER, { stroke: this.words.colours.client, "stroke-width": 5 });
    return group;
  }

  // Bytes of whole requests that the broker has and does not read, because it is at an earlier one.
  drawUnread(lane, top, strokes) {
    const most = Math.max(1, ...lane.unread.map(([, bytes]) => bytes)), steps = [];
    let last = 0;
    for (const [at, bytes] of lane.unread) {
      const x = this.x(at).toFixed(1);
      steps.push(`${x},${top + UNREAD - (last / most) * UNREAD_HIGH}`, `${x},${top + UNREAD - (bytes / most) * UNREAD_HIGH}`);
      last = bytes;
    }
    if (steps.length) strokes.append(element("polyline", { class: "unread", points: steps.join(" "), fill: "none", stroke: "var(--chart-faint)" }));
  }

  drawAxis(frame) {
    const y = this.lanes.length * LANE + 4;
    for (const ms of ticks(...this.view, this.width / 90)) {
      frame.append(element("line", { x1: this.x(ms), x2: this.x(ms), y1: 24, y2: y, stroke: "var(--chart-grid)" }));
      frame.append(element("text", { x: this.x(ms), y: y + 12, "text-anchor": "middle" }, String(ms)));
    }
    frame.append(element("text", { x: this.width - RIGHT, y: y + 27, "text-anchor": "end" }, "ms since the producer started"));
  }

  // While it is played: now, and whatever is on its way.
  drawCursor() {
    if (this.cursor === null) return [];
    const x = this.x(this.cursor), found = [element("line", { class: "now", x1: x, x2: x, y1: 24, y2: this.height - AXIS, stroke: "var(--chart-ink)" })];
    this.lanes.forEach(({ it, colour }, number) => it.sent.forEach((sent, i) => {
      for (const [from, until, y1, y2] of [[sent, it.arrived[i], PRODUCER, BROKER], [it.answered[i], it.received[i], BROKER, PRODUCER]]) {
        if (from === null || until === null || this.cursor < from || this.cursor > until) continue;
        const y = number * LANE + y1 + ((y2 - y1) * (this.cursor - from)) / (until - from || 1);
        found.push(element("circle", { class: "travelling", cx: x, cy: y, r: 5, fill: colour, stroke: "var(--chart-paper)" }));
      }
    }));
    return found;
  }

  legend() {
    const { colours } = this.words, mark = (shape, text) => {
      const item = document.createElement("span"), svg = element("svg", { viewBox: "0 0 36 16", "aria-hidden": "true" });
      svg.append(shape);
      item.append(svg, text);
      return item;
    };
    const line = (stroke, more) => element("line", { x1: 1, x2: 35, y1: 8, y2: 8, stroke, "stroke-width": 3, ...more });
    const some = (name) => this.lanes.some(({ it }) => it[name].length);
    const items = [
      mark(line("var(--chart-ink)"), "request"),
      mark(line("var(--chart-ink)", { "stroke-dasharray": "7 4" }), "ack"),
      mark(element("rect", { y: 2, width: 36, height: 12, fill: colours.broker }), "broker at work on it, deaf to the connection"),
      mark(line(colours.client, { "stroke-width": 8 }), "client at work on the ack"),
      mark(line("var(--chart-faint)"), "bytes that the broker has not read"),
    ];
    if (some("held")) items.push(mark(line(colours.held, { "stroke-dasharray": "3 3", "stroke-width": 6 }), "bytes held back by a window"));
    if (this.lanes.some(({ it }) => it.retries.some(Boolean))) items.push(mark(line(colours.again), "sent again"));
    if (some("losses")) items.push(mark(element("path", { d: "M10 1l14 14m0-14l-14 14", stroke: "var(--alarm)", "stroke-width": 4 }), "lost"));
    if (some("faults")) items.push(mark(element("rect", { y: 1, width: 36, height: 14, fill: colours.fault, opacity: 0.6 }), "the fault"));
    document.getElementById("legend").replaceChildren(...items);
  }

  look(from, until) {
    const wide = Math.min(this.whole[1] * 1.2, Math.max(LEAST_MS, until - from)), least = -0.1 * wide;
    const start = Math.max(least, Math.min(from, this.whole[1] - 0.2 * wide));
    this.view = [start, start + wide];
    this.draw();
  }
  zoom(times, around = (this.view[0] + this.view[1]) / 2) {
    this.look(around - (around - this.view[0]) * times, around + (this.view[1] - around) * times);
  }
  pan(share) {
    const step = share * (this.view[1] - this.view[0]);
    this.look(this.view[0] + step, this.view[1] + step);
  }

  choose(lane, i) {
    if (!this.lanes[lane] || i < 0 || i >= this.lanes[lane].it.sent.length) return;
    this.chosen = { lane, i };
    const { it } = this.lanes[lane], from = it.created[i] ?? it.drained[i] ?? it.sent[i], until = it.handled[i] ?? it.lost[i] ?? it.sent[i];
    if (it.sent[i] < this.view[0] || it.sent[i] > this.view[1]) this.look(from - 0.3 * (this.view[1] - this.view[0]), from + 0.7 * (this.view[1] - this.view[0]));
    else this.draw();
    this.tell(this.lanes[lane], i, from, until);
  }

  tell({ it, title }, i, from, until) {
    const head = document.createElement("p"), list = document.createElement("ol");
    const again = it.retries[i] ? `, attempt ${it.retries[i] + 1}` : "", gone = it.error[i] ? `; ${it.error[i]}` : "";
    const numbered = it.sequence[i] >= 0 ? `, sequence from ${it.sequence[i]}` : "";
    head.textContent = `Request ${i + 1} of ${title}${again}: ${it.records[i]} records in ${it.batches[i]} ${it.batches[i] === 1 ? "batch" : "batches"}${it.bytes[i] ? `, ${it.bytes[i].toLocaleString("en")} bytes` : ""}${numbered}, ${short(until - from)} ms in all${gone}.`;
    let last = null;
    const moments = Object.entries(this.words.moments).map(([name, text], place) => ({ at: it[name][i], text, wait: this.words.waits[it.waits[i][place]] }));
    for (const { at, text, wait } of moments.filter(({ at }) => at !== null).sort((one, other) => one.at - other.at)) {
      const item = document.createElement("li"), when = document.createElement("span"), what = document.createElement("span");
      when.className = "at";
      when.textContent = `${short(at)} ms`;
      what.textContent = text;
      item.append(when, what);
      if (last !== null && wait && at - last >= 0.001) {
        const waited = document.createElement("span");
        waited.className = "wait";
        waited.textContent = `after ${short(at - last)} ms: ${wait}`;
        item.append(waited);
      }
      last = at;
      list.append(item);
    }
    document.getElementById("story").replaceChildren(head, list);
  }

  // The request whose stroke is nearest to a point.
  nearest(x, y) {
    const number = Math.floor(y / LANE), lane = this.lanes[number];
    if (!lane) return null;
    const { it } = lane, down = Math.max(0, Math.min(1, (y - number * LANE - PRODUCER) / (BROKER - PRODUCER)));
    let best = null, least = NEAR_PX;
    it.sent.forEach((sent, i) => {
      for (const [from, until, share] of [[sent, it.arrived[i], down], [it.answered[i], it.received[i], 1 - down], [it.taken[i], it.answered[i], down === 1 ? 0.5 : NaN]]) {
        if (from === null || until === null) continue;
        const far = Math.abs(this.x(from + share * (until - from)) - x);
        if (far < least) { least = far; best = { lane: number, i }; }
      }
    });
    return best;
  }

  placing(on) {
    this.isPlacing = on;
    this.stage.classList.toggle("placing", on);
  }

  play() {
    const button = document.getElementById("play"), speed = document.getElementById("speed");
    button.setAttribute("aria-pressed", "true");
    button.textContent = "Pause";
    let before = null;
    if (this.cursor === null || this.cursor >= this.view[1]) this.cursor = this.view[0];
    const step = (now) => {
      if (before !== null) this.cursor += ((now - before) / 1000) * Number(speed.value) * ((this.view[1] - this.view[0]) / PLAYED_S);
      before = now;
      if (this.cursor >= this.view[1]) { this.stop(); this.draw(); return; }
      this.draw();
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }
  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const button = document.getElementById("play");
    button.setAttribute("aria-pressed", "false");
    button.textContent = "Play";
  }
  stop() { this.pause(); this.cursor = null; }

  listen() {
    const click = (id, act) => document.getElementById(id).addEventListener("click", act);
    click("play", () => (this.frame ? this.pause() : this.play()));
    click("zoom-in", () => this.zoom(0.6));
    click("zoom-out", () => this.zoom(1 / 0.6));
    click("earlier", () => this.pan(-0.4));
    click("later", () => this.pan(0.4));
    click("whole", () => this.look(...this.whole));
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.drag();
    this.stage.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.shiftKey) return; // the page scrolls otherwise
      event.preventDefault();
      this.zoom(event.deltaY > 0 || event.deltaX > 0 ? 1.25 : 0.8, this.ms(event.clientX - this.stage.getBoundingClientRect().left));
    }, { passive: false });
  }

  key(event) {
    const { lane, i } = this.chosen || { lane: 0, i: -1 };
    const first = this.lanes.length ? Math.max(0, this.lanes[lane].it.sent.findIndex((ms) => ms >= this.view[0])) : 0;
    const acts = {
      ArrowRight: () => this.choose(lane, this.chosen ? i + 1 : first), ArrowLeft: () => this.choose(lane, Math.max(0, i - 1)),
      ArrowDown: () => this.jump(lane + 1, i), ArrowUp: () => this.jump(lane - 1, i),
      Home: () => this.choose(lane, 0), End: () => this.choose(lane, this.lanes[lane].it.sent.length - 1),
      "+": () => this.zoom(0.6), "=": () => this.zoom(0.6), "-": () => this.zoom(1 / 0.6), " ": () => (this.frame ? this.pause() : this.play()),
      Enter: () => this.isPlacing && this.place(this.chosen ? this.lanes[lane].it.sent[i] : (this.view[0] + this.view[1]) / 2),
    };
    if (!acts[event.key] || !this.lanes.length || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  // To the request of another producer that was sent at about the same time.
  jump(lane, i) {
    if (!this.lanes[lane]) return;
    const from = this.chosen ? this.lanes[this.chosen.lane].it.sent[i] : this.view[0];
    this.choose(lane, Math.max(0, this.lanes[lane].it.sent.findIndex((ms) => ms >= from)));
  }

  drag() {
    const pointers = new Map();
    let moved = 0;
    const spot = (event) => {
      const box = this.stage.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    this.stage.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      pointers.set(event.pointerId, spot(event));
      moved = 0;
      this.stage.setPointerCapture(event.pointerId);
    });
    this.stage.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const now = spot(event), others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      pointers.set(event.pointerId, now);
      moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
      if (others.length) {
        const apart = (at) => Math.max(8, Math.abs(at[0] - others[0][0]));
        this.zoom(apart(before) / apart(now), this.ms((now[0] + others[0][0]) / 2));
      } else if (moved > 3) {
        const by = this.ms(before[0]) - this.ms(now[0]);
        this.look(this.view[0] + by, this.view[1] + by);
      }
    });
    const up = (event) => {
      if (!pointers.delete(event.pointerId) || moved > 3 || event.type === "pointercancel") return;
      const [x, y] = spot(event);
      if (this.isPlacing) this.place(this.ms(x));
      else { const found = this.nearest(x, y); if (found) this.choose(found.lane, found.i); }
    };
    this.stage.addEventListener("pointerup", up);
    this.stage.addEventListener("pointercancel", up);
  }

  // The picture as a file of its own: colours as they are in this light.
  svgText() {
    const copy = this.svg.cloneNode(true), style = getComputedStyle(document.documentElement);
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("width", this.width);
    copy.setAttribute("height", this.height);
    copy.setAttribute("font-family", "sans-serif");
    copy.setAttribute("font-size", 12);
    copy.setAttribute("fill", "var(--chart-ink)");
    copy.prepend(element("rect", { width: this.width, height: this.height, fill: "var(--chart-paper)" }));
    return copy.outerHTML.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  }
}

const short = (ms) => String(Number(ms.toFixed(Math.abs(ms) < 10 ? 3 : 2)));

// A fault with what comes before it and after.
const around = ([from, until]) => [Math.max(0, from - 0.2 * (until - from) - 50), until + 0.5 * (until - from) + 200];

function unreadSteps(it) {
  const steps = [];
  it.arrived.forEach((at, i) => {
    if (at === null || it.taken[i] === null || it.taken[i] <= at) return;
    steps.push([at, it.bytes[i] ?? 0], [it.taken[i], -(it.bytes[i] ?? 0)]);
  });
  steps.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  let level = 0;
  return steps.map(([at, change]) => [at, (level += change)]);
}
