// The operator page: one WebSocket in, HTTP requests out. What may be done comes from the snapshot's `actions`.

import { byId, element, show, write } from "./dom.js";
import { enter, headers, openDoor } from "./door.js";
import { alarmNode, bayNode, number, robotRows, surveyNodes, swapNodes, truckRows } from "./panels.js";
import { planChart, planLine, planRows, promiseRows } from "./plan.js";
import { choose, either, language, text } from "./texts.js";

const STALE_AFTER_S = 1.5;
const SERVER_LOST_AFTER_S = 2.5;
const NO_ANSWER_AFTER_MS = 3000;
const RECONNECT_MS = 1000;
const API = "/api/v1";

/** @type {any} */ let snapshot = null;
/** @type {number | null} age of the snapshot when its message came */ let ageThen = null;
let messageAt = 0;
let controllerConnected = false;
/** @type {Record<string, any>} */ let reasons = {};
/** @type {Record<string, any>} */ let alarmTexts = {};
/** @type {string | null} */ let asked = null;
/** @type {any} the plan that is followed, with its forecast */ let forecast = null;
/** @type {string | null} which plan's forecast was asked for last */ let forecastOf = null;

/** Go in when somebody is logged in; look again when the server did not say. */
async function begin() {
  const inside = await enter();
  if (inside) connect();
  if (inside === null) setTimeout(begin, RECONNECT_MS);
}

