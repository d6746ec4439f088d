// Parts of the page fetch themselves again when the hall says that their matter changed.
// htmx swaps them; here is only: listen, gather what comes together, and leave alone what is the same.
"use strict";

const GATHER = 120; // ms: changes that come together are one
const AGEING = 20000; // ms: durations on the page grow older
const line = document.getElementById("line");
const due = new Set();
let timer = 0;
let lost = false;

function show(connected) {
  const text = connected ? line.dataset.on : line.dataset.off;
  if (line.textContent !== text) line.textContent = text;
  line.className = connected ? "on" : "off";
}

function ask(section) {
  due.add(section.id);
  if (!timer) timer = setTimeout(fetchDue, GATHER);
}

function fetchDue() {
  timer = 0;
  for (const id of due) {
    const section = document.getElementById(id);
    if (section) htmx.trigger(section, "changed");
  }
  due.clear();
}

function askAll() {
  document.querySelectorAll("[data-watch]").forEach(ask);
}

function heard(changes) {
  if (!changes.length) return askAll();
  for (const section of document.querySelectorAll("[data-watch]")) {
    const watched = section.dataset.watch.split(" ");
    const about = section.dataset.about;
    const mine = (c) => (!about || about === c.terminal) && c.what.some((w) => watched.includes(w));
    if (changes.some(mine)) ask(section);
  }
}

// Somebody writes in a form there, or has begun to: what they wrote must not go.
function busy(section) {
  const at = document.activeElement;
  const inside = section.contains(at) && at.closest("form, details[open]");
  return inside || section.querySelector("form[data-begun]");
}

document.addEventListener("input", (event) => event.target.closest("form")?.setAttribute("data-begun", ""));

// What came is what stands there already: no swap, so that a reader's place and selection stay.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse, xhr } = event.detail;
  if (xhr.status !== 200 || !target.id) return;
  const came = new DOMParser().parseFromString(serverResponse, "text/html").getElementById(target.id);
  if (busy(target) || (came && came.innerHTML.trim() === target.innerHTML.trim())) event.detail.shouldSwap = false;
});

const source = new EventSource("/events?after=" + document.body.dataset.newest);
source.onopen = () => {
  show(true);
  if (lost) askAll();
  lost = false;
};
source.onerror = () => {
  lost = true;
  show(false);
  if (source.readyState === EventSource.CLOSED) askAll(); // refused: what we ask for leads to the login
};
source.onmessage = (event) => heard(JSON.parse(event.data));
setInterval(askAll, AGEING);
window.addEventListener("pagehide", () => source.close());
