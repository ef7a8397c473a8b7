// Opens what the teacher chose and puts it into the <video>. A recording stays on this computer: it is decoded here, and
// only the frames that are analyzed leave the page, like those of a camera.

const FIRST_PICTURE_MS = 2000; // how long the start of a source waits for one

async function openCamera(deviceId) {
  const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  if (deviceId) wanted.deviceId = { exact: deviceId };
  return navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
}

async function openScreen() {
  return navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: false });
}

// The demo class: a photo under a slow, hand-held camera with everybody in view. Drawn here, so that it starts at once.
async function openPhoto(url) {
  const photo = new Image();
  photo.src = url;
  await photo.decode().catch(() => {
    throw new Error("The photo of the demo class could not be loaded. Reload the page.");
  });
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const context = canvas.getContext("2d");
  const beganAt = performance.now();
  const move = () => {
    const turn = ((performance.now() - beganAt) / 12000) * 2 * Math.PI;
    const zoom = (canvas.width / photo.width) * (0.93 + 0.1 * Math.sin(turn));
    context.resetTransform();
    context.fillStyle = "#202830";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.translate(canvas.width / 2, canvas.height / 2);
    context.rotate(0.026 * Math.sin(2 * turn));
    context.scale(zoom, zoom);
    context.drawImage(photo, -photo.width * (0.5 + 0.012 * Math.sin(turn)), -photo.height * (0.4 + 0.02 * Math.cos(turn)));
  };
  move();
  const timer = setInterval(move, 40);
  const stream = canvas.captureStream(25);
  return { stream, cease: () => clearInterval(timer) };
}

async function openStream(kind, { deviceId, demoUrl }) {
  if (kind === "demo") return openPhoto(demoUrl);
  if (!navigator.mediaDevices) throw new Error("Browsers give a camera or screen only to pages on https or localhost.");
  return { stream: await (kind === "camera" ? openCamera(deviceId) : openScreen()) };
}

async function openRecording(file, video) {
  if (!file) throw new Error("Choose a video file first.");
  const url = URL.createObjectURL(file);
  const close = () => URL.revokeObjectURL(url);
  video.controls = true;
  video.src = url;
  await video.play().catch((error) => {
    close();
    throw error;
  });
  return { track: null, close };
}

// {track, close}: the live track, null for a recording, and how to let go of everything. Who no longer wants it when the
// browser has asked the teacher aborts the `signal`: then nothing is kept open, and the video stays what it has become.
async function openSource(kind, video, { signal, ...options }) {
  if (kind === "recording") return openRecording(options.file, video);
  const { stream, cease } = await openStream(kind, options);
  const close = () => {
    cease?.();
    stream.getTracks().forEach((track) => track.stop());
  };
  if (signal.aborted) close();
  signal.throwIfAborted();
  video.srcObject = stream;
  // a shared picture that stands still may send its first frame to nobody but the sampler, which starts after this
  await Promise.race([video.play(), new Promise((resolve) => setTimeout(resolve, FIRST_PICTURE_MS))]).catch((error) => {
    close(); // whoever has left the page meanwhile is not filmed on
    throw error;
  });
  return { track: stream.getVideoTracks()[0], close };
}

function closeVideo(video) {
  video.pause();
  video.srcObject = null;
  video.removeAttribute("src");
  video.controls = false;
  video.load();
}

function explainFailure(error, kind) {
  const device = kind === "camera" ? "camera" : "screen";
  const sentences = {
    NotAllowedError: `The browser was not allowed to use the ${device}. Allow it and press Start again.`,
    NotFoundError: "No camera was found. Plug one in, or choose another source.",
    OverconstrainedError: "That camera is gone. Choose another one.",
    NotReadableError: `The ${device} is in use by another program. Close that program and press Start again.`,
    NotSupportedError: "This browser cannot play the video. MP4 (H.264) and WebM play in every browser.",
  };
  return sentences[error.name] ?? error.message;
}

async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
}
