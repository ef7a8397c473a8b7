// The guided camera: it says of every picture what is wrong or that it is good, and hands the photo to the page when the
// shutter is pressed, or by itself. Like the stage, Streamlit calls the default export at every change of `data`.

const HOLD_MS = 1000; // of good pictures, until the shutter goes by itself
const POSE_MS = 3000; // to put on the face that is asked for, before that begins to count
const VERDICTS = { good: { mark: "✓", color: "#009e73" }, bad: { mark: "!", color: "#e69f00" }, none: { mark: "…" } };
const PHOTO_QUALITY = 0.95;

const guides = new WeakMap();

class Guide {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.root = find(".guide");
    this.screen = find(".screen");
    this.video = find(".video");
    this.overlay = find(".overlay");
    this.parts = { start: find(".start"), shutter: find(".shutter"), auto: find(".auto"), camera: find(".camera") };
    this.auto = find(".auto input");
    this.texts = { off: find(".off"), start: find(".start"), shutter: find(".shutter"), auto: find(".auto-text"), prompt: find(".prompt"), sentence: find(".sentence"), mark: find(".mark"), note: find(".note"), complaint: find(".complaint") };
    this.data = null;
    this.hand = null; // gives a photo to the page
    this.open = null; // what openSource returned, while the camera runs
    this.worker = null;
    this.goodSince = null;
    this.askedAt = 0;
    this.busy = false; // from the shutter until the page has judged the photo
    this.parts.start.onclick = () => this.start();
    this.parts.shutter.onclick = () => this.take();
    this.parts.camera.onchange = () => this.start();
    this.auto.onchange = () => this.wait();
    this.video.onresize = this.video.onloadedmetadata = () => this.fitScreen();
  }

  update(data, hand) {
    const isFirst = this.data === null;
    if (this.data?.given !== data.given) this.busy = false;
    if (this.data?.given !== data.given || this.data?.label !== data.label) this.wait();
    this.data = data;
    this.hand = hand;
    this.worker?.postMessage({ type: "token", token: data.token });
    for (const where of ["off", "start", "shutter", "auto"]) this.say(where, data.words[`guide_${where}`]);
    this.parts.camera.setAttribute("aria-label", data.words.which_camera);
    this.say("prompt", data.prompt);
    this.say("note", data.note);
    if (isFirst) this.start();
  }

  async start() {
    this.stop();
    const { signal } = (this.opening = new AbortController());
    this.complain("");
    let opened;
    try {
      opened = await openSource("camera", this.video, { signal, words: this.data.words, deviceId: this.parts.camera.value });
    } catch (error) {
      if (signal.aborted) return;
      this.stop();
      return this.complain(`${explainFailure(error, this.data.words)} ${this.data.words.guide_upload}`);
    }
    if (signal.aborted) return opened.close(); // left, or started again, while the browser was asking
    this.open = opened;
    opened.track.onended = () => {
      this.stop();
      this.complain(this.data.words.camera_gone);
    };
    this.show("connecting");
    this.root.scrollIntoView({ block: "nearest", behavior: "smooth" }); // the shutter lies below the picture
    this.worker = startSampler(opened.track, this.data, (message) => this.hear(message));
    await this.offerCameras();
  }

  stop() {
    this.opening?.abort();
    this.worker?.postMessage({ type: "stop" });
    this.worker = null;
    this.open?.close();
    this.open = null;
    this.busy = false;
    closeVideo(this.video);
    this.show("idle");
  }

  async hear(message) {
    if (!this.worker) return; // its last words
    if (message.type === "want") handBitmap(this.worker, await pictureOf(this.video), null);
    else if (message.type === "live") this.show("live");
    else if (message.type === "waiting") this.show("waiting", message.text);
    else if (message.type === "problem") this.complain(message.message.text);
    else if (message.type === "gave-up") {
      this.stop();
      this.complain(message.text);
    } else if (message.type === "result") this.showPreview(message.message);
  }

  showPreview(preview) {
    this.complain("");
    if (this.busy) return;
    this.judge(preview.good ? "good" : "bad", preview.text);
    const { context, bounds } = beginDrawing(this.overlay);
    for (const box of preview.boxes_xyxy) {
      const place = placeOnCanvas(box, preview, bounds.width, bounds.height, true);
      drawBox(context, place, VERDICTS[this.root.dataset.verdict].color, !preview.good);
    }
    const now = performance.now();
    this.goodSince = preview.good ? (this.goodSince ?? now) : null;
    const heldMs = preview.good ? now - Math.max(this.goodSince, this.askedAt + POSE_MS) : 0;
    if (this.auto.checked && this.data.auto && heldMs >= HOLD_MS) this.take();
  }

  // The picture of the moment as the camera gave it: neither shrunk nor mirrored.
  take() {
    if (this.root.dataset.verdict !== "good") return;
    const photo = Object.assign(document.createElement("canvas"), { width: this.video.videoWidth, height: this.video.videoHeight });
    photo.getContext("2d").drawImage(this.video, 0, 0);
    this.busy = true;
    this.judge("none", this.data.words.guide_looking);
    this.hand({ label: this.data.label, url: photo.toDataURL("image/jpeg", PHOTO_QUALITY) });
  }

  wait() {
    this.askedAt = performance.now();
    this.goodSince = null;
  }

  show(state, text = this.data.words.guide_starting) {
    const idle = state === "idle";
    this.root.dataset.state = state;
    this.judge("none", idle ? "" : text);
    this.wait();
    this.parts.start.hidden = !idle;
    this.parts.shutter.hidden = this.parts.auto.hidden = idle;
    this.parts.camera.hidden = this.parts.camera.options.length < 2;
  }

  // Stays focusable while it cannot be pressed, so that the keyboard is not lost at every bad picture.
  judge(verdict, sentence) {
    this.root.dataset.verdict = verdict;
    this.parts.shutter.setAttribute("aria-disabled", String(verdict !== "good"));
    this.say("mark", VERDICTS[verdict].mark);
    this.say("sentence", sentence);
    if (verdict === "none") clearOverlay(this.overlay, this.data?.words);
  }

  // Only what is new: a screen reader reads it out.
  say(where, text) {
    if (this.texts[where].textContent !== text) this.texts[where].textContent = text;
  }

  complain(text) {
    this.say("complaint", text);
    this.texts.complaint.hidden = !text;
    if (text) this.texts.complaint.scrollIntoView({ block: "nearest" });
  }

  async offerCameras() {
    const cameras = await listCameras();
    const current = this.open?.track.getSettings().deviceId;
    this.parts.camera.replaceChildren(...cameras.map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === current)));
    this.parts.camera.hidden = cameras.length < 2;
  }

  fitScreen() {
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth) this.screen.style.setProperty("--aspect", (videoWidth / videoHeight).toFixed(4));
  }
}

export default function mount({ data, parentElement, setTriggerValue }) {
  if (!guides.has(parentElement)) guides.set(parentElement, new Guide(parentElement));
  guides.get(parentElement).update(data, (photo) => setTriggerValue("photo", photo));
  return () => {
    guides.get(parentElement)?.stop();
    guides.delete(parentElement);
  };
}
