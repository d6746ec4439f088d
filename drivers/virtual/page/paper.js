// What comes out: receipts, sheets and text messages.
import { act, element, lever, press } from "./hands.js";

// Puts the pictures of `papers` into `place`, keeping those that have not changed.
export function lay(place, papers, empty) {
  const wanted = papers.map((paper) => paper.key).join(" ");
  if (place.dataset.shown === wanted) return;
  place.dataset.shown = wanted;
  const there = new Map([...place.querySelectorAll("img")].map((image) => [image.dataset.key, image]));
  const laid = papers.map((paper) => {
    const image = there.get(paper.key) ?? element("img", { src: paper.src, alt: paper.alt });
    image.dataset.key = paper.key;
    if (paper.large) image.dataset.large = paper.large;
    image.className = paper.kind ?? "";
    return image;
  });
  place.replaceChildren(...(laid.length ? laid : [element("p", { textContent: empty })]));
}

export function light(name, words, stopped, cover) {
  const printer = document.querySelector(`#${name} .printer`);
  printer.querySelector(".status").textContent = words;
  printer.classList.toggle("stopped", stopped);
  printer.classList.toggle("cover", cover);
}

export function receipts() {
  const device = "receipt_printer";
  const rows = element("input", { type: "number", min: 0, max: 5000, value: 300, ariaLabel: "行数" });
  const take = press("取走凭条", "Take the receipts", () => act(device, "tear"), "take");
  document.getElementById("receipt-hands").append(take,
    lever(device, "纸将尽", "Paper low", (state) => state.paper === "low", "paper_low", "refill"),
    lever(device, "缺纸", "Paper out", (state) => state.paper === "out", "paper_out", "refill"),
    lever(device, "上盖打开", "Cover open", (state) => state.cover_open, "open_cover", "close_cover"),
    lever(device, "切刀故障", "Cutter error", (state) => state.cutter_error, "cutter_error", "clear_cutter"),
    press("下次切纸卡刀", "Jam the next cut", () => act(device, "jam_next_cut")),
    lever(device, "不应答", "Silent", (state) => state.silent, "silence", "speak"),
    press("丢一个完成应答", "Lose one fence", () => act(device, "drop_next_fence")),
    element("span", { className: "rows" },
      press("再打若干行后断纸", "Paper ends after … rows", () => act(device, "paper_out_after", { rows: Number(rows.value) })), rows));
  return (all) => {
    const state = all[device];
    take.disabled = !state.receipts.length;
    const words = state.cover_open ? "上盖打开" : state.paper === "out" ? "缺纸" : state.cutter_error ? "切刀故障"
      : state.printing ? "正在打印" : state.paper === "low" ? "纸将尽" : "就绪";
    light(device, state.buffered > 200 && !state.printing ? `${words} · 缓冲区有残留` : words,
      state.cover_open || state.paper === "out" || state.cutter_error, state.cover_open);
    // The newest comes out of the slot, older ones lie below it.
    lay(document.getElementById("receipts"), state.receipts.map((one) => ({
      key: `${one.number}-${one.rows}-${one.cut}`, src: `/paper/receipt/${one.number}.png?${one.rows}`,
      alt: `凭条 ${one.number}`, kind: one.cut ? "" : "torn",
    })).reverse(), "还没有凭条");
  };
}

export function sheets() {
  const device = "a4_printer";
  const take = press("取走文件", "Take the sheets", () => act(device, "take"), "take");
  document.getElementById("a4-hands").append(take,
    lever(device, "纸将尽", "Paper low", (state) => state.paper === "low", "paper_low", "refill"),
    lever(device, "缺纸", "Paper out", (state) => state.paper === "out", "paper_out", "refill"),
    lever(device, "卡纸", "Jam", (state) => state.jammed, "jam", "clear_jam"),
    press("下一页卡纸", "Jam the next page", () => act(device, "jam_next")),
    lever(device, "盖板打开", "Cover open", (state) => state.cover_open, "open_cover", "close_cover"),
    lever(device, "墨粉将尽", "Toner low", (state) => state.toner === "low", "toner_low", "change_toner"),
    lever(device, "墨粉用完", "Toner out", (state) => state.toner === "out", "toner_out", "change_toner"),
    press("中止下一任务", "Abort the next job", () => act(device, "abort_next")),
    press("下一份少出一张", "Lose a sheet of the next job", () => act(device, "lose_page")));
  return (all) => {
    const state = all[device];
    take.disabled = !state.pages.length;
    const stopped = state.jammed || state.cover_open || state.paper === "out" || state.toner === "out";
    const words = state.jammed ? "卡纸" : state.cover_open ? "盖板打开" : state.paper === "out" ? "缺纸"
      : state.toner === "out" ? "墨粉用完" : state.printing ? "正在打印" : state.paper === "low" ? "纸将尽"
        : state.toner === "low" ? "墨粉将尽" : "就绪";
    light(device, stopped && state.printing ? `${words} · 任务等待中` : words, stopped, state.cover_open);
    lay(document.getElementById("sheets"), state.pages.map((page) => ({
      key: `${page.number}-${page.at}`, src: `/paper/a4/${page.number}.png?${page.at}`, alt: `第 ${page.number} 份`,
    })).reverse(), "还没有打印的文件");
  };
}

export function messages(people) {
  const device = "phone";
  const place = document.getElementById("messages");
  const clear = press("清空短信", "Clear", () => act(device, "clear"), "take");
  const scan = press("扫屏幕上的付款码", "Scan the code on the screen", () => act(device, "scan"));
  const pay = press("付款", "Pay", () => act(device, "pay"));
  const refuse = press("不付款", "Do not pay", () => act(device, "refuse"));
  const cashier = element("p", { className: "about" });
  const whose = element("select", { title: "谁的手机" },
    ...people.map((person) => element("option", { value: person.key, textContent: person.name })));
  const show = press("把身份码对准扫码口", "Hold the app's code before the scanner", async () => {
    await act(device, "show_code", { person: whose.value });
    const all = await (await fetch("/state")).json();
    await act("code_scanner", "scan", { text: all.phone.code });
  });
  document.getElementById("phone-hands").append(clear, cashier, scan, pay, refuse, whose, show);
  const standing = { "": "还没有扫码", open: "等待付款", paid: "已付款", refused: "未付款", expired: "付款码已过期",
    closed: "订单已关闭", refunded: "已退款" };
  const owner = new Map(people.map((person) => [person.phone, person.name]));

  function bubble(message) {
    const text = element("p");
    for (const piece of message.text.split(/(\d{4,8})/)) {
      const code = /^\d{4,8}$/.test(piece);
      text.append(code ? element("b", { textContent: piece, title: "点一下复制", onclick: () => navigator.clipboard?.writeText(piece) }) : piece);
    }
    return element("article", {},
      element("header", {}, element("span", { textContent: `${owner.get(message.to) ?? ""} ${message.to}` }),
        element("time", { textContent: message.at.slice(11, 16) })), text);
  }
  return (all) => {
    const list = all[device].messages;
    clear.disabled = !list.length;
    cashier.textContent = `收银台：${standing[all[device].said] ?? "没有这笔订单"}`;
    pay.disabled = refuse.disabled = all[device].said !== "open";
    const shown = list.map((message) => message.at + message.to + message.text).join("\n");
    if (place.dataset.shown === shown && place.childElementCount) return;
    place.dataset.shown = shown;
    place.replaceChildren(...(list.length ? list.map(bubble) : [element("p", { className: "none", textContent: "没有短信" })]));
  };
}
