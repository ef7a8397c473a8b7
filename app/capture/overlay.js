// Draws one result over the video. Boxes come in pixels of the frame that was analyzed; the canvas has its own size, and
// where the picture is mirrored for a selfie view only the drawing is mirrored, never the frame that was sent.

const LABEL_FONT = "600 13px system-ui, sans-serif";
const EMOTION_FONT = "500 12px system-ui, sans-serif";

function emotionText(reading, labels) {
  if (reading.emotion === null) return labels.unsure;
  return `${labels[reading.emotion] ?? reading.emotion} ${Math.round(reading.confidence * 100)} %`;
}

function describeReadings(readings, labels, words) {
  if (readings.length === 0) return words.no_faces;
  return readings.map((reading) => `${reading.name ?? labels.unknown}: ${emotionText(reading, labels)} (${reading.prototypes})`).join("; ");
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

function drawLabel(context, place, reading, color, bounds, labels) {
  const name = reading.name ?? labels.unknown;
  const emotion = emotionText(reading, labels);
  context.font = LABEL_FONT;
  const nameWidth = context.measureText(name).width;
  context.font = EMOTION_FONT;
  const emotionWidth = context.measureText(emotion).width + 14;
  const width = Math.max(nameWidth, emotionWidth) + 14;
  const height = 36;
  const above = place.top - height - 3;
  const top = Math.min(above >= 0 ? above : place.top + place.height + 3, bounds.height - height);
  const left = Math.max(0, Math.min(place.left + place.width / 2 - width / 2, bounds.width - width));

  context.fillStyle = "rgb(16 20 24 / 82%)";
  context.beginPath();
  context.roundRect(left, top, width, height, 5);
  context.fill();
  context.textBaseline = "middle";
  context.fillStyle = "#fff";
  context.font = LABEL_FONT;
  context.fillText(name, left + 7, top + 11);
  context.font = EMOTION_FONT;
  context.fillText(emotion, left + 21, top + 26);
  context.beginPath();
  context.arc(left + 12, top + 26, 4, 0, 2 * Math.PI);
  context.lineWidth = 2;
  context.strokeStyle = context.fillStyle = color;
  if (reading.prototypes === "personal") context.fill();
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

function drawResult(canvas, result, { colors, stateColor, unsureColor, mirrored, labels, words }) {
  const { context, bounds } = beginDrawing(canvas);
  for (const reading of result.readings) {
    const emotionColor = reading.emotion === null ? unsureColor : (colors[reading.emotion] ?? stateColor);
    const place = placeOnCanvas(reading.box_xyxy, result, bounds.width, bounds.height, mirrored);
    const boxColor = reading.name === null ? unsureColor : emotionColor;
    drawBox(context, place, boxColor, reading.emotion === null);
    drawLabel(context, place, reading, emotionColor, bounds, labels);
  }
  canvas.setAttribute("aria-label", describeReadings(result.readings, labels, words));
}

function clearOverlay(canvas) {
  canvas.width = canvas.width; // resizing, even to the same size, clears
  canvas.setAttribute("aria-label", "no faces yet");
}