function connect() {
  drawReady();
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${API}/live`);
  socket.onopen = loadCatalogues;
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    snapshot = message.snapshot;
    ageThen = message.age_s;
    controllerConnected = message.connected;
    messageAt = performance.now();
    draw();
  };
  socket.onclose = () => setTimeout(begin, RECONNECT_MS);
}

async function loadCatalogues() {
  for (const [path, keep] of /** @type {[string, (found: any) => void][]} */ ([
    ["alarm-catalogue", (found) => { alarmTexts = found; }],
    ["reason-catalogue", (found) => { reasons = found; }],
  ])) {
    const answer = await fetch(`${API}/${path}`).catch(() => null);
    if (answer?.ok) keep(await answer.json());
  }
  draw();
}

/** Age of what is on the screen in seconds: what the server said, plus the time since then. */
function age() {
  return ageThen === null ? null : ageThen + (performance.now() - messageAt) / 1000;
}

function drawAge() {
  const seconds = age();
  const lost = performance.now() - messageAt > 1000 * SERVER_LOST_AFTER_S;
  const stale = seconds === null || seconds > STALE_AFTER_S;
  document.body.classList.toggle("stale", stale);
  byId("stale").hidden = !stale;
  write("stale", `${text(lost ? "link_lost" : controllerConnected ? "frozen" : "controller_away")}. ${text("stale")}`);
  write("link", seconds === null ? text("no_data") : `${text("data_age")} ${seconds.toFixed(1)} ${text("seconds")}`);
  write("clock", new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: "Asia/Shanghai", timeStyle: "medium", hour12: false }).format(new Date()));
}

/** How many standing alarms another one explains. @param {any} root */
function following(root) {
  return snapshot.alarms.filter((/** @type {any} */ alarm) => alarm.root === root.alarm).length;
}

function draw() {
  drawAge();
  if (!snapshot) return;
  const mode = snapshot.inventory.mode.mode;
  write("state", text(`state.${snapshot.state}`) + (mode === "automatic" ? "" : ` · ${text(`mode.${mode}`)}`));
  write("station-name", snapshot.name);
  write("grid", number(snapshot.meter.value?.power_kw, "kW"));
  byId("grid").className = snapshot.meter.quality === "good" ? "value" : "value bad";
  drawLimit(snapshot.power);
  const roots = snapshot.alarms.filter((/** @type {any} */ alarm) => !alarm.root);
  show("alarms", roots.length
    ? roots.map((/** @type {any} */ alarm) => alarmNode(alarm, following(alarm), alarmTexts, reasonText, acknowledge))
    : [element("li", { class: "quiet" }, text("no_alarms"))]);
  show("truck", truckRows(snapshot.truck));
  show("robot", robotRows(snapshot.robot, snapshot.safety));
  show("swap", [...(snapshot.confirmed ? [] : surveyNodes(snapshot.survey)), ...swapNodes(snapshot.swap, reasons)]);
  byId("held").hidden = snapshot.hold_reasons.length === 0;
  write("held", `${text("held_because")}: ${reasonTexts(snapshot.hold_reasons)}`);
  show("bays", snapshot.bays.map(bayNode));
  drawPlan();
  drawActions();
}

/** What all charging may take now, why, and the quarter of an hour that runs. @param {any} power */
function drawLimit(power) {
  byId("limit-part").hidden = power.charging_kw === null;
  write("limit", number(power.charging_kw, "kW"));
  const demand = power.demand?.limit_kw ? [`${text("demand")} ${number(power.demand.used_kwh, "kWh")} / ${number(power.demand.limit_kw / 4, "kWh")}`] : [];
  const why = power.causes.length ? [reasonText(power.causes[0].code)] : [];
  write("limit-why", [...why, ...demand].join(" · "));
}

function drawPlan() {
  const followed = snapshot.plan?.plan ?? null;
  if (followed !== forecastOf) loadForecast(followed);
  write("plan-line", planLine(snapshot, forecast));
  show("plan-rows", planRows(snapshot, reasons));
  const promised = promiseRows(snapshot);
  byId("promises-part").hidden = promised.length === 0;
  show("promises", promised);
  byId("plan-chart-part").hidden = !forecast?.steps.length;
  if (forecast?.steps.length) show("plan-chart", [planChart(forecast, Math.max(byId("plan-chart").clientWidth, 280))]);
}

/** The forecast comes with another plan only. @param {string | null} followed */
async function loadForecast(followed) {
  forecastOf = followed;
  const answer = followed ? await fetch(`${API}/plan`).catch(() => null) : null;
  forecast = answer?.ok ? (await answer.json()).plan : null;
  if (followed && !forecast?.steps.length) setTimeout(() => { forecastOf = null; }, RECONNECT_MS); // a moment too early
}

function drawActions() {
  for (const button of actionButtons()) {
    const action = snapshot.actions.find((/** @type {any} */ each) => each.action === button.dataset.action);
    button.setAttribute("aria-disabled", String(!action?.allowed));
    const why = reasonTexts(action?.reasons ?? []);
    const frame = button.parentElement;
    if (frame && button.dataset.action?.startsWith("divert_swap")) frame.hidden = !(snapshot.state === "held" && snapshot.swap);
    const note = frame?.querySelector(".why");
    const said = action?.allowed ? "" : why || text("no_reason");
    if (note && note.textContent !== said) note.textContent = said;
  }
  const vin = /** @type {HTMLInputElement} */ (byId("vin"));
  const inLane = snapshot.truck.value?.vin ?? "";
  if (document.activeElement !== vin && inLane && vin.dataset.suggested !== inLane) {
    vin.value = inLane;
    vin.dataset.suggested = inLane;
  }
}

/** @param {string[]} codes */
function reasonTexts(codes) {
  return codes.map(reasonText).join(", ");
}

/** @param {string} code @returns {string} its words; what is no code stays as it is */
function reasonText(code) {
  return either(reasons[code] ?? alarmReason(code), code);
}

/** A standing alarm can be a reason too. @param {string} code */
function alarmReason(code) {
  const said = alarmTexts[code];
  return said && { zh: said.zh.title, en: said.en.title };
}

async function drawReady() {
  const answer = await fetch(`${API}/batteries/ready`).catch(() => null);
  const models = answer?.ok ? await answer.json() : null;
  write("ready", models ? models.map((/** @type {any} */ each) => `${each.model}: ${each.count}`).join(", ") : "?");
}

/** Not crypto.randomUUID: a browser has that only where it trusts the certificate. */
function requestKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a request and say what came of it; the words never tell the wish as a fact. */
async function send(/** @type {string} */ label, /** @type {string} */ path, /** @type {object | null} */ body = null) {
  say(`${label}: ${text("sent")}`);
  const options = { method: "POST", headers: { ...headers(), "Idempotency-Key": requestKey() }, body: body && JSON.stringify(body), signal: AbortSignal.timeout(NO_ANSWER_AFTER_MS) };
  const answer = await fetch(API + path, options).catch(() => null);
  if (!answer) return say(`${label}: ${text("no_answer")}`);
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return say(`${label}: ${text("accepted")}`);
  const why = reasonTexts((told.reasons ?? []).map((/** @type {{code: string}} */ each) => each.code));
  return say(`${label}: ${text("refused")}. ${why || answer.status} ${told.detail ?? ""}`);
}

/** @param {string} words */
function say(words) {
  byId("answer").hidden = false;
  write("answer", words);
}

/** @param {string} alarm */
function acknowledge(alarm) {
  send(text("acknowledge"), `/alarms/${encodeURIComponent(alarm)}/acknowledge`);
}

/** @returns {HTMLElement[]} */
function actionButtons() {
  return Array.from(document.querySelectorAll("button[data-action]"));
}

/** Away from safe takes two steps: this opens the sheet that names the effect. @param {HTMLElement} button */
function ask(button) {
  const action = button.dataset.action ?? "";
  if (button.getAttribute("aria-disabled") === "true") {
    const why = button.parentElement?.querySelector(".why")?.textContent ?? "";
    return say(`${text(`do.${action}`)}: ${text("blocked")}. ${why}`);
  }
  asked = action;
  write("sheet-title", text(`do.${action}`));
  write("sheet-effect", `${text(`effect.${action}`)} ${action === "swap" ? vinGiven() : ""}`);
  byId("sheet-reason-label").hidden = !needsReason(action);
  /** @type {HTMLDialogElement} */ (byId("sheet")).showModal();
}

/** @param {string} action */
function needsReason(action) {
  return action === "abandon_swap" || action.startsWith("divert_swap");
}

function vinGiven() {
  return /** @type {HTMLInputElement} */ (byId("vin")).value.trim().toUpperCase();
}

function confirm() {
  const reason = /** @type {HTMLInputElement} */ (byId("sheet-reason")).value.trim();
  /** @type {HTMLDialogElement} */ (byId("sheet")).close();
  const label = text(`do.${asked}`);
  if (asked === "swap") send(label, "/swaps", { vin: vinGiven() });
  if (asked === "resume") send(label, "/station/resume");
  if (asked === "confirm_start_up") send(label, "/station/confirm-start-up");
  const swap = `/swaps/${encodeURIComponent(snapshot.swap?.swap ?? "-")}`;
  if (asked === "abandon_swap") send(label, `${swap}/abandon`, { reason });
  if (asked.startsWith("divert_swap_")) send(label, `${swap}/divert`, { cause: asked.slice("divert_swap_".length), reason });
}

function drawTexts() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.getAttribute("data-text") ?? "");
  for (const button of actionButtons()) button.textContent = text(`do.${button.dataset.action}`);
  write("language", text("language"));
  draw();
}

byId("hold").addEventListener("click", () => send(text("do.hold"), "/station/hold"));
byId("language").addEventListener("click", () => { choose(language === "zh" ? "en" : "zh"); drawTexts(); });
byId("sheet-cancel").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("sheet")).close());
byId("sheet-go").addEventListener("click", confirm);
for (const button of actionButtons()) button.addEventListener("click", () => ask(button));
drawTexts();
openDoor(connect);
begin();
setInterval(drawAge, 200);
setInterval(() => { if (byId("door").hidden) drawReady(); }, 2000);
