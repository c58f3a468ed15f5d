// The page: uploads, the library, search, the player, analyses. Text of others enters it as textContent only.
import { unfinished, upload } from "/uploads/browser_uploads.js";

const $ = (id) => document.getElementById(id);
const make = (template) => $(template).content.firstElementChild.cloneNode(true);
const part = (element, name) => element.querySelector(`.${name}`);
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** A response that is one of the service, or an error that a person can read. */
async function request(path, options) {
  const response = await fetch(path, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Error("The service cannot be reached. Check your connection, and try again.");
  });
  if (response.ok) return response;
  const { message, detail } = await response.json().catch(() => ({}));
  throw new Error([message, detail].find((text) => typeof text === "string") ?? `That did not work (status ${response.status}).`);
}

function picture(element, url, description) {
  const image = Object.assign(new Image(), { src: url, alt: description, loading: "lazy" });
  image.onerror = () => image.remove();
  part(element, "picture").replaceChildren(image);
}

// ---- Uploads: two files at a time, each in several chunks -------------------------------------------------------

const local = new Map(); // files of this visit by asset: they are played from the disk
const waiting = [];
let active = 0;

function addFiles(files) {
  for (const file of files) {
    const row = make("upload");
    part(row, "name").textContent = file.name;
    row.querySelector("progress").ariaLabel = `Upload of ${file.name}`;
    $("uploads").append(row);
    enqueue(file, row);
  }
  $("files").value = "";
}

function enqueue(file, row) {
  const control = new AbortController();
  const cancel = part(row, "cancel");
  const show = (text, problem = false) => {
    part(row, "state").textContent = text;
    row.classList.toggle("problem", problem);
    part(row, "again").hidden = !problem;
    cancel.textContent = problem ? "Remove" : "Cancel";
  };
  show("waiting");
  part(row, "again").onclick = () => enqueue(file, row);
  cancel.onclick = () => {
    control.abort();
    row.remove();
    showUnfinished();
  };
  waiting.push(async () => {
    if (control.signal.aborted) return;
    part(row, "again").hidden = true;
    try {
      const onProgress = ({ loaded, total, resumed, via }) => {
        row.querySelector("progress").value = loaded / total;
        const notes = [resumed ? "resumed" : "", via === "service" ? "through the service" : ""].filter(Boolean);
        show([`${megabytes(loaded)} of ${megabytes(total)}`, ...notes].join(", "));
      };
      const { assetId } = await upload(file, { parallel: 3, signal: control.signal, onProgress });
      local.set(assetId, URL.createObjectURL(file));
      row.remove();
      say(`${file.name} is uploaded.`);
    } catch (error) {
      if (!control.signal.aborted) show(error.message, true);
    }
    showUnfinished();
  });
  next();
}

async function next() {
  if (active >= 2 || !waiting.length) return;
  active++;
  await waiting.shift()();
  active--;
  next();
}

function say(text) {
  $("library-status").textContent = text;
}

/** Uploads of an earlier visit: the browser does not give a page a file again by itself. */
function showUnfinished() {
  const shown = new Set([...document.querySelectorAll(".upload:not(.unfinished) .name")].map((name) => name.textContent));
  document.querySelectorAll(".unfinished").forEach((row) => row.remove());
  for (const { name, size, forget } of unfinished()) {
    if (shown.has(name)) continue;
    const row = make("upload");
    row.classList.add("unfinished");
    part(row, "name").textContent = name;
    part(row, "state").textContent = `was interrupted: choose this file (${megabytes(size)}) again to go on`;
    row.querySelector("progress").remove();
    part(row, "cancel").textContent = "Discard";
    part(row, "cancel").onclick = () => {
      forget();
      row.remove();
    };
    $("uploads").append(row);
  }
}

$("files").onchange = () => addFiles($("files").files);
addEventListener("dragover", (event) => {
  event.preventDefault();
  $("drop").classList.add("over");
});
addEventListener("dragleave", () => $("drop").classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  $("drop").classList.remove("over");
  addFiles(event.dataTransfer.files);
});
addEventListener("beforeunload", (event) => {
  if (active) event.preventDefault();
});
showUnfinished();

// ---- The library: the service says what changes -----------------------------------------------------------------

const videos = new Map(); // by asset
const rows = new Map();
const byId = (id) => [...videos.values()].find((video) => video.id === id);
const STATES = { processing: "being prepared", pending: "waiting to be indexed", queued: "waiting to be indexed",
  validating: "being checked", indexing: "being indexed" };

function showVideo(video) {
  const before = videos.get(video.asset_id)?.status;
  videos.set(video.asset_id, video);
  document.body.classList.remove("empty");
  let row = rows.get(video.asset_id);
  if (!row) {
    rows.set(video.asset_id, (row = make("video")));
    part(row, "name").textContent = video.filename;
    part(row, "card").onclick = () => play(videos.get(video.asset_id), 0);
    $("videos").prepend(row);
  }
  const ready = video.status === "ready";
  part(row, "card").disabled = !ready;
  row.className = ready ? "ready" : video.status === "failed" ? "problem" : "busy";
  part(row, "state").textContent = ready ? clock(video.duration ?? 0) : video.error ?? STATES[video.status] ?? video.status;
  if (ready && !part(row, "picture").firstChild) picture(row, `/api/videos/${video.id}/thumbnail`, "");
  if (ready && before && before !== "ready") say(`${video.filename} is ready.`);
}

function showVideos(list) {
  const there = new Set(list.map((video) => video.asset_id));
  for (const [asset, row] of rows) if (!there.has(asset)) hideVideo(asset, row); // after a restart of the service
  list.forEach(showVideo);
}

