// Sends a file from a browser to the object store of the platform: in chunks, several at a time, resumable.
// The service (BrowserUploads of twelvelabs_async.starlette) hands out presigned URLs and reports the chunks. It sees
// the bytes of the file only where the store refuses requests of other origins. No dependency, no build step:
//
//     import { upload } from "/uploads/browser_uploads.js";
//     const { assetId } = await upload(file, { onProgress: ({ loaded, total }) => ..., signal });
//
// A file whose upload was interrupted (an error, an abort, a closed tab) goes on when it is given to `upload` again.

const SERVICE = new URL(".", import.meta.url).href;
const PREFIX = "twelvelabs-upload:";
const ATTEMPTS = 6; // of a request or a chunk, before the upload fails
const STALL = 60_000; // milliseconds without progress after which a request is sent again
const BATCH = 10; // chunks of a report ...
const BATCH_DELAY = 2_000; // ... or milliseconds until it is sent with fewer

export class UploadError extends Error {
  constructor(message, { status = 0, retryAfter = 0, sent = 0 } = {}) {
    super(message);
    this.name = "UploadError";
    Object.assign(this, { status, retryAfter, sent });
  }
}

/**
 * Upload a file, or what is missing of it.
 * options: service (URL of the routes), parallel (4), via ("auto", "store" or "service"), headers (an object, or a function
 * that returns one: for the service, never for the store), signal (AbortSignal), onProgress({loaded, total, resumed, via}).
 * Resolves to {assetId}. Rejects with an UploadError, or with the AbortError of the signal.
 */
