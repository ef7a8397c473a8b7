// The component: buttons, state and wiring. Streamlit calls the default export at every change of `data` with the same
// parentElement, and the function it returned last when the page is left; so the state lives in a map beside it.

const COMPLAINT_MS = 5000; // so long a sentence stands, though frames are answered again

const stages = new WeakMap();

class Stage {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.root = find(".stage");
    this.screen = find(".screen");
    this.video = find(".video");
    this.overlay = find(".overlay");
    this.parts = { start: find(".start"), pause: find(".pause"), stop: find(".stop"), file: find(".file"), camera: find(".camera"), mirror: find(".mirror") };
    this.file = find(".file input");
    this.mirror = find(".mirror input");
    this.texts = { badge: find(".badge-text"), hint: find(".hint"), complaint: find(".complaint"), figures: find(".figures"), mirror: find(".mirror-text") };
    this.legend = find(".legend");
    this.data = null;
    this.opening = null; // aborts the opening of a source
    this.open = null; // what openSource returned, while capturing
    this.worker = null;
    this.begun = false; // whether it was started before
    this.recording = null; // the file chosen last, which Start plays again
    this.paused = false; // nothing is sent, and the source and the connection stay
    this.complainedAt = -Infinity;
    this.answered = []; // times of the last answers, for frames/s
    this.parts.start.onclick = () => this.start();
    this.parts.pause.onclick = () => this.pause(!this.paused);
    this.parts.stop.onclick = () => this.stop();
    this.file.onchange = () => this.takeFile();
    this.parts.camera.onchange = () => this.start();
    this.mirror.onchange = () => this.showMirror();
    this.video.onresize = this.video.onloadedmetadata = () => this.fitScreen();
  }

  update(data) {
    const switched = this.data?.source !== data.source;
    this.data = data;
    this.worker?.postMessage({ type: "token", token: data.token });
    this.showLegend();
    this.showWords(data.source);
    if (switched) this.stop();
    if (data.begins_by_itself && !this.begun) this.start();
  }

  takeFile() {
    this.recording = this.file.files[0] ?? this.recording;
    this.file.value = ""; // else the same file cannot be chosen again
    this.start();
  }

  async start() {
    this.stop();
    this.begun = true;
    const kind = this.data.source;
    const { signal } = (this.opening = new AbortController());
    const options = { signal, words: this.data.words, deviceId: this.parts.camera.value, file: this.recording, demoUrl: this.data.demo_url };
    let opened;
    try {
      opened = await openSource(kind, this.video, options);
    } catch (error) {
      if (signal.aborted) return;
      this.stop();
      return this.complain(explainFailure(error, this.data.words));
    }
    if (signal.aborted) return opened.close(); // left, or another source chosen, while this one was opened
    this.open = opened;
    this.show("connecting", `${this.data.words.connecting} · ${this.data.words[kind]}`);
    if (this.open.track) this.open.track.onended = () => this.stop();
    this.worker = startSampler(this.open.track, this.data, (message) => this.hear(message));
    if (kind === "camera") await this.offerCameras();
  }

  hear(message) {
    if (!this.worker) return; // what was on its way when it was stopped
    const { words } = this.data;
    if (message.type === "want") this.handOver();
    else if (message.type === "live") this.showRunning();
    else if (message.type === "waiting") this.showWaiting(message.text);
    else if (message.type === "problem") this.complain(message.message.text);
    else if (message.type === "gave-up") {
      this.stop();
      this.complain(message.text);
    } else if (message.type === "result" && !this.paused) this.showResult(message);
  }

  // A recording pauses by its own controls.
  pause(paused) {
    this.paused = paused;
    this.worker.postMessage({ type: "pause", paused });
    if (paused) {
      this.video.pause();
      this.clearResult();
    } else this.video.play();
    this.showRunning();
  }

  showRunning() {
    const { words, source } = this.data;
    if (this.paused) this.show("paused", `${words.paused} · ${words[source]}`);
    else this.show("live", `${words.live} · ${words[source]}`);
  }

  // What was read before the connection was lost says nothing of the faces that are in view now.
  showWaiting(reason) {
    this.clearResult();
    this.show("waiting", `${this.data.words.reconnecting} · ${reason}`);
  }

  clearResult() {
    this.answered = [];
    clearOverlay(this.overlay, this.data?.words);
    this.texts.figures.textContent = "";
  }

  // A frame for the worker where it cannot read the track itself; none where a recording has not moved on.
  async handOver() {
    const live = Boolean(this.open?.track);
    const timeS = live ? null : this.video.currentTime; // the worker's own clock counts for what is live
    const bitmap = live || timeS !== this.handedS ? await pictureOf(this.video) : null;
    this.handedS = timeS;
    handBitmap(this.worker, bitmap, timeS);
  }

  showResult({ message, latencyMs }) {
    if (performance.now() - this.complainedAt > COMPLAINT_MS) this.texts.complaint.hidden = true;
    drawResult(this.overlay, message, {
      colors: this.data.colors,
      stateColor: this.data.state_color,
      unsureColor: this.data.unsure_color,
      mirrored: this.screen.classList.contains("mirrored"),
      labels: this.data.labels,
      words: this.data.words,
      facesHidden: this.data.faces_hidden,
    });
    const now = performance.now();
    this.answered = [...this.answered.filter((at) => now - at < 3000), now];
    const perSecond = this.answered.length > 1 ? ((this.answered.length - 1) * 1000) / (now - this.answered[0]) : 0;
    const { words } = this.data;
    const n = message.readings.length;
    const count = n === 1 ? words.one_face : words.faces.replace("{n}", n);
    const faces = this.data.faces_hidden ? "" : `${count} · `;
    this.texts.figures.textContent = `${faces}${perSecond.toFixed(1)} ${words.per_second} · ${Math.round(latencyMs)} ms`;
    this.root.dataset.latencyMs = latencyMs.toFixed(1);
  }

  stop() {
    this.opening?.abort();
    this.worker?.postMessage({ type: "stop" });
    this.worker = null;
    this.open?.close();
    this.open = null;
    this.paused = false;
    this.handedS = null;
    closeVideo(this.video);
    this.clearResult();
    this.texts.complaint.hidden = true;
    this.show("idle", "");
  }

  show(state, badge) {
    const kind = this.data?.source ?? "camera";
    const focused = this.root.getRootNode().activeElement;
    this.root.dataset.state = state;
    this.root.dataset.source = kind;
    this.texts.badge.textContent = badge;
    this.showWords(kind);
    this.parts.start.hidden = state !== "idle" || (kind === "recording" && !this.recording);
    this.parts.pause.hidden = !["live", "paused"].includes(state) || kind === "recording";
    this.parts.stop.hidden = state === "idle";
    this.parts.file.hidden = state !== "idle" || kind !== "recording";
    this.parts.mirror.hidden = kind !== "camera";
    this.parts.camera.hidden = kind !== "camera" || this.parts.camera.options.length < 2;
    this.showMirror();
    const buttons = [this.parts.stop, this.parts.start];
    // the button that was pressed is gone: whoever came by keyboard goes on at the one in its place
    if (focused?.hidden && [...buttons, this.parts.pause].includes(focused)) buttons.find((button) => !button.hidden)?.focus();
  }

  showWords(kind) {
    const { words } = this.data;
    this.texts.hint.textContent = words[`${kind}_hint`];
    this.parts.start.textContent = words.start;
    this.parts.pause.textContent = this.paused ? words.resume : words.pause;
    this.parts.stop.textContent = words.stop;
    this.texts.mirror.textContent = words.mirror;
    this.parts.camera.setAttribute("aria-label", words.which_camera);
  }

  showMirror() {
    this.screen.classList.toggle("mirrored", this.data?.source === "camera" && this.mirror.checked);
  }

  showLegend() {
    const entry = (text, color, style) => {
      const item = document.createElement("li");
      const swatch = item.appendChild(document.createElement("i"));
      swatch.style.color = color;
      swatch.className = style;
      item.append(text);
      return item;
    };
    const { colors, unsure_color: unsure, labels, words } = this.data;
    const emotions = Object.entries(colors).map(([label, color]) => entry(labels[label], color, "filled"));
    this.legend.replaceChildren(
      ...emotions,
      entry(labels.unsure, unsure, "dashed"),
      entry(words.unknown_person, unsure, ""),
      entry(words.by_personal, "currentColor", "round filled"),
      entry(words.by_generic, "currentColor", "round"),
    );
  }

  async offerCameras() {
    const cameras = await listCameras();
    const current = this.open?.track?.getSettings().deviceId;
    this.parts.camera.replaceChildren(...cameras.map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === current)));
    this.parts.camera.hidden = cameras.length < 2;
  }

  fitScreen() {
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth) this.screen.style.setProperty("--aspect", (videoWidth / videoHeight).toFixed(4));
  }

  complain(text) {
    this.texts.complaint.textContent = text;
    this.texts.complaint.hidden = false;
    this.complainedAt = performance.now();
  }
}

export default function mount({ data, parentElement }) {
  if (!stages.has(parentElement)) stages.set(parentElement, new Stage(parentElement));
  stages.get(parentElement).update(data);
  return () => {
    stages.get(parentElement)?.stop();
    stages.delete(parentElement);
  };
}
