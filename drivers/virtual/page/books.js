// The special-paper printer: its tray of numbered blanks, and what came out on them.
import { act, element, lever, press } from "./hands.js";
import { lay, light } from "./paper.js";

const NUMBER = /^(.*?)(\d+)$/;

// The number behind `number`, as wide as it.
function after(number) {
  const [, head, digits] = NUMBER.exec(number) ?? [null, number, "0"];
  return head + String(Number(digits) + 1).padStart(digits.length, "0");
}

export function books() {
  const device = "special_printer";
  const take = press("取走证照", "Take the sheets", () => act(device, "tear"), "take");
  const first = element("input", { type: "text", value: "YZ000101", ariaLabel: "首张编号", maxLength: 40 });
  const count = element("input", { type: "number", min: 1, max: 500, value: 50, ariaLabel: "张数" });
  const empty = press("取出空白证", "Take the blanks out", () => act(device, "empty"));
  const spoil = press("抽走下一张", "Pull the next one out", () => act(device, "spoil"));
  document.getElementById("special-hands").append(take, spoil, empty,
    lever(device, "上盖打开", "Cover open", (state) => state.cover_open, "open_cover", "close_cover"),
    press("下一张卡纸", "Jam the next one", () => act(device, "jam_next_cut")),
    lever(device, "已卡纸", "Jammed", (state) => state.cutter_error, "cutter_error", "clear_cutter"),
    lever(device, "不应答", "Silent", (state) => state.silent, "silence", "speak"),
    element("span", { className: "pack" },
      press("装入空白证", "Load blanks", () => act(device, "load", { first: first.value, count: Number(count.value) })),
      first, count));

  let newest = "";
  return (all) => {
    const state = all[device];
    take.disabled = !state.receipts.length;
    empty.disabled = spoil.disabled = !state.blanks;
    const stopped = state.cover_open || state.cutter_error || !state.blanks;
    const words = state.cover_open ? "上盖打开" : state.cutter_error ? "卡纸" : state.printing ? "正在打印"
      : state.blanks ? "就绪" : "没有空白证";
    light(device, words, stopped, state.cover_open);
    const spoilt = state.sheets.filter((sheet) => !sheet.document).map((sheet) => sheet.number);
    document.getElementById("tray").textContent = [
      state.blanks ? `纸仓 ${state.blanks} 张，下一张 ${state.next}` : "纸仓已空",
      ...(spoilt.length ? [`抽走 ${spoilt.join("、")}`] : [])].join(" · ");
    const last = state.sheets.at(-1)?.number ?? "";
    if (last !== newest && !state.blanks) first.value = after(last);
    newest = last;
    const numbers = new Map(state.sheets.map((sheet) => [sheet.document, sheet.number]));
    lay(document.getElementById("books"), state.receipts.map((one) => ({
      key: `${one.number}-${one.rows}-${one.cut}`, src: `/paper/special/${one.number}.png?${one.rows}`,
      alt: `证照 ${numbers.get(one.number) ?? "（未完成）"}`, kind: one.cut ? "" : "torn",
    })).reverse(), "还没有打印的证照");
  };
}
