// The knobs and the address: what stands in one stands in the other.
"use strict";

export const standing = (words) => {
  const values = {};
  for (const name of Object.keys(words.values)) values[name] = document.getElementById(name).value.trim();
  return values;
};

// What differs from where the knobs were at first, as an address says it.
export const query = (words) => {
  const turned = new URLSearchParams();
  for (const [name, value] of Object.entries(standing(words))) {
    if (value !== words.values[name]) turned.set(name, value);
  }
  return turned.toString();
};

export const set = (name, value) => {
  const input = document.getElementById(name);
  if (!input) return;
  if (input.tagName === "SELECT" && ![...input.options].some((option) => option.value === value)) return;
  input.value = value;
  follow(name);
};

export const restore = (words) => {
  const said = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(words.values)) set(name, said.get(name) ?? value);
};

// A slider stands at the stop that is nearest to what is typed, on the scale of its stops.
const follow = (name) => {
  const slider = document.getElementById(`${name}-slider`);
  if (!slider) return;
  const levels = slider.dataset.levels.split(" "), value = Number(document.getElementById(name).value);
  const far = (level) => Math.abs(Math.log((Number(level) + 0.01) / (value + 0.01)));
  slider.value = levels.reduce((best, level, place) => (far(level) < far(levels[best]) ? place : best), 0);
  slider.setAttribute("aria-valuetext", document.getElementById(name).value);
};

export const listen = (words, turned) => {
  for (const name of Object.keys(words.values)) {
    const input = document.getElementById(name), slider = document.getElementById(`${name}-slider`);
    input.addEventListener(input.tagName === "SELECT" ? "change" : "input", () => {
      follow(name);
      turned();
    });
    slider?.addEventListener("input", () => {
      input.value = slider.dataset.levels.split(" ")[slider.value];
      slider.setAttribute("aria-valuetext", input.value);
      turned();
    });
  }
  document.getElementById("knobs").addEventListener("submit", (event) => event.preventDefault());
};

// A refusal stands beside its knob, and takes itself back.
export const refuse = (knob, says) => {
  for (const line of document.querySelectorAll(".refused, #refusal")) {
    const wanted = line.id === (knob ? `${knob}-refused` : "refusal") ? says : "";
    if (line.textContent !== wanted) line.textContent = wanted;
  }
  for (const input of document.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  if (knob) document.getElementById(knob)?.setAttribute("aria-invalid", "true");
};
