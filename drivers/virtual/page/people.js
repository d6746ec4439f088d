// The citizens: their cards on the reader, themselves before the camera.
import { act, element, lever, press } from "./hands.js";

const NATIONS = { "01": "汉", "03": "回", "11": "满", "15": "土家" }; // GB/T 3304, those on our cards
const spaced = (date) => date.split("-").map(Number);

function drawCard(person) {
  const [year, month, day] = spaced(person.birth);
  const ended = person.valid_to && new Date(person.valid_to) < new Date();
  const fields = [
    ["姓名", person.name, "name"],
    ["性别", `${person.sex === "male" ? "男" : "女"}　民族 ${NATIONS[person.nation] ?? person.nation}`],
    ["出生", `${year}年${month}月${day}日`],
    ["住址", person.address],
  ];
  const list = element("dl");
  for (const [label, value, kind = ""] of fields) {
    list.append(element("dt", { textContent: label }), element("dd", { textContent: value, className: kind }));
  }
  const portrait = person.portrait
    ? element("img", { className: "portrait", src: `/people/${person.key}/card.jpg`, alt: "", draggable: false })
    : element("span", { className: "portrait" });
  const drawn = element("button", { className: "card", draggable: true, title: person.name },
    list, portrait, element("span", { className: "number", textContent: person.number }),
    person.face ? element("span", { className: "mark face", textContent: "可刷脸" }) : null,
    ended ? element("span", { className: "mark", textContent: "已过期" }) : null);
  drawn.ariaLabel = `${person.name}的身份证`;
  if (person.face) drawn.ariaDescription = "有照片，可以刷脸";
  drawn.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", person.key));
  return drawn;
}

export function cards(people) {
  const wallet = document.getElementById("wallet");
  const pad = document.getElementById("pad");
  const drawn = new Map(people.map((person) => [person.key, drawCard(person)]));
  let lying = null;

  async function put(key) {
    if (lying === key) return act("id_card_reader", "take");
    if (lying) await act("id_card_reader", "take");
    return act("id_card_reader", "put", { person: key });
  }
  for (const [key, card] of drawn) {
    card.onclick = () => put(key);
    wallet.append(card);
  }
  pad.addEventListener("dragover", (event) => { event.preventDefault(); pad.classList.add("over"); });
  pad.addEventListener("dragleave", () => pad.classList.remove("over"));
  pad.addEventListener("drop", (event) => {
    event.preventDefault();
    pad.classList.remove("over");
    const key = event.dataTransfer.getData("text/plain");
    if (drawn.has(key)) put(key);
  });

  const take = press("拿走身份证", "Take the card", () => act("id_card_reader", "take"), "take");
  const damages = [["checksum", "校验和错", "Wrong checksum"], ["cut", "数据中断", "Cut frame"],
    ["garbage", "乱码", "Garbage"], ["silent", "不应答", "Silent"], ["late", "应答迟到", "Late answer"]];
  const broken = damages.map(([how, zh, en]) => {
    const made = press(zh, en, () => act("id_card_reader", "damage_next", { how }));
    return [how, made];
  });
  document.getElementById("reader-hands").append(take,
    element("p", { className: "about" }, "下一次读卡出错 ", element("small", { lang: "en", textContent: "spoil the next read" })),
    ...broken.map(([, made]) => made),
    element("p", { className: "about" }, "模块 ", element("small", { lang: "en", textContent: "module" })),
    lever("id_card_reader", "模块自检失败", "Self-test fails", (state) => state.failed, "fail_self_test", "repair"));

  return (all) => {
    const state = all.id_card_reader;
    take.disabled = !state.card;
    for (const [how, made] of broken) made.ariaPressed = String(state.damage === how);
    if (state.card === lying) return;
    lying = state.card;
    pad.classList.toggle("busy", Boolean(lying));
    for (const [key, card] of drawn) card.classList.toggle("away", key === lying);
    pad.querySelector(".card")?.remove();
    if (lying) {
      const copy = drawCard(people.find((person) => person.key === lying));
      copy.onclick = () => act("id_card_reader", "take");
      copy.title = "点一下拿走";
      pad.append(copy);
    }
  };
}

export function camera(people) {
  const view = document.getElementById("view");
  const queue = document.getElementById("queue");
  const nobody = element("button", { onclick: () => act("person_camera", "show", { who: "nobody" }) },
    element("span", { className: "blank", textContent: "—" }), "无人");
  const standing = people.filter((person) => person.live).map((person) => {
    const made = element("button", { onclick: () => act("person_camera", "show", { who: person.key }) },
      element("img", { src: `/people/${person.key}/live.jpg`, alt: "" }), person.name);
    return [person.live, made];
  });
  queue.append(nobody, ...standing.map(([, made]) => made));
  document.getElementById("camera-hands").append(
    lever("person_camera", "遮住镜头", "Cover", (state) => state.covered, "cover", "uncover"),
    press("画面停住", "Freeze until replugged", () => act("person_camera", "freeze")));

  let last = 0;
  return (all) => {
    const state = all.person_camera;
    nobody.ariaPressed = String(state.who === "nobody");
    for (const [live, made] of standing) made.ariaPressed = String(state.who === live);
    // A picture that is still on its way is waited for: asking anew would cancel it, again and again.
    if (state.plugged && view.complete && Date.now() - last > 900) {
      last = Date.now();
      view.src = `/camera.jpg?${last}`;
    }
  };
}
