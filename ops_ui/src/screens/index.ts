// Which component shows which screen.

import type { Component } from "svelte";
import type { Screen } from "../lib/place.svelte";
import type { Snapshot } from "../lib/types";
import Alarms from "./Alarms.svelte";
import Audit from "./Audit.svelte";
import Bays from "./Bays.svelte";
import Bookings from "./Bookings.svelte";
import Duty from "./Duty.svelte";
import Handover from "./Handover.svelte";
import Lane from "./Lane.svelte";
import Maintenance from "./Maintenance.svelte";
import Money from "./Money.svelte";
import More from "./More.svelte";
import Overview from "./Overview.svelte";
import Plan from "./Plan.svelte";
import Replay from "./Replay.svelte";
import Reports from "./Reports.svelte";
import Settings from "./Settings.svelte";
import Stock from "./Stock.svelte";
import Swap from "./Swap.svelte";
import Training from "./Training.svelte";
import Upkeep from "./Upkeep.svelte";
import Uplinks from "./Uplinks.svelte";
import Users from "./Users.svelte";

export const SCREEN_PARTS: Record<Screen, Component<{ now: Snapshot }>> = {
  overview: Overview, swap: Swap, bays: Bays, plan: Plan, bookings: Bookings, alarms: Alarms, maintenance: Maintenance, more: More,
  stock: Stock, reports: Reports, users: Users, audit: Audit,
  settings: Settings, training: Training, handover: Handover, duty: Duty, lane: Lane, replay: Replay, upkeep: Upkeep, uplinks: Uplinks, money: Money,
};
