// Draws one result over the video. Boxes come in pixels of the frame that was analyzed; the canvas has its own size, and
// where the picture is mirrored for a selfie view only the drawing is mirrored, never the frame that was sent.

const NAME_FONT = "600 13px system-ui, sans-serif";
const EMOTION_FONT = "500 12px system-ui, sans-serif";
const SMALL_FONT = "500 10px system-ui, sans-serif";
const ROOMY_PX = 15000; // of the picture for each face, from which on labels have two lines: all alike, and steady
const WIDEST_PX = 160; // of a short label that has no neighbor

function emotionText(reading, labels) {
  if (reading.emotion === null) return labels.unsure;
  return `${labels[reading.emotion] ?? reading.emotion} ${Math.round(reading.confidence * 100)} %`;
}

function describeReadings(readings, labels, words) {
  if (readings.length === 0) return words.no_faces;
  const by = (reading) => (reading.prototypes === "personal" ? words.by_personal : words.by_generic);
  return readings.map((reading) => `${reading.name ?? labels.unknown}: ${emotionText(reading, labels)} (${by(reading)})`).join("; ");
}

function placeOnCanvas(box, result, width, height, mirrored) {
  const scaleX = width / result.width;
  const scaleY = height / result.height;
  const [x1, y1, x2, y2] = box;
  const left = mirrored ? (result.width - x2) * scaleX : x1 * scaleX;
  return { left, top: y1 * scaleY, width: (x2 - x1) * scaleX, height: (y2 - y1) * scaleY };
}

function drawBox(context, place, color, dashed) {
  context.beginPath();
  context.roundRect(place.left, place.top, place.width, place.height, 6);
  context.strokeStyle = "rgb(16 20 24 / 55%)"; // a dark halo, so that every color shows on every face
  context.lineWidth = 5;
  context.stroke();
  context.setLineDash(dashed ? [7, 5] : []);
  context.strokeStyle = color;
  context.lineWidth = 3;
  context.stroke();
  context.setLineDash([]);
}

// How wide a label may be so as not to reach into that of a neighbor to the left or right.
function roomAcross(place, places) {
  const beside = places.filter((other) => other !== place && Math.abs(other.top - place.top) < place.height);
  return Math.min(WIDEST_PX, ...beside.map((other) => Math.max(place.width, Math.abs(other.left - place.left) - 4)));
}

// What a label says, and the size of that: two lines, or one short line in a crowded gallery, where the name is cut first, then
// the emotion, which the color tells too.
function measureLabel(context, roomy, room, reading, labels) {
  const name = reading.name ?? labels.unknown;
  if (roomy) {
    const emotion = emotionText(reading, labels);
    const lines = [{ text: name, font: NAME_FONT, left: 7, middle: 11 }, { text: emotion, font: EMOTION_FONT, left: 21, middle: 26 }];
    return { lines, mark: { left: 12, middle: 26, radius: 4 }, width: widest(context, lines) + 7, height: 36 };
  }
  const emotion = reading.emotion === null ? labels.unsure : (labels[reading.emotion] ?? reading.emotion);
  const line = { text: "", font: SMALL_FONT, left: 13, middle: 8 };
  const parts = [name, emotion].map((word) => ({ letters: [...word], whole: word }));
  const shown = ({ letters, whole }) => (letters.length < [...whole].length ? `${letters.join("").trimEnd()}…` : whole);
  const isTooWide = () => {
    line.text = parts.map(shown).join(" · ");
    return widest(context, [line]) + 4 > room;
  };
  for (const [{ letters }, least] of [[parts[0], 3], [parts[1], 2], [parts[0], 1]]) {
    while (isTooWide() && letters.length > least) letters.pop();
  }
  return { lines: [line], mark: { left: 7, middle: 8, radius: 3 }, width: widest(context, [line]) + 4, height: 16 };
}

function widest(context, lines) {
  return Math.max(...lines.map(({ text, font, left }) => {
    context.font = font;
    return left + context.measureText(text).width;
  }));
}

function shared(one, other) {
  const across = Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left);
  const down = Math.min(one.top + one.height, other.top + other.height) - Math.max(one.top, other.top);
  return Math.max(0, across) * Math.max(0, down);
}

// Where the label of each face lies: above it, or below where that hides less of the faces and of the labels above others.
function placeLabels(places, sizes, bounds) {
  const spot = ({ width, height }, place, top) => ({
    left: Math.max(0, Math.min(place.left + place.width / 2 - width / 2, bounds.width - width)),
    top: Math.max(0, Math.min(top, bounds.height - height)),
    width,
    height,
  });
  const above = places.map((place, i) => spot(sizes[i], place, place.top - sizes[i].height - 3));
  return places.map((place, i) => {
    const others = [...places, ...above.filter((_, k) => k !== i)];
    const hidden = (label) => others.reduce((sum, other) => sum + shared(label, other), 0);
    const below = spot(sizes[i], place, place.top + place.height + 3);
    return hidden(below) < hidden(above[i]) ? below : above[i];
  });
}

function drawLabel(context, spot, { lines, mark }, color, personal) {
  context.fillStyle = "rgb(16 20 24 / 82%)";
  context.beginPath();
  context.roundRect(spot.left, spot.top, spot.width, spot.height, 5);
  context.fill();
  context.textBaseline = "middle";
  context.fillStyle = "#fff";
  for (const { text, font, left, middle } of lines) {
    context.font = font;
    context.fillText(text, spot.left + left, spot.top + middle);
  }
  context.beginPath();
  context.arc(spot.left + mark.left, spot.top + mark.middle, mark.radius, 0, 2 * Math.PI);
  context.lineWidth = 2;
  context.strokeStyle = context.fillStyle = color;
  if (personal) context.fill();
  context.stroke();
}

// An empty canvas in the pixels of the page, as sharp as the screen.
function beginDrawing(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const bounds = { width: canvas.clientWidth, height: canvas.clientHeight };
  canvas.width = Math.round(bounds.width * ratio);
  canvas.height = Math.round(bounds.height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return { context, bounds };
}

function drawResult(canvas, result, { colors, stateColor, unsureColor, mirrored, labels, words, facesHidden }) {
  const { context, bounds } = beginDrawing(canvas);
  const emotionColor = ({ emotion }) => (emotion === null ? unsureColor : (colors[emotion] ?? stateColor));
  const places = result.readings.map(({ box_xyxy }) => placeOnCanvas(box_xyxy, result, bounds.width, bounds.height, mirrored));
  const roomy = bounds.width * bounds.height >= ROOMY_PX * places.length;
  const labelled = places.map((place, i) => measureLabel(context, roomy, roomAcross(place, places), result.readings[i], labels));
  const spots = placeLabels(places, labelled, bounds);
  result.readings.forEach((reading, i) => {
    drawBox(context, places[i], reading.name === null ? unsureColor : emotionColor(reading), reading.emotion === null);
  });
  result.readings.forEach((reading, i) => { // after all boxes, so that no box crosses a text
    drawLabel(context, spots[i], labelled[i], emotionColor(reading), reading.prototypes === "personal");
  });
  canvas.setAttribute("aria-label", facesHidden ? words.faces_hidden : describeReadings(result.readings, labels, words));
}

function clearOverlay(canvas, words) {
  canvas.width = canvas.width; // resizing, even to the same size, clears
  canvas.setAttribute("aria-label", words?.no_faces ?? "");
}
