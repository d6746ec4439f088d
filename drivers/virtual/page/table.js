// The table under the document camera: papers laid, tilted, blurred, and what the camera sees of them.
import { act, element, lever, press } from "./hands.js";

const DEVICE = "document_camera";
const SHEETS = [["form", "表格 A4", "Form"], ["letter", "信件 A4", "Letter"], ["card", "证件", "Card"],
  ["card_back", "证件背面", "Card, its back"], ["slip", "小票", "Slip"], ["blank", "白纸", "Blank page"]];
// What a hand, a lamp or a lens does to the paper that lies there, and how to undo it.
const WAYS = [
  ["放歪", "Askew", { turn: 84, pitch: 2, roll: 2 }, { turn: 90, pitch: 0, roll: 0 }],
  ["放出画面", "Half out of view", { x: 110 }, { x: 0 }],
  ["反光", "Glare", { glare: 0.05 }, { glare: 0 }],
  ["模糊", "Blurred", { blur: 6 }, { blur: 0 }],
  ["光线暗", "Dark", { light: 0.15 }, { light: 1 }],
];

export function table() {
  const view = document.getElementById("table-view");
  const take = press("拿走纸", "Take the paper", () => act(DEVICE, "remove"), "take");
  const sheets = SHEETS.map(([sheet, zh, en]) => [sheet, press(zh, en, () => act(DEVICE, "put", { sheet }))]);
  const ways = WAYS.map(([zh, en, how, back]) => {
    const made = press(zh, en, () => act(DEVICE, "move", made.ariaPressed === "true" ? back : how));
    return [how, made];
  });
  document.getElementById("table-sheets").append(...sheets.map(([, made]) => made));
  document.getElementById("table-hands").append(take, ...ways.map(([, made]) => made),
    lever(DEVICE, "遮住镜头", "Cover", (state) => state.covered, "cover", "uncover"),
    press("画面停住", "Freeze until replugged", () => act(DEVICE, "freeze")));

  let shown = "";
  return (all) => {
    const state = all[DEVICE];
    take.disabled = !state.sheet;
    for (const [sheet, made] of sheets) made.ariaPressed = String(state.sheet === sheet);
    for (const [how, made] of ways) {
      made.disabled = !state.sheet;
      made.ariaPressed = String(Boolean(state.sheet) && Object.entries(how).every(([name, value]) => state[name] === value));
    }
    // A still table needs no new picture: drawing one costs more than all the rest of the bench.
    const now = JSON.stringify(state);
    if (state.plugged && now !== shown) {
      shown = now;
      view.src = `/table.jpg?${Date.now()}`;
    }
  };
}
