// The bench's page: shows what the devices say about themselves, and moves their hands.
import { act, element, follow, look, watch } from "./hands.js";
import { cards, camera } from "./people.js";
import { receipts, sheets, messages } from "./paper.js";
import { books } from "./books.js";
import { scanner, ioBoard, locker } from "./boards.js";
import { table } from "./table.js";

const LOOK_EVERY = 400; // milliseconds

function plugs() {
  for (const name of ["id_card_reader", "person_camera", "document_camera", "receipt_printer", "a4_printer", "special_printer", "phone", "code_scanner", "io_board", "locker"]) {
    const cable = element("button", { className: "cable", onclick: () => act(name, cable.ariaPressed === "true" ? "plug" : "unplug") });
    document.querySelector(`#${name} h2`).append(cable);
    follow({
      made: cable, device: name, isOn: (state) => !state.plugged,
      label: (state) => (state.plugged ? "已连接" : "线已拔"),
    });
  }
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
watch(cards(people), camera(people), table(), receipts(), sheets(), books(), messages(people),
  scanner(), ioBoard(), locker());
closeUp();
await look();
setInterval(() => { if (!document.hidden) look(); }, LOOK_EVERY);
