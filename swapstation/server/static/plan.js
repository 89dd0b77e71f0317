// The charging plan: what each battery is to do and why, promises, and the site's course. Pure from data to nodes.

import { drawing, element } from "./dom.js";
import { number } from "./panels.js";
import { either, language, text } from "./texts.js";

/** @typedef {{code: string, zh: string, en: string}} Reason */
/** @typedef {{code: string, values: Record<string, string>}} PlanReason */

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** Time of day at the station. @param {string | null | undefined} at */
export function clock(at) {
  return at ? new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: "Asia/Shanghai", timeStyle: "short", hour12: false }).format(new Date(at)) : "";
}

/** The text of a reason with its values in it. @param {PlanReason} reason @param {Record<string, Reason>} catalogue */
function why(reason, catalogue) {
  const said = either(catalogue[reason.code], reason.code);
  return said.replace(/\{(\w+)\}/g, (_, name) => {
    const value = reason.values[name] ?? "?";
    return INSTANT.test(value) ? clock(value) : value;
  });
}

/** What the planner does, in one line. @param {any} snapshot @param {any} forecast */
export function planLine(snapshot, forecast) {
  const watch = snapshot.plan_watch;
  if (!watch.enabled) return text("plan_off");
  if (watch.late) return text("plan_late");
  if (!snapshot.plan) return text("plan_waits");
  const parts = [`${text("plan_age")} ${number(watch.age_s, text("seconds"))}`];
  if (forecast?.cost !== null && forecast?.cost !== undefined) parts.push(`${text("plan_cost")} ${Number(forecast.cost).toFixed(0)} ${text("yuan")}`);
  return parts.join(" · ");
}

/** One row for each battery that is charged or waits, and one for the site's store. @param {any} snapshot @param {Record<string, Reason>} reasons */
export function planRows(snapshot, reasons) {
  const rows = snapshot.charge_goals
    .filter((/** @type {any} */ goal) => bayOf(snapshot, goal.bay)?.battery)
    .map((/** @type {any} */ goal) => planRow(snapshot, goal, reasons));
  return snapshot.store_goal ? [...rows, storeRow(snapshot, reasons)] : rows;
}

/** What the site's store does and why; positive is into it. @param {any} snapshot @param {Record<string, Reason>} reasons */
function storeRow(snapshot, reasons) {
  const goal = snapshot.store_goal, store = snapshot.store.quality === "good" ? snapshot.store.value : null;
  return element("li", {},
    element("b", {}, text("plan_store")),
    element("span", { class: "value" }, number(store?.soc_pct ?? null, "%")),
    element("span", { class: "value" }, number(store?.power_kw ?? null, "kW")),
    element("span"),
    element("span", { class: "because" }, whys(goal.reasons, reasons)),
  );
}

/** @param {any} snapshot @param {number} bay */
function bayOf(snapshot, bay) {
  return snapshot.bays.find((/** @type {any} */ each) => each.number === bay);
}

/** @param {any} snapshot @param {any} goal @param {Record<string, Reason>} reasons */
function planRow(snapshot, goal, reasons) {
  const bay = bayOf(snapshot, goal.bay);
  const planned = snapshot.plan?.bays.find((/** @type {any} */ each) => each.bay === goal.bay && each.battery === bay.battery);
  const reached = bay.soc_pct !== null && bay.soc_pct >= goal.target_soc_pct;
  const gives = goal.discharge_kw > 0;
  const does = gives ? `${text("plan_gives")} ${number(goal.discharge_kw, "kW")}` : reached ? text("plan_full") : goal.max_kw > 0 ? `≤ ${number(goal.max_kw, "kW")}` : text("plan_pause");
  const ready = reached || !planned?.ready_at ? "" : `${text("plan_ready")} ${clock(planned.ready_at)}`;
  const told = goal.reasons.length ? goal.reasons : planned?.reasons ?? [];
  const because = reached && !gives ? "" : whys(told, reasons) || text("plan_arrival");
  const climate = snapshot.climate_goals.find((/** @type {any} */ each) => each.bay === goal.bay);
  return element("li", {},
    element("b", {}, `${goal.bay}`),
    element("span", { class: "value" }, `${number(bay.soc_pct, "%")} → ${number(goal.target_soc_pct, "%")}`),
    element("span", { class: "value" }, does),
    element("span", { class: "value" }, ready),
    element("span", { class: "because" }, [because, whys(climate?.reasons ?? [], reasons)].filter(Boolean).join(text("plan_and"))),
  );
}

/** @param {PlanReason[]} told @param {Record<string, Reason>} reasons */
function whys(told, reasons) {
  return told.map((reason) => why(reason, reasons)).join(text("plan_and"));
}

