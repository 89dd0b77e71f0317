// What each panel shows of a snapshot. Pure from snapshot to nodes; nothing is decided here.

import { drawing, element } from "./dom.js";
import { either, language, text } from "./texts.js";

/** @typedef {{code: string, zh: string, en: string}} Reason */
/** @typedef {{value: any, age_s: number | null, quality: "good" | "stale" | "refused" | "never"}} Seen */

/** A number with its unit; "?" for what is not known. @param {number | null | undefined} value @param {string} unit */
export function number(value, unit, digits = 0) {
  return value === null || value === undefined ? `? ${unit}` : `${value.toFixed(digits)} ${unit}`;
}

/** @param {string} label @param {string} value @param {Seen} seen */
function row(label, value, seen) {
  return [element("dt", {}, text(label)), element("dd", { class: quality(seen) }, value)];
}

/** @param {Seen} seen */
function quality(seen) {
  return seen.quality === "good" ? "value" : "value bad";
}

/** @param {Seen} truck */
export function truckRows(truck) {
  const said = truck.value;
  if (!said) return [element("dt", {}, text("no_truck"))];
  return [
    ...row("vin", said.vin ?? text("unknown"), truck),
    ...row("lock", text(`lock.${said.lock}`), truck),
    ...row("brake", text(said.parking_brake_set ? "set" : "not_set"), truck),
    ...row("hv", text(said.hv_powered_down ? "hv_down" : "hv_up"), truck),
    ...row("key", text(said.key_off ? "off" : "on"), truck),
    ...row("gear", text(said.gear_neutral ? "neutral" : "not_neutral"), truck),
    ...row("battery", `${text(said.battery_present ? "present" : "empty")}, ${number(said.soc_pct, "%")}`, truck),
  ];
}

/** @param {Seen} robot @param {Seen} safety */
export function robotRows(robot, safety) {
  const said = robot.value;
  const chain = safety.value;
  const closed = chain && !Object.values(chain).includes(false);
  const rows = row("safety", chain ? text(closed ? "safety_ok" : "safety_open") : text("no_data"), safety);
  if (!said) return [...row("state", text("no_data"), robot), ...rows];
  const axes = [said.x_mm, said.y_mm, said.z_mm].map((millimetres) => (millimetres / 1000).toFixed(2)).join(" / ");
  return [
    ...row("state", text(`robot.${said.state}`), robot),
    ...row("step", text(`step.${said.step}`), robot),
    ...row("position", `${axes} m`, robot),
    ...row("load", number(said.load_kg, "kg"), robot),
    ...rows,
  ];
}

/** @param {any} swap @param {Record<string, Reason>} reasons */
export function swapNodes(swap, reasons) {
  if (!swap) return [element("p", { class: "quiet" }, text("no_swap"))];
  const running = swap.steps.findIndex((/** @type {any} */ step) => step.state === "running");
  const head = element("p", {}, element("b", { class: "value" }, swap.vin));
  const waiting = swap.waiting_for.map((/** @type {string} */ code) => element("li", {}, either(reasons[code], code)));
  const missing = waiting.length
    ? [element("p", { class: "label" }, text("waiting_for")), element("ul", { class: "missing" }, ...waiting)]
    : [];
  const count = running < 0 ? "" : `${running + 1}/${swap.steps.length}`;
  return [head, element("p", { class: "label" }, `${text("step")} ${count} · ${bayFlow(swap)}`), element("ol", { class: "steps" }, ...swap.steps.map(step)), ...missing];
}

/** What a person must have looked at before the start-up is confirmed. @param {any} survey */
export function surveyNodes(survey) {
  const rows = survey.findings.flatMap((/** @type {any} */ finding) => [
    element("span", {}, finding.place),
    element("span", { class: "value" }, `${finding.recorded ?? text("empty")} / ${sensed(finding.sensed)}`),
    element("span", { class: finding.verdict }, text(`verdict.${finding.verdict}`)),
  ]);
  const orders = survey.orders.flatMap((/** @type {any} */ order) => [
    element("span", {}, `${order.command} ${order.command_id}`),
    element("span", { class: "value" }, order.sensed),
    element("span", { class: order.verdict }, text(`verdict.${order.verdict}`)),
  ]);
  return [element("p", { class: "label" }, text("survey")), element("div", { class: "survey" }, ...rows, ...orders)];
}

/** @param {any} swap */
function bayFlow(swap) {
  return `${text("from_bay")} ${swap.from_bay ?? "?"}, ${text("to_bay")} ${swap.to_bay ?? "?"}`;
}

