// A Worker: takes frames, sends one at a time, waits for the answer. It lives off the page's thread because browsers slow
// a hidden page's timers to one a second, but not a Worker's; with MediaStreamTrackProcessor the frames of a camera or
// screen come straight here too, so a tab hidden behind the meeting keeps its pace. Elsewhere the page hands bitmaps over.

// A network that swallows everything closes no socket for many minutes; whoever is silent for so long is lost.
const ANSWER_MS = 10_000; // of a frame, or of a connection
const READY_MS = 120_000; // of the server, which may have models to load first

let settings = null; // { url, token, fps, quality, maxSide, direct, words, language }
let latest = null; // newest VideoFrame of a live track
let wanted = null; // resolves with the bitmap the page was asked for
let socket = null;
let stopped = false;
let paused = false; // nothing is taken, and the connection stays
let beganAt = 0;
const canvas = new OffscreenCanvas(1, 1);

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function readTrack(frames) {
  const reader = frames.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done || stopped) return value?.close();
    latest?.close();
    latest = value;
  }
}

// {image, timeS, close} of the moment, or null where there is nothing new to see. A shared picture that stands still may
// send a track no frame at all, so until the first one the page is asked for what its video shows.
async function takeFrame() {
  if (latest) {
    return { image: latest, width: latest.displayWidth, height: latest.displayHeight, timeS: (performance.now() - beganAt) / 1000 };
  }
  const answer = new Promise((resolve) => (wanted = resolve));
  postMessage({ type: "want" });
  const { bitmap, timeS } = await answer;
  const shownS = timeS ?? (performance.now() - beganAt) / 1000;
  return bitmap && { image: bitmap, width: bitmap.width, height: bitmap.height, timeS: shownS, close: () => bitmap.close() };
}

async function encode(frame) {
  const shrink = Math.min(1, settings.maxSide / Math.max(frame.width, frame.height));
  canvas.width = Math.round(frame.width * shrink);
  canvas.height = Math.round(frame.height * shrink);
  canvas.getContext("2d").drawImage(frame.image, 0, 0, canvas.width, canvas.height);
  frame.close?.();
  const jpeg = await canvas.convertToBlob({ type: "image/jpeg", quality: settings.quality });
  const header = new DataView(new ArrayBuffer(8));
  header.setFloat64(0, frame.timeS, true);
  return new Blob([header.buffer, jpeg]);
}

// What `begin` resolves with, or an error of that text where the socket closes or nothing happens for so long.
function within(ms, text, begin) {
  let timer;
  const happened = new Promise((resolve, reject) => {
    const lost = () => reject(new Error(text));
    timer = setTimeout(lost, ms);
    socket.onclose = socket.onerror = lost;
    begin(resolve, lost);
  });
  return happened.finally(() => clearTimeout(timer));
}

// The next message of the socket, or an error where it closes first or has closed already, as between two frames.
function nextMessage(ms) {
  return within(ms, settings.words.connection_lost, (resolve, lost) => {
    if (socket.readyState !== WebSocket.OPEN) return lost();
    socket.onmessage = (event) => resolve(JSON.parse(event.data));
  });
}

function complaint(message) {
  return Object.assign(new Error(message.text), { then: message.then });
}

async function connect() {
  socket = new WebSocket(settings.url);
  await within(ANSWER_MS, settings.words.unreachable, (resolve) => (socket.onopen = resolve));
  socket.send(JSON.stringify({ token: settings.token, language: settings.language }));
  const message = await nextMessage(READY_MS);
  if (message.type === "error") throw complaint(message);
}

async function exchangeFrames() {
  while (!stopped) {
    const startedAt = performance.now();
    const frame = paused ? null : await takeFrame();
    if (frame) {
      socket.send(await encode(frame));
      const message = await nextMessage(ANSWER_MS);
      if (message.type === "error" && message.then !== "continue") throw complaint(message);
      const latencyMs = performance.now() - startedAt;
      postMessage({ type: message.type === "error" ? "problem" : "result", message, latencyMs, capturedAt: startedAt });
    } else if (socket.readyState !== WebSocket.OPEN) {
      throw new Error(settings.words.connection_lost);
    }
    await sleep(Math.max(0, 1000 / settings.fps - (performance.now() - startedAt)));
  }
}

async function run() {
  let pauseMs = 500;
  while (!stopped) {
    try {
      await connect();
      pauseMs = 500;
      postMessage({ type: "live" });
      await exchangeFrames();
    } catch (error) {
      socket.onclose = socket.onerror = null;
      socket.close();
      if (stopped) return;
      if (error.then === "stop") return postMessage({ type: "gave-up", text: error.message });
      postMessage({ type: "waiting", text: error.message });
      await sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, 8000);
    }
  }
}

onmessage = ({ data }) => {
  if (data.type === "start") {
    settings = data.settings;
    beganAt = performance.now();
    if (settings.direct) readTrack(data.frames);
    run();
  } else if (data.type === "token") {
    settings.token = data.token;
  } else if (data.type === "pause") {
    paused = data.paused;
  } else if (data.type === "bitmap") {
    wanted?.(data);
  } else if (data.type === "stop") {
    stopped = true;
    latest?.close();
    socket?.close();
    close();
  }
};
