// The bench's page: shows what the devices say about themselves, and moves their hands.
import { cards, camera } from "./people.js";
import { receipts, sheets, messages } from "./paper.js";

const LOOK_EVERY = 400; // milliseconds
const notice = document.getElementById("notice");

export async function act(device, action, more = {}) {
  const answer = await fetch("/act", { method: "POST", body: JSON.stringify({ device, action, ...more }) });
  if (!answer.ok) tell((await answer.json()).error);
  await look();
}

export function tell(words) {
  notice.textContent = words;
  notice.classList.add("shown");
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => notice.classList.remove("shown"), 6000);
}

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// A button that does one thing.
export function press(zh, en, doing, kind = "") {
  return element("button", { onclick: doing, className: kind }, zh, element("small", { lang: "en", textContent: en }));
}

// A button with two positions: `isOn(state)` says which; pressing sends the other action.
export function lever(device, zh, en, isOn, on, off) {
  const made = press(zh, en, () => act(device, made.ariaPressed === "true" ? off : on));
  levers.push({ made, device, isOn });
  return made;
}
const levers = [];

function plugs() {
  for (const name of ["id_card_reader", "person_camera", "receipt_printer", "a4_printer", "phone"]) {
    const cable = element("button", { className: "cable", onclick: () => act(name, cable.ariaPressed === "true" ? "plug" : "unplug") });
    document.querySelector(`#${name} h2`).append(cable);
    levers.push({
      made: cable, device: name, isOn: (state) => !state.plugged,
      label: (state) => (state.plugged ? "已连接" : "线已拔"),
    });
  }
}

function pull(all) {
  for (const { made, device, isOn, label } of levers) {
    made.ariaPressed = String(Boolean(isOn(all[device])));
    if (label) made.textContent = label(all[device]);
  }
  for (const [name, state] of Object.entries(all)) {
    document.getElementById(name)?.classList.toggle("unplugged", !state.plugged);
  }
}

let parts = [];
let looking = null;

export function look() {
  looking ??= fetch("/state")
    .then((answer) => answer.json())
    .then((all) => {
      pull(all);
      for (const show of parts) show(all);
    })
    .catch(() => tell("工作台没有应答 · the bench does not answer"))
    .finally(() => { looking = null; });
  return looking;
}

function closeUp() {
  const dialog = document.getElementById("close-up");
  dialog.addEventListener("click", () => dialog.close());
  document.querySelectorAll(".paper").forEach((paper) => paper.addEventListener("click", (event) => {
    if (event.target.tagName !== "IMG") return;
    dialog.querySelector(".sheet").replaceChildren(element("img", { src: event.target.dataset.large ?? event.target.src, alt: event.target.alt }));
    dialog.showModal();
  }));
}

const people = await (await fetch("/people")).json();
plugs();
parts = [cards(people), camera(people), receipts(), sheets(), messages(people)];
closeUp();
await look();
setInterval(() => { if (!document.hidden) look(); }, LOOK_EVERY);
