// The cards of the class. Streamlit calls the default export at every change of `data` with the same parentElement; cards
// stay the same elements, so that nothing flickers and a screen reader is not thrown back to the first.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 100, MIDDLE = 10; // of a line's own units: the valence +1 is at 0, -1 at 20
const MANY = 15; // from so many students on their cards are small

function make(tag, className, parent) {
  const element = document.createElement(tag);
  element.className = className;
  parent.append(element);
  return element;
}

function makeCard(list) {
  const card = make("li", "card", list);
  const head = make("div", "head", card);
  const parts = { card, name: make("span", "name", head), mark: make("span", "mark", head) };
  const look = make("div", "look", card);
  parts.mark.setAttribute("role", "img");
  parts.emotion = make("span", "emotion", look);
  parts.confidence = make("span", "confidence", look);
  const line = document.createElementNS(SVG, "svg");
  line.setAttribute("viewBox", `0 0 ${WIDTH} ${2 * MIDDLE}`);
  line.setAttribute("preserveAspectRatio", "none");
  line.setAttribute("aria-hidden", "true"); // the emotion of now is said in words, the report tells the rest
  line.innerHTML = `<title></title><line x1="0" x2="${WIDTH}" y1="${MIDDLE}" y2="${MIDDLE}"/><polygon/><polyline/>`;
  card.append(line);
  parts.line = line;
  parts.seen = make("div", "seen", card);
  return parts;
}

// Black or white, whichever is easier to read on the color (WCAG 2.2, relative luminance).
function inkOn(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

function fill(parts, student, lately) {
  const { card, name, mark, emotion, confidence, line, seen } = parts;
  const looked = student.emotion !== null;
  name.textContent = name.title = student.name;
  card.classList.toggle("unseen", !looked);
  mark.classList.toggle("own", student.personal);
  mark.title = student.read_by;
  mark.setAttribute("aria-label", student.read_by);
  emotion.textContent = student.emotion ?? "";
  emotion.classList.toggle("unsure", !student.named);
  card.style.setProperty("--look", student.color_rgb);
  card.style.setProperty("--ink", inkOn(student.color_rgb));
  confidence.textContent = looked ? `${Math.round(100 * student.confidence)} %` : "";
  const step = WIDTH / Math.max(1, student.lately.length - 1);
  const points = student.lately.map((valence, i) => `${(i * step).toFixed(1)},${(MIDDLE * (1 - 0.95 * valence)).toFixed(1)}`);
  line.querySelector("title").textContent = lately;
  line.querySelector("polyline").setAttribute("points", points.join(" "));
  line.querySelector("polygon").setAttribute("points", points.length ? [`0,${MIDDLE}`, ...points, `${WIDTH},${MIDDLE}`].join(" ") : "");
  seen.classList.toggle("now", student.in_view && !student.evidence);
  seen.title = seen.textContent = [student.seen, student.evidence].filter(Boolean).join(" · ");
}

const cardsOf = new WeakMap();

export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".cards");
  if (!cardsOf.has(parentElement)) cardsOf.set(parentElement, []);
  const cards = cardsOf.get(parentElement);
  list.setAttribute("aria-label", data.what);
  list.classList.toggle("many", data.cards.length >= MANY);
  while (cards.length > data.cards.length) cards.pop().card.remove();
  while (cards.length < data.cards.length) cards.push(makeCard(list));
  data.cards.forEach((student, i) => fill(cards[i], student, data.lately));
}