/** @param {any} step */
function step(step) {
  const mark = { done: "✓", running: "▶", left: "↩", waiting: "·" }[/** @type {"done"} */ (step.state)] ?? "·";
  const title = language === "zh" ? step.title_zh : step.title_en;
  const time = step.state === "running" ? `${step.elapsed_s.toFixed(0)} / ${step.timeout_s.toFixed(0)} s` : "";
  return element("li", { class: step.state }, element("span", { class: "mark" }, mark), element("span", {}, title), element("span", { class: "value" }, time));
}

// Shape and number carry the priority, colour only repeats it: square 1, triangle up 2, triangle down 3, circle D.
const SHAPES = ["", "M5 5H39V39H5Z", "M22 3 42 39H2Z", "M2 5H42L22 41Z", "M22 4A18 18 0 1 1 21.9 4Z"];
const GLYPH_HEIGHTS = ["", "29", "35", "22", "29"];

/** @param {number} priority @param {boolean} unseen */
function symbol(priority, unseen) {
  const glyph = drawing("text", { x: "22", y: GLYPH_HEIGHTS[priority], "text-anchor": "middle" }, text(`priority.${priority}`));
  const attributes = { class: `symbol p${priority}${unseen ? " unseen" : ""}`, viewBox: "-2 -2 48 48", role: "img" };
  return drawing("svg", attributes, drawing("path", { d: SHAPES[priority] }), glyph);
}

/**
 * One root alarm; `following` others are explained by it.
 * @param {any} alarm
 * @param {number} following
 * @param {Record<string, any>} catalogue
 * @param {(code: string) => string} reasonText
 * @param {(alarm: string) => void} acknowledge
 */
export function alarmNode(alarm, following, catalogue, reasonText, acknowledge) {
  const said = catalogue[alarm.code]?.[language];
  const open = alarm.state !== "acknowledged";
  const detail = alarm.detail.split(/(: |, )/).map(reasonText).join("");
  const title = element("b", {}, `${said?.title ?? alarm.code} · ${alarm.source}${detail ? ` · ${detail}` : ""}`);
  const help = said ? [element("span", {}, `${text("cause")}: ${said.cause}`), element("span", {}, `${text("action")}: ${said.action}`)] : [];
  if (following) help.push(element("span", {}, text("following").replace("{count}", String(following))));
  const seen = element(open ? "button" : "span", open ? { type: "button" } : { class: "quiet" }, open ? text("acknowledge") : `${text("acknowledged_by")} ${alarm.acknowledged_by}`);
  if (open) seen.addEventListener("click", () => acknowledge(alarm.alarm));
  return element("li", {}, symbol(alarm.priority, open), element("div", { class: "alarm-text" }, title, ...help), seen);
}

/** Word for what the sensors say of a place; the codes of a battery on a truck stand for themselves. @param {string} said */
function sensed(said) {
  const key = `sensed.${said}`;
  return text(key) === key ? said : text(key);
}

/** @param {any} bay */
export function bayNode(bay) {
  const io = bay.io.value;
  const charge = bay.charge.value;
  const output = (bay.charger.value ? bay.charger : bay.modules).value;
  const soc = bay.soc_pct;
  const occupied = io?.presence === "present";
  const apart = bay.isolation || bay.transit;
  const name = bay.isolation ? text("isolation") : bay.transit ? text("transit") : `${bay.number}`;
  const head = element("div", { class: apart ? "bay-head named" : "bay-head" }, element("b", {}, name), element("span", { class: "value" }, occupied && !apart ? number(soc, "%") : ""));
  const nodes = [head, element("div", { class: "bay-word" }, word(bay, io, charge))];
  if (occupied) {
    if (!apart) nodes.splice(1, 0, element("progress", { max: "100", value: String(soc ?? 0), "aria-label": "SOC" }));
    nodes.push(
      element("div", { class: `minor ${quality(bay.io)}` }, bay.battery ?? text("unknown")),
      element("div", { class: "minor value" }, `${number(output ? output.voltage_v * output.current_a / 1000 : null, "kW")} ${number(charge?.max_temperature_c, "°C")}`),
      element("div", { class: "minor value" }, `${text(io.connector_mated ? "mated" : "not_mated")}, ${text(io.contactor_closed ? "closed" : "open")}`),
    );
  }
  return element("li", { class: `bay ${occupied ? "occupied" : "vacant"}` }, ...nodes);
}

/** @param {any} bay @param {any} io @param {any} charge */
function word(bay, io, charge) {
  if (!io || bay.io.quality !== "good") return text("no_data");
  if (io.smoke) return text("smoke");
  if (io.presence !== "present") return text(io.presence);
  if (bay.isolation || bay.transit) return text("present");
  if (bay.charging === "charger" && bay.charger.value) return text(`charger.${bay.charger.value.state}`);
  return charge ? text(`phase.${charge.phase}`) : text("no_data");
}
