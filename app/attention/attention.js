// Who may need a look: the first of them in a row that is always as high, and all in a list that opens over the cards.
// Streamlit calls the default export at every change of `data`, every second; whoever reads or points is not disturbed by it.

const ICONS = {
  absent: "M12 11.5a3.8 3.8 0 1 0 0-7.5M8.4 6.5a3.8 3.8 0 0 0 3 5M4.5 20c0-3.3 3-5.3 7-5.3M18.5 18.2a5 5 0 0 0-3-3M3.5 3.5l17 17",
  looks: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9 9.7v.6M15 9.7v.6M8.3 16.3c1.5-2.2 5.9-2.2 7.4 0",
  turned: "M20 12a8 8 0 1 1-2.4-5.7L20 8.5M20 4v4.5h-4.5",
};
const PUT_ASIDE = "M6 6l12 12M18 6L6 18";
const BACK = "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3";
const GAP_PX = 4; // between the row and the list
const AGAIN_MS = 2500; // until a wish that was not heard is said again
const SAID_AT_MOST = 3; // times: another tab may wish the contrary
const LEAST_PX = 220; // of room for the list below the row, else it opens above where there is more

// Only what is new: a screen reader may read it out.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function drawing(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}

function part(tag, className, ...children) {
  const element = Object.assign(document.createElement(tag), { className });
  element.append(...children);
  return element;
}

const shown = new WeakMap();

