// Hands and eyes: what every part of the page uses to act on a device, to draw, and to look again.
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
  follow({ made, device, isOn });
  return made;
}
const levers = [];

function pull(all) {
  for (const { made, device, isOn, label } of levers) {
    made.ariaPressed = String(Boolean(isOn(all[device])));
    if (label) made.textContent = label(all[device]);
  }
  for (const [name, state] of Object.entries(all)) {
    document.getElementById(name)?.classList.toggle("unplugged", !state.plugged);
  }
}

let looking = null;
const shows = [];

// Has `show(all)` called with the devices' states at each look.
export function watch(...more) {
  shows.push(...more);
}

// A lever or cable whose label follows its device.
export function follow(lever) {
  levers.push(lever);
}

export function look() {
  looking ??= fetch("/state")
    .then((answer) => answer.json())
    .then((all) => {
      pull(all);
      for (const show of shows) show(all);
    })
    .catch(() => tell("工作台没有应答 · the bench does not answer"))
    .finally(() => { looking = null; });
  return looking;
}
