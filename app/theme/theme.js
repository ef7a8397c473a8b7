// Light or dark. What this knows of Streamlit's page stands in the first lines, and nowhere else.

const keyOf = (path) => `stActiveTheme-${path}-v2`; // holds "System", "Light" or "Dark", as JSON; nothing is the first
const MENU = "[data-testid=stMainMenuButton]";
const itemOf = (choice) => `[data-testid="stMainMenuItem-theme-${choice}"]`;
const UNSEEN = "[data-testid=stMainMenuPopover] { visibility: hidden }";

const PATIENCE_MS = 1000; // until the menu's items are there

// The page that was loaded, whose key Streamlit goes on using when its menu leads to others.
function ownPath() {
  return new URL(performance.getEntriesByType("navigation")[0].name).pathname;
}

let chosen = "System"; // for a browser that keeps nothing, which asks again at every load, as with Streamlit's own menu

function kept() {
  try {
    return JSON.parse(localStorage.getItem(keyOf(ownPath()))) ?? "System";
  } catch {
    return chosen;
  }
}

// Whether the browser keeps the choice.
function keep(choice, paths) {
  chosen = choice;
  try {
    for (const path of [ownPath(), ...paths]) localStorage.setItem(keyOf(path), JSON.stringify(choice));
    return true;
  } catch {
    return false;
  }
}

async function find(selector) {
  const until = performance.now() + PATIENCE_MS;
  let found;
  while (!(found = document.querySelector(selector)) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return found;
}

// Press Streamlit's own menu, unseen; whether that could be done.
async function apply(choice) {
  const menu = document.querySelector(MENU);
  if (!menu) return false;
  const unseen = document.head.appendChild(document.createElement("style"));
  unseen.textContent = UNSEEN;
  menu.click();
  const item = await find(itemOf(choice));
  item?.click();
  if (menu.getAttribute("aria-expanded") === "true") menu.click();
  await new Promise((resolve) => setTimeout(resolve)); // it takes the keyboard as it closes
  unseen.remove();
  return Boolean(item);
}

const shown = new WeakMap();

class Theme {
  constructor(root) {
    this.root = root;
    this.radios = [...root.querySelectorAll("input")];
    this.last = Promise.resolve(); // one after the other, however fast arrow keys go
    for (const radio of this.radios) radio.onchange = () => (this.last = this.last.then(() => this.choose(radio)));
    this.follow = () => setTimeout(() => this.show()); // after Streamlit's menu has kept what was pressed in it
    document.addEventListener("click", this.follow);
  }

  update({ words, paths }) {
    this.words = words;
    this.paths = paths;
    this.root.querySelector("legend").textContent = words.theme;
    for (const radio of this.radios) radio.nextElementSibling.textContent = words[radio.value.toLowerCase()];
    this.show();
  }

  show() {
    if (this.choosing) return;
    for (const radio of this.radios) radio.checked = radio.value === kept();
  }

  async choose(radio) {
    if (!radio.checked) return; // another was chosen meanwhile
    this.choosing = true;
    const done = await apply(radio.value);
    const isKept = keep(radio.value, this.paths);
    this.choosing = false;
    if (radio.checked) radio.focus({ preventScroll: true });
    this.root.querySelector(".later").textContent = done || !isKept ? "" : this.words.later;
  }

  leave() {
    document.removeEventListener("click", this.follow);
  }
}

export default function mount({ data, parentElement }) {
  if (!shown.has(parentElement)) shown.set(parentElement, new Theme(parentElement));
  shown.get(parentElement).update(data);
  return () => {
    shown.get(parentElement)?.leave();
    shown.delete(parentElement);
  };
}