function hideVideo(asset, row) {
  row.remove();
  rows.delete(asset);
  videos.delete(asset);
  document.body.classList.toggle("empty", !videos.size);
  if (playing === asset) close();
}

const events = new EventSource("/api/events");
events.addEventListener("videos", ({ data }) => showVideos(JSON.parse(data)));
events.addEventListener("video", ({ data }) => showVideo(JSON.parse(data)));
events.onopen = () => ($("connection").textContent = "");
events.onerror = () => ($("connection").textContent = "Connection lost. Connecting again …");

// ---- Search -----------------------------------------------------------------------------------------------------

let searches = 0;

async function search(query, options, description) {
  const number = ++searches;
  $("found").classList.remove("problem");
  $("found").textContent = "Searching …";
  $("hits").ariaBusy = "true";
  try {
    const hits = await (await request(`/api/search?${new URLSearchParams(query)}`, { method: "POST", ...options })).json();
    if (number !== searches) return; // a later search was faster
    $("hits").replaceChildren(...hits.map(showHit));
    const count = hits.length === 1 ? "1 moment" : `${hits.length || "No"} moments`;
    $("found").textContent = `${count} for ${description}`;
  } catch (error) {
    if (number !== searches) return;
    $("hits").replaceChildren();
    $("found").classList.add("problem");
    $("found").textContent = error.message;
  }
  $("hits").ariaBusy = "false";
}

function showHit(hit) {
  const row = make("hit");
  const video = byId(hit.video_id);
  const name = video?.filename ?? "A video";
  part(row, "name").textContent = name;
  part(row, "time").textContent = `${clock(hit.start)} – ${clock(hit.end)}`;
  part(row, "score").textContent = hit.score == null ? `#${hit.rank}` : `${Math.round(hit.score)} %`;
  part(row, "score").title = hit.score == null ? "Rank" : "Score";
  if (hit.transcription) part(row, "card").title = hit.transcription;
  if (hit.thumbnail_url) picture(row, hit.thumbnail_url, `${name} at ${clock(hit.start)}`);
  if (video) part(row, "card").onclick = () => play(video, hit.start);
  else part(row, "card").disabled = true;
  return row;
}

$("search").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text) search({ text }, {}, `“${text}”`);
  else $("text").focus();
};
$("image").onchange = () => {
  const [file] = $("image").files;
  if (file) search({}, { body: file, headers: { "Content-Type": file.type } }, `the image ${file.name}`);
  $("image").value = "";
};

// ---- The player -------------------------------------------------------------------------------------------------

const player = $("player");
let playing = null;

function play(video, seconds) {
  $("watch").hidden = false;
  $("welcome").hidden = true;
  $("playing").textContent = video.filename;
  $("playback").textContent = "";
  const go = () => {
    player.currentTime = seconds;
    player.play().catch(() => {}); // where the browser wants a click first
  };
  if (playing === video.asset_id && player.readyState) {
    go();
  } else {
    if (playing !== video.asset_id) clearAnswer();
    playing = video.asset_id;
    player.onloadedmetadata = go;
    player.src = local.get(video.asset_id) ?? `/api/videos/${video.id}/stream`;
  }
  $("playing").focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  $("watch").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
}

function close() {
  playing = null;
  clearAnswer();
  player.pause();
  $("watch").hidden = true;
  $("welcome").hidden = false;
}

player.onerror = () => {
  $("playback").textContent = "This browser cannot play the stream of this video. Searching and asking work all the same.";
};

// ---- Analyses, word by word -------------------------------------------------------------------------------------

let asking = null;

function clearAnswer() {
  asking?.abort();
  $("answer").textContent = $("asked").textContent = "";
}

$("ask").onsubmit = async (event) => {
  event.preventDefault();
  clearAnswer();
  const control = (asking = new AbortController());
  const say = (text, problem = false) => {
    if (asking !== control) return; // another question was asked meanwhile
    $("asked").textContent = text;
    $("asked").classList.toggle("problem", problem);
  };
  $("stop").hidden = false;
  $("answer").ariaBusy = "true";
  say("Answering …");
  try {
    for await (const { event, data } of askAbout(videos.get(playing), $("prompt").value, control.signal)) {
      if (event === "error") throw new Error(data.message);
      if (event === "message") $("answer").append(data);
    }
    say("That is all.");
  } catch (error) {
    if (control.signal.aborted) say("Stopped.");
    else say(`The answer broke off. ${error.message}`, true);
  }
  if (asking !== control) return;
  $("answer").ariaBusy = "false";
  $("stop").hidden = true;
};
$("stop").onclick = () => {
  asking?.abort();
  $("prompt").focus();
};

/** Server-sent events of a POST, which EventSource cannot send. */
async function* askAbout(video, prompt, signal) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ prompt });
  const response = await request(`/api/videos/${video.id}/analyze`, { method: "POST", headers, body, signal });
  let text = "", ended = false;
  for await (const piece of pieces(response.body.pipeThrough(new TextDecoderStream()))) {
    const frames = (text + piece).split("\n\n");
    text = frames.pop();
    for (const frame of frames) {
      const fields = Object.fromEntries(frame.split("\n").map((line) => [line.split(":")[0], line.slice(line.indexOf(":") + 2)]));
      ended ||= fields.event === "end";
      if (fields.data) yield { event: fields.event ?? "message", data: JSON.parse(fields.data) };
    }
  }
  if (!ended) interrupted(new Error());
}

function interrupted(error) {
  throw error.name === "AbortError" ? error : new Error("The connection was interrupted.");
}

async function* pieces(stream) {
  const reader = stream.getReader(); // not all browsers can iterate over a stream
  try {
    for (let next; !(next = await reader.read().catch(interrupted)).done; ) yield next.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}
