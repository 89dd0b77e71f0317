// The door: who is logged in, logging in and out. Every request that changes something carries the page's token.

import { byId, write } from "./dom.js";
import { either, text } from "./texts.js";

const SESSION = "/api/v1/session";
const TOLD_ACTIVE_EVERY_MS = 60_000;

/** @type {string} what proves that a request comes from this page */ let csrf = "";
let toldActiveAt = 0;

/** Headers of a request that changes something. @returns {Record<string, string>} */
export function headers() {
  return { "Content-Type": "application/json", ...(csrf ? { "X-CSRF-Token": csrf } : {}) };
}

/** Ask who is logged in and show the door to whoever is not. @returns {Promise<boolean | null>} null: no answer */
export async function enter() {
  const answer = await fetch(SESSION).catch(() => null);
  if (!answer?.ok) return null;
  return admit(await answer.json());
}

/** @param {any} session */
function admit(session) {
  csrf = session.csrf;
  byId("door").hidden = session.account !== null;
  document.body.classList.toggle("outside", session.account === null); // nothing is known: no picture, and none that is old
  byId("claim-part").hidden = session.account !== null;
  if (session.first_admin) byId("claim-part").setAttribute("open", "");
  byId("log-out").hidden = session.account === null;
  write("account", session.account ?? "");
  return session.account !== null;
}

/** @param {string} id */
function given(id) {
  const value = /** @type {HTMLInputElement} */ (byId(id)).value;
  return value === "" ? undefined : value;
}

/** @param {string} path @param {object} body @param {() => void} admitted */
async function knock(path, body, admitted) {
  const answer = await fetch(SESSION + path, { method: "POST", headers: headers(), body: JSON.stringify(body) }).catch(() => null);
  if (!answer) return write("door-answer", text("no_answer"));
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) {
    for (const input of document.querySelectorAll("#door input")) /** @type {HTMLInputElement} */ (input).value = "";
    write("door-answer", "");
    byId("code-part").hidden = true;
    if (admit(told)) admitted();
    return undefined;
  }
  if (told.code === "totp_wanted") byId("code-part").hidden = false;
  const wait = told.facts?.wait_s ? ` (${told.facts.wait_s} s)` : "";
  return write("door-answer", `${either({ zh: told.title_zh, en: told.title }, String(answer.status))}${wait} ${told.detail ?? ""}`);
}

/** Make the door work. @param {() => void} admitted what follows a log-in */
export function openDoor(admitted) {
  byId("log-in").addEventListener("submit", (event) => {
    event.preventDefault();
    knock("", { account: given("door-account"), secret: given("door-secret"), code: given("door-code") }, admitted);
  });
  byId("claim").addEventListener("submit", (event) => {
    event.preventDefault();
    knock("/claim", { code: given("claim-code"), account: given("claim-account"), pin: given("claim-pin"), password: given("claim-password") }, admitted);
  });
  byId("log-out").addEventListener("click", async () => {
    await fetch(SESSION, { method: "DELETE", headers: headers() }).catch(() => null);
    location.reload();
  });
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, tellActive);
}

/** A session ends without its person: what people do is told, at most once a minute; what the page does by itself is not. */
function tellActive() {
  if (!csrf || performance.now() - toldActiveAt < TOLD_ACTIVE_EVERY_MS) return;
  toldActiveAt = performance.now();
  fetch(SESSION).catch(() => null);
}
