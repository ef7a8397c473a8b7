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
async function openPhoto(url, words) {
  const photo = new Image();
  photo.src = url;
  await photo.decode().catch(() => {
    throw new Error(words.failed_photo);
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

async function openStream(kind, { deviceId, demoUrl, words }) {
  if (kind === "demo") return openPhoto(demoUrl, words);
  if (!navigator.mediaDevices) throw new Error(words.failed_insecure);
  if (kind === "screen" && !navigator.mediaDevices.getDisplayMedia) throw new Error(words.failed_no_screen); // phones have none
  return { stream: await (kind === "camera" ? openCamera(deviceId) : openScreen()) };
}

async function openRecording(file, video, words) {
  if (!file) throw new Error(words.recording_hint);
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
  if (kind === "recording") return openRecording(options.file, video, options.words);
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

// A sentence with a next step for what a browser throws; what the scripts here throw says it already.
function explainFailure(error, words) {
  if (error.name === "Error") return error.message;
  return words[`failed_${error.name}`] ?? words.failed_other.replace("{error}", error.message);
}

async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
}