export async function upload(file, options = {}) {
  if (!file.size) throw new UploadError("The file is empty.");
  const service = new URL(options.service ?? SERVICE, location.href).href.replace(/\/*$/, "/");
  const key = PREFIX + [service, file.name, file.size, file.lastModified, await fingerprint(file)].join("|");
  const run = () => new Upload(file, key, service, options).run();
  if (!navigator.locks) return run(); // only on pages that are served with https, or from this machine
  return navigator.locks.request(key, { ifAvailable: true }, (lock) => {
    if (!lock) throw new UploadError("This file is being uploaded in another tab.");
    return run();
  });
}

/** Uploads that were interrupted: [{name, size, forget()}]. Give the same file to `upload` to go on. */
export function unfinished() {
  const keys = stored(() => Object.keys(localStorage)) ?? [];
  return keys.filter((key) => key.startsWith(PREFIX)).map(read).filter(Boolean);
}

function read(key) {
  const state = stored(() => JSON.parse(localStorage.getItem(key)));
  if (state?.token && state.expires > Date.now()) return { ...state, forget: () => forget(key) };
  forget(key);
  return null;
}

function forget(key) {
  stored(() => localStorage.removeItem(key));
}

/** Without storage (it is full, or the user has forbidden it) an upload cannot be resumed, and goes on. */
function stored(use) {
  try {
    return use();
  } catch {
    return null;
  }
}

/** A hash of the first and last 64 KiB: another file with the same name, size and time is not mixed up with this one. */
async function fingerprint(file) {
  if (!globalThis.crypto?.subtle) return "";
  const ends = new Blob([file.slice(0, 65536), file.slice(-65536)]);
  const hash = await crypto.subtle.digest("SHA-256", await bytes(ends));
  return Array.from(new Uint8Array(hash, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(blob) {
  return blob.arrayBuffer().catch(() => {
    throw new UploadError("The file cannot be read. It was changed, moved or deleted.", { status: -1 });
  });
}

class Upload {
  constructor(file, key, service, { parallel = 4, via = "auto", headers = {}, signal, onProgress = () => {} }) {
    Object.assign(this, { file, key, service, parallel, headers, signal, onProgress });
    this.auto = via === "auto";
    this.direct = via !== "service";
    this.reached = false; // whether the store has taken bytes from this page: then it does not refuse its origin
  }

  async run() {
    for (let again = false; ; again = true) {
      const { signal, stop } = this.arm();
      try {
        if (again || !(await this.resume())) await this.open();
        return this.result ?? (await this.sendAll());
      } catch (error) {
        if (!error.gone || !this.token) throw error;
        forget(this.key); // it has expired, or is another user's
        this.token = null;
        if (again) throw error;
      } finally {
        signal?.removeEventListener("abort", stop);
      }
    }
  }

  /** What ends everything: an error, or the caller's signal. */
  arm() {
    const { signal } = this;
    this.stop = new AbortController();
    const stop = () => this.stop.abort(signal.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    return { signal, stop };
  }

  async open() {
    const { name: filename, size, type: content_type } = this.file;
    this.begin(await this.call("open", { filename, size, content_type }));
    const { urls, ...session } = this.session; // the URLs expire
    const state = { ...session, name: filename, size, expires: Date.now() + 864e5 };
    stored(() => localStorage.setItem(this.key, JSON.stringify(state)));
  }

  async resume() {
    const state = read(this.key);
    if (!state) return false;
    this.begin(state);
    await this.refresh();
    return true;
  }

  begin(session) {
    this.session = session;
    this.token = session.token;
    this.urls = new Map((session.urls ?? []).map(({ chunk, url }) => [chunk, url]));
    this.done = new Set(); // chunks that the platform has, or that wait for a report
    this.pending = [];
    this.reporting = new Set();
    this.loaded = new Map(); // bytes of the chunks on their way
    this.resumed = 0;
    this.result = null;
  }

  /** Ask the service which chunks the platform has. */
  async refresh() {
    const status = await this.call("status", {});
    if (status.complete) return this.complete(status);
    this.done = new Set([...status.chunks, ...this.reporting, ...this.pending.map(({ chunk }) => chunk)]);
    this.resumed = this.bytesDone();
    this.progress();
  }

  async sendAll() {
    const total = this.session.total_chunks;
    for (let pass = 0; pass < ATTEMPTS && !this.result; pass++) {
      if (pass) await this.pause(pass - 1);
      if (pass) await this.refresh(); // a chunk was rejected, or the platform is still putting the file together
      const queue = [];
      for (let chunk = 1; chunk <= total; chunk++) if (!this.done.has(chunk)) queue.push(chunk);
      const workers = Array.from({ length: this.parallel }, async () => {
        while (queue.length && !this.result) await this.chunk(queue.shift());
      });
      try {
        await Promise.race([Promise.all(workers), this.failure()]);
        await this.report();
      } catch (error) {
        const reason = this.stop.signal.aborted ? this.stop.signal.reason : error;
        this.stop.abort(reason);
        await Promise.allSettled(workers);
        await this.lastReport();
        throw reason;
      }
    }
    if (!this.result) throw new UploadError("The platform did not accept all parts of the file. Try it again.");
    return this.result;
  }

  /** Send one chunk, and have it reported. */
  async chunk(chunk) {
    const start = (chunk - 1) * this.session.chunk_size;
    const blob = this.file.slice(start, start + this.session.chunk_size);
    for (let failures = 0; ; ) {
      try {
        const etag = this.direct ? await this.toStore(chunk, blob) : await this.toService(chunk, blob);
        this.loaded.delete(chunk);
        this.done.add(chunk);
        this.pending.push({ chunk, etag });
        break;
      } catch (error) {
        this.loaded.delete(chunk);
        if (this.stop.signal.aborted) throw this.stop.signal.reason;
        if (!(error instanceof UploadError) || ++failures >= ATTEMPTS) throw error;
        await bytes(blob.slice(0, 1)); // a file that cannot be read looks like a connection that breaks
        if (error.status >= 400 && error.status < 500 && error.status !== 429) {
          await this.refresh(); // the URL has expired or was used, or the chunk is there already
          if (this.result || this.done.has(chunk)) return;
        }
        if (this.direct && this.auto && (await this.isRefused(error, failures))) this.passThrough();
        else await this.pause(failures - 1, error.retryAfter);
      }
    }
    this.progress();
    if (this.pending.length >= BATCH || this.done.size === this.session.total_chunks) await this.report();
    else this.timer ??= setTimeout(() => this.report().catch((error) => this.stop.abort(error)), BATCH_DELAY);
  }

  /** Whether the store refuses this origin: browsers do not say why a request failed. */
  async isRefused(error, failures) {
    if (error.status === 200) return true; // it took the chunk, but hides the ETag
    if (error.status || this.reached || failures < 2) return false;
    const url = new URL(this.lastUrl);
    url.pathname += "-"; // of no chunk: the store rejects it, in a response that this page may see, or not
    const ask = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(STALL) }).then(() => true, () => false);
    if ((await ask(url.origin)) || (await ask(url, { method: "PUT" }))) return false;
    return ask(url.origin, { mode: "no-cors" }); // it is there, and does not speak to this page
  }

  passThrough() {
    if (this.session.pass_through === false) throw new UploadError("The object store accepts no files from this page.");
    this.direct = false;
  }

  async toStore(chunk, blob) {
    if (!this.urls.has(chunk)) await this.moreUrls(chunk);
    const url = (this.lastUrl = this.urls.get(chunk));
    this.urls.delete(chunk); // it can be used once
    const request = await this.put(url, blob, this.session.headers, chunk);
    const etag = request.getResponseHeader("ETag");
    if (!etag) throw new UploadError("The store does not show the ETag of the chunk.", { status: 200 });
    return etag;
  }

  async toService(chunk, blob) {
    const headers = { ...(await this.ownHeaders()), "X-Upload-Token": this.token };
    const { responseText } = await this.put(`${this.service}chunks/${chunk}`, blob, headers, chunk);
    return parse(responseText).etag;
  }

  async moreUrls(chunk) {
    while (this.fetching) await this.fetching; // one request for all workers
    if (this.urls.has(chunk)) return;
    const store = ({ urls }) => urls.forEach((item) => this.urls.set(item.chunk, item.url));
    const count = Math.min(20, this.session.total_chunks - chunk + 1);
    this.fetching = this.call("urls", { start: chunk, count }).then(store).finally(() => (this.fetching = null));
    await this.fetching;
    if (!this.urls.has(chunk)) throw new UploadError("The platform sent no URL for a part of the file.");
  }

  /** PUT with progress, which `fetch` does not report. */
  put(url, blob, headers, chunk) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const toStore = !url.startsWith(this.service);
      let sent = 0, timer;
      const fail = (message) => reject(new UploadError(message, {
        // A store does not show this header to pages of other origins, and to ask for it is an error in the console.
        status: request.status, sent, retryAfter: toStore ? 0 : Number(request.getResponseHeader("Retry-After")) || 0,
      }));
      const abort = () => request.abort();
      const watch = () => {
        clearTimeout(timer);
        timer = setTimeout(abort, STALL);
      };
      request.open("PUT", url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        watch();
        this.loaded.set(chunk, (sent = event.loaded));
        if (sent) this.reached = true;
        this.progress();
      };
      request.onload = () => (request.status < 300 ? resolve(request) : fail(message(request.status, request.responseText)));
      request.onerror = request.onabort = () => fail("The connection was interrupted.");
      request.onloadend = () => {
        clearTimeout(timer);
        this.stop.signal.removeEventListener("abort", abort);
      };
      this.stop.signal.addEventListener("abort", abort);
      watch();
      request.send(blob);
    });
  }

  /** Report the chunks that are in the store. */
  async report() {
    clearTimeout(this.timer);
    this.timer = null;
    const chunks = this.pending.splice(0, 50);
    if (!chunks.length) return;
    for (const { chunk } of chunks) this.reporting.add(chunk);
    const answer = await this.call("report", { chunks });
    for (const { chunk } of chunks) this.reporting.delete(chunk);
    if (answer.complete) this.complete(answer);
  }

  /** An upload that ends early says what is in the store, if that can be done quickly: it need not be sent again. */
  async lastReport() {
    clearTimeout(this.timer);
    if (!this.pending.length) return;
    const body = { chunks: this.pending.splice(0, 50) };
    await this.fetch("report", body, AbortSignal.timeout(3_000)).catch(() => {});
  }

  complete({ asset_id }) {
    forget(this.key);
    this.result = { assetId: asset_id };
    this.done = new Set(Array.from({ length: this.session.total_chunks }, (_, index) => index + 1));
    this.progress();
  }

  /** A request to the service, with retries. */
  async call(path, body) {
    for (let attempt = 1; ; attempt++) {
      this.stop.signal.throwIfAborted();
      try {
        return await this.fetch(path, body, AbortSignal.any([this.stop.signal, AbortSignal.timeout(STALL)]));
      } catch (error) {
        this.stop.signal.throwIfAborted();
        const passing = !error.status || error.status === 429 || error.status >= 500;
        if (!passing || attempt >= ATTEMPTS) throw error;
        await this.pause(attempt - 1, error.retryAfter);
      }
    }
  }

  async fetch(path, body, signal) {
    const headers = { ...(await this.ownHeaders()), "Content-Type": "application/json" };
    const options = { method: "POST", headers, body: JSON.stringify({ token: this.token, ...body }), signal };
    const answer = await fetch(this.service + path, options).catch(() => {
      throw new UploadError("The service cannot be reached.");
    });
    const text = await answer.text().catch(() => "");
    const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
    if (!answer.ok) {
      const error = new UploadError(message(answer.status, text), { status: answer.status, retryAfter });
      throw Object.assign(error, { gone: answer.status === 403 || answer.status === 410 });
    }
    return parse(text);
  }

  async ownHeaders() {
    return typeof this.headers === "function" ? this.headers() : this.headers;
  }

  /** Wait before an attempt; without a network, until it is there again. */
  async pause(failures, retryAfter = 0) {
    const delay = Math.max(Math.min(500 * 2 ** failures, 15_000) * (0.5 + Math.random() / 2), Math.min(retryAfter, 60) * 1000);
    await this.wait((done) => setTimeout(done, delay));
    if (!navigator.onLine) await this.wait((done) => addEventListener("online", done, { once: true, signal: this.stop.signal }));
  }

  wait(start) {
    return Promise.race([new Promise(start), this.failure()]);
  }

  /** Rejects when the upload is stopped. Resolves never: for `Promise.race`, and as long as there is something to wait for. */
  failure() {
    const { signal } = this.stop;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  bytesDone() {
    const { chunk_size, total_chunks } = this.session;
    const last = this.file.size - (total_chunks - 1) * chunk_size;
    return this.done.size * chunk_size - (this.done.has(total_chunks) ? chunk_size - last : 0);
  }

  progress() {
    let loaded = this.bytesDone();
    for (const [chunk, count] of this.loaded) if (!this.done.has(chunk)) loaded += count;
    const { size: total } = this.file;
    this.onProgress({ loaded: Math.min(loaded, total), total, resumed: this.resumed, via: this.direct ? "store" : "service" });
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new UploadError("The service sent an unexpected response."); // or a part of one
  }
}

function message(status, text) {
  try {
    const { message, detail } = JSON.parse(text);
    if (typeof (message ?? detail) === "string") return message ?? detail;
  } catch {}
  return `The request failed with status ${status}.`;
}
