// Starts the sampler as a Worker for one source, and hands it pictures where it cannot read the track itself.

function startSampler(track, data, hear) {
  const script = URL.createObjectURL(new Blob([SAMPLER_SOURCE], { type: "text/javascript" }));
  const worker = new Worker(script);
  URL.revokeObjectURL(script);
  worker.onmessage = (event) => hear(event.data);
  const direct = Boolean(track) && "MediaStreamTrackProcessor" in window;
  const frames = direct ? new MediaStreamTrackProcessor({ track }).readable : null;
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${data.socket_path}`;
  const { token, fps, quality, max_side: maxSide, words, language } = data;
  worker.postMessage({ type: "start", settings: { url, token, fps, quality, maxSide, direct, words, language }, frames }, frames ? [frames] : []);
  return worker;
}

// What a video shows at the moment, or null before its first picture.
async function pictureOf(video) {
  return video.readyState >= 2 ? createImageBitmap(video).catch(() => null) : null;
}

// The answer to the sampler's "want"; a time of null lets its own clock count.
function handBitmap(worker, bitmap, timeS) {
  worker?.postMessage({ type: "bitmap", bitmap, timeS }, bitmap ? [bitmap] : []);
}
