// Scanner, I/O board and locker: codes held up, contacts moved, doors opened and shut.
import { act, element, lever, press } from "./hands.js";

export function scanner() {
  const device = "code_scanner";
  const text = element("input", { type: "text", placeholder: "码的内容", ariaLabel: "码的内容", maxLength: 4296 });
  const scan = press("扫这个码", "Scan", () => act(device, "scan", { text: text.value }), "take");
  text.addEventListener("keydown", (event) => { if (event.key === "Enter" && text.value) scan.click(); });
  text.addEventListener("input", () => { scan.disabled = half.disabled = !text.value; });
  const half = press("只扫到一半", "Half a code", () => act(device, "half", { text: text.value }));
  scan.disabled = half.disabled = true;
  document.getElementById("scanner-hands").append(element("div", { className: "code" }, text, scan),
    press("扫最新的凭条", "The newest receipt", () => act(device, "scan_paper")), half,
    press("乱码", "Garbage", () => act(device, "garbage")));
  return (all) => { document.getElementById("scanned").textContent = all[device].last ?? "把码放到这里"; };
}

export function ioBoard() {
  const device = "io_board";
  const names = { id_card_reader: "身份证灯", person_camera: "摄像头灯", receipt_printer: "凭条灯", a4_printer: "证明灯",
    special_printer: "证照灯", code_scanner: "扫码灯", hall_door: "大厅门锁" };
  const contacts = [["cabinet_door", "打开机柜门", "Cabinet door open"], ["presence", "站到机器前", "Somebody there"],
    ["tray", "出纸口有纸", "Paper in the tray"], ["metal_detector", "金属探测", "Metal detected"]];
  const place = document.getElementById("lamps");
  const lamps = new Map(Object.entries(names).map(([name, zh]) => [name, element("span", { textContent: zh })]));
  place.append(...lamps.values());
  const moved = contacts.map(([input, zh, en]) => {
    const made = press(zh, en, () => act(device, made.ariaPressed === "true" ? "off" : "on", { input }));
    return [input, made];
  });
  document.getElementById("board-hands").append(...moved.map(([, made]) => made),
    lever(device, "控制板不应答", "Silent", (state) => state.silent, "silence", "repair"));
  return (all) => {
    const { lights, strikes, inputs } = all[device];
    for (const [name, lamp] of lamps) lamp.classList.toggle("on", Boolean(lights[name] ?? strikes[name]));
    for (const [input, made] of moved) made.ariaPressed = String(inputs[input]);
  };
}

export function locker() {
  const device = "locker";
  const place = document.getElementById("doors");
  const doors = Array.from({ length: 12 }, (_, index) => {
    const door = index + 1;
    return element("button", { textContent: door, ariaLabel: `${door} 号柜门`,
      onclick: (event) => act(device, event.currentTarget.ariaPressed === "true" ? "close" : "open", { door }) });
  });
  place.append(...doors);
  const jam = press("卡住 1 号门", "Jam door 1", () => act(device, jam.ariaPressed === "true" ? "free" : "jam", { door: 1 }));
  document.getElementById("locker-hands").append(jam,
    lever(device, "应答校验错", "The vendor's check", (state) => state.wrong_check, "wrong_check", "repair"),
    lever(device, "锁控板不应答", "Silent", (state) => state.silent, "silence", "repair"));
  return (all) => {
    const states = all[device].doors;
    doors.forEach((made, index) => {
      const stands = states[String(index + 1)];
      made.ariaPressed = String(stands === "open");
      made.classList.toggle("jammed", stands === "jammed");
    });
    jam.ariaPressed = String(states["1"] === "jammed");
  };
}