class Attention {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.section = find(".attention");
    this.row = find(".row");
    this.icon = find(".icon");
    this.text = find(".text");
    this.name = find(".row .name");
    this.told = find(".row .told");
    this.more = find(".more");
    this.count = find(".count");
    this.aside = find(".aside");
    this.panel = find(".panel");
    this.list = find(".list");
    this.news = find(".news");
    this.lines = new Map(); // what the list shows, by key
    this.known = new Set(); // keys that a screen reader has been told of
    this.first = null; // the entry of the row
    this.wanted = new Map(); // by key: what was put aside or wanted back, and is not so yet, and how often it was said
    this.place = () => this.placePanel();
    this.more.popoverTargetElement = this.panel;
    this.more.onblur = () => this.show();
    this.aside.onclick = (event) => event.detail < 2 && this.putAside(this.first, true);
    // the browser closes it then, and gives the keyboard back to a button of the page only, not to one of a shadow root
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.more.focus());
    this.panel.addEventListener("beforetoggle", (event) => event.newState === "open" && this.open());
    this.panel.addEventListener("toggle", (event) => event.newState === "closed" && this.close());
  }

  update(data, hand) {
    this.data = data;
    this.hand = hand; // tells the page what is put aside or wanted back
    this.section.setAttribute("aria-label", data.words.title);
    this.panel.setAttribute("aria-label", data.words.title);
    this.announce();
    this.show();
  }

  // Who is new is said, once; how long it lasts would be said every ten seconds.
  announce() {
    const fresh = this.data.entries.filter(({ key, aside }) => !aside && !this.known.has(key));
    this.known = new Set(this.data.entries.map(({ key }) => key));
    if (fresh.length) say(this.news, fresh.map(({ name, told }) => `${name}: ${told}`).join("; "));
    else if (!this.data.entries.length) say(this.news, "");
  }

  show() {
    this.showFirst();
    this.showMore();
    this.showList();
  }

  showFirst() {
    const waiting = this.data.entries.filter(({ aside }) => !aside);
    // who is about to put one aside must not meet another under the pointer or the keyboard
    const held = this.aside.matches(":hover, :focus-visible") && waiting.find(({ key }) => key === this.first?.key);
    const before = this.first;
    this.first = held || waiting[0] || null;
    this.row.classList.toggle("waiting", this.first !== null);
    if (this.first) this.icon.setAttribute("d", ICONS[this.first.reason]);
    say(this.name, this.first?.name ?? "");
    say(this.told, this.first?.told ?? this.data.words[this.data.entries.length ? "nobody_else" : "nobody"]);
    this.text.title = this.first ? `${this.first.name} ${this.first.told}` : "";
    this.label(this.aside, this.data.words.put_aside, this.first?.name ?? "");
    if (!this.first && this.aside.matches(":focus")) this.lead = true; // the keyboard goes to the button beside, or stays in the row
    this.aside.hidden = !this.first;
    if (before && !this.first) this.aside.blur();
  }

  showMore() {
    const needed = this.data.entries.length > (this.first ? 1 : 0);
    say(this.count, this.data.more);
    this.more.hidden = !needed && !this.isOpen() && !this.more.matches(":focus"); // it stays while somebody uses it
    if (this.lead) (this.more.hidden ? this.row : this.more).focus();
    this.lead = false;
  }

  // While it is open every line stays where it is: who needs no look any more is toned down, who comes is added below.
  showList() {
    const now = new Map(this.data.entries.map((entry) => [entry.key, entry]));
    if (!this.isOpen()) {
      this.lines.clear();
      this.list.replaceChildren();
      return;
    }
    for (const [key, line] of this.lines) if (!now.has(key)) this.fill(line, { ...line.entry, over: true });
    for (const [key, entry] of now) {
      if (!this.lines.has(key)) this.lines.set(key, this.makeLine());
      this.fill(this.lines.get(key), entry);
    }
    this.placePanel();
  }

  makeLine() {
    const line = { icon: drawing(""), name: part("strong", "name"), told: part("span", "told"), button: part("button", "", drawing("")), entry: null };
    line.item = part("li", "", line.icon, part("p", "text", line.name, " ", line.told), line.button);
    line.button.type = "button";
    line.button.onclick = (event) => event.detail < 2 && this.putAside(line.entry, !line.entry.aside);
    this.list.append(line.item);
    return line;
  }

  fill(line, entry) {
    const { words } = this.data;
    line.entry = entry;
    line.item.className = entry.over ? "over" : entry.aside ? "put" : "";
    line.icon.firstChild.setAttribute("d", ICONS[entry.reason]);
    say(line.name, entry.name);
    say(line.told, entry.over ? words.over : entry.told);
    line.button.querySelector("path").setAttribute("d", entry.aside ? BACK : PUT_ASIDE);
    this.label(line.button, entry.aside ? words.show_again : words.put_aside, entry.name);
    line.button.setAttribute("aria-disabled", String(Boolean(entry.over)));
  }

  label(button, what, name) {
    button.title = what;
    button.setAttribute("aria-label", `${what}: ${name}`);
  }

  putAside(entry, aside) {
    if (!entry || entry.over) return;
    this.wanted.set(entry.key, { aside, said: 0 });
    this.ask(entry.key);
  }

  ask(key) {
    const wish = this.wanted.get(key);
    wish.said += 1;
    this.hand({ key, aside: wish.aside });
    clearTimeout(this.again);
    this.again = setTimeout(() => this.insist(), AGAIN_MS);
  }

  // Of a part of the page that runs every second Streamlit loses a click now and then.
  insist() {
    const now = new Map(this.data.entries.map(({ key, aside }) => [key, aside]));
    for (const [key, { aside, said }] of this.wanted) {
      if (!now.has(key) || now.get(key) === aside || said === SAID_AT_MOST) this.wanted.delete(key);
    }
    const [first] = this.wanted.keys();
    if (first !== undefined) this.ask(first);
  }

  isOpen() {
    return this.panel.matches(":popover-open") || this.opening;
  }

  open() {
    this.opening = true;
    this.showList();
    this.opening = false;
    this.more.setAttribute("aria-expanded", "true");
    addEventListener("scroll", this.place, { capture: true, passive: true }); // the page scrolls inside Streamlit's own box
    addEventListener("resize", this.place);
  }

  leave() {
    clearTimeout(this.again);
    this.close();
  }

  close() {
    removeEventListener("scroll", this.place, { capture: true });
    removeEventListener("resize", this.place);
    this.more.setAttribute("aria-expanded", "false");
    this.show();
  }

  placePanel() {
    const { left, top, bottom, width } = this.row.getBoundingClientRect();
    const below = innerHeight - bottom - 3 * GAP_PX;
    const above = top - 3 * GAP_PX;
    const under = below >= LEAST_PX || below >= above;
    Object.assign(this.panel.style, {
      left: `${left}px`,
      width: `${width}px`,
      top: under ? `${bottom + GAP_PX}px` : "auto",
      bottom: under ? "auto" : `${innerHeight - top + GAP_PX}px`,
      maxHeight: `${under ? below : above}px`,
    });
  }
}

export default function mount({ data, parentElement, setTriggerValue }) {
  if (!shown.has(parentElement)) shown.set(parentElement, new Attention(parentElement));
  shown.get(parentElement).update(data, (changed) => setTriggerValue("changed", changed));
  return () => {
    shown.get(parentElement)?.leave();
    shown.delete(parentElement);
  };
}