/** Promises by time. @param {any} snapshot */
export function promiseRows(snapshot) {
  const promised = snapshot.inventory.holds.filter((/** @type {any} */ hold) => hold.kind === "booking" && hold.needed_at);
  promised.sort((/** @type {any} */ one, /** @type {any} */ other) => one.needed_at.localeCompare(other.needed_at));
  return promised.map((/** @type {any} */ hold) => element("li", {},
    element("b", { class: "value" }, clock(hold.needed_at)),
    element("span", { class: "value" }, hold.vin ?? text("unknown")),
    element("span", {}, `${hold.model} ${hold.soc_pct === null ? text("plan_ready") : `≥ ${number(hold.soc_pct, "%")}`}`),
    element("span", { class: "value" }, hold.battery ?? text("plan_unbound")),
  ));
}

const HEIGHT = 190, LEFT = 52, RIGHT = 52, TOP = 22, BOTTOM = 26, HOUR_MS = 3_600_000, LEAST_LABEL_PX = 90;

/** The course of the site: planned power as an area, its limit and the price as steps. @param {any} plan @param {number} width */
export function planChart(plan, width) {
  const steps = plan.steps;
  const starts = steps.map((/** @type {any} */ step) => Date.parse(step.at));
  const end = starts[starts.length - 1] + (starts.length > 1 ? starts[starts.length - 1] - starts[starts.length - 2] : HOUR_MS);
  const powers = steps.flatMap((/** @type {any} */ step) => [step.site_kw, step.limit_kw ?? 0]);
  const prices = steps.map((/** @type {any} */ step) => step.price_per_kwh === null ? null : Number(step.price_per_kwh));
  const known = prices.filter((/** @type {number | null} */ price) => price !== null);
  const mostKw = Math.max(...powers, 1), mostPrice = Math.max(...known, 0.01);
  const x = (/** @type {number} */ at) => LEFT + (at - starts[0]) / (end - starts[0]) * (width - LEFT - RIGHT);
  const scale = (/** @type {number} */ most) => (/** @type {number} */ value) => HEIGHT - BOTTOM - Math.max(value, 0) / most * (HEIGHT - TOP - BOTTOM);
  const kw = scale(mostKw * 1.05), yuan = scale(mostPrice * 1.15);
  const edges = [...starts.slice(1), end].map(x);
  const line = (/** @type {(number | null)[]} */ values, /** @type {(value: number) => number} */ y) =>
    values.map((value, index) => value === null ? "" : `${index && values[index - 1] !== null ? "L" : "M"}${x(starts[index]).toFixed(1)} ${y(value).toFixed(1)}H${edges[index].toFixed(1)}`).join("");
  const base = kw(0).toFixed(1);
  const area = steps.map((/** @type {any} */ step, /** @type {number} */ index) => `${index ? "L" : `M${x(starts[0]).toFixed(1)} ${base}L`}${x(starts[index]).toFixed(1)} ${kw(step.site_kw).toFixed(1)}H${edges[index].toFixed(1)}`).join("") + `V${base}Z`;
  const label = (/** @type {number} */ at, /** @type {number} */ y, /** @type {string} */ anchor, /** @type {string} */ words) =>
    drawing("text", { x: at.toFixed(1), y: y.toFixed(1), "text-anchor": anchor }, words);
  const every = Math.ceil(LEAST_LABEL_PX / ((width - LEFT - RIGHT) / ((end - starts[0]) / HOUR_MS)));
  const hours = [];
  for (let at = Math.ceil(starts[0] / HOUR_MS) * HOUR_MS; at < end; at += HOUR_MS * every) hours.push(at);
  const limits = steps.map((/** @type {any} */ step) => step.limit_kw);
  return drawing("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width: String(width), height: String(HEIGHT), role: "img", "aria-label": text("plan_chart") },
    ...hours.map((at) => drawing("path", { class: "grid", d: `M${x(at).toFixed(1)} ${TOP}V${base}` })),
    drawing("path", { class: "power", d: area }),
    drawing("path", { class: "limit", d: line(limits, kw) }),
    drawing("path", { class: "price", d: line(prices, yuan) }),
    drawing("path", { class: "axis", d: `M${LEFT} ${base}H${width - RIGHT}` }),
    ...hours.map((at) => label(x(at), HEIGHT - 6, "middle", clock(new Date(at).toISOString()))),
    label(LEFT - 6, kw(mostKw) + 6, "end", `${mostKw.toFixed(0)}`),
    label(LEFT - 6, Number(base), "end", "0"),
    label(LEFT - 6, 14, "end", "kW"),
    ...(known.length ? [label(width - RIGHT + 6, yuan(mostPrice) + 6, "start", mostPrice.toFixed(2)), label(width - RIGHT + 6, 14, "start", text("yuan"))] : []),
  );
}
