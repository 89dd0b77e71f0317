// Names for what the API sends. The types themselves are generated from its description.

import type { components, paths } from "../api";

type Schemas = components["schemas"];

export type Paths = paths;
export type Snapshot = Schemas["Snapshot"];
export type Received = Schemas["ReceivedSnapshot"];
export type Session = Schemas["SessionView"];
export type Due = Schemas["Due"];
export type WorkOrder = Schemas["WorkOrder"];
export type DeviceCard = Schemas["DeviceCard"];
export type Alarm = Schemas["Alarm-Output"];
export type AlarmDefinition = Schemas["AlarmDefinition"];
export type Reason = Schemas["Reason"];
export type PlanReason = Schemas["PlanReason"];
export type Bay = Schemas["BayState"];
export type SwapState = Schemas["SwapState"];
export type StepState = Schemas["StepState"];
export type Survey = Schemas["Survey"];
export type Plan = Schemas["ChargePlan"];
export type ChargeGoal = Schemas["ChargeGoal"];
export type Hold = Schemas["Hold"];
export type ActionState = Schemas["ActionState"];
export type Robot = Schemas["Robot"];
export type Truck = Schemas["Truck-Output"];
export type Battery = Schemas["Battery"];
export type PartMovement = Schemas["PartMovement"];
export type Stock = Schemas["Stock"];
export type Account = Schemas["Account"];
export type Role = Schemas["Role"];
export type TrainingState = Schemas["TrainingState"];
export type QueuedTruck = Schemas["QueuedTruck"];
export type Job = Schemas["Job"];
export type Bypass = Schemas["Bypass"];
export type Running = Schemas["Running"];
export type LaneText = Schemas["LaneText"];
export type Confirmation = Schemas["Confirmation"];
export type Handover = Schemas["Handover"];
export type AlarmPeriod = Schemas["AlarmPeriod"];
export type AlarmFigures = Schemas["AlarmFigures"];
export type ControlState = Schemas["ControlState"];

/** A device state with its age and how far it may be trusted. */
export interface Seen<T> {
  value: T | null;
  age_s: number | null;
  quality: "good" | "stale" | "refused" | "never";
}

/** What the live stream sends. */
export interface LiveMessage {
  snapshot: Snapshot | null;
  age_s: number | null;
  connected: boolean;
  training: boolean;
  control: ControlState & { yours: boolean };
  build: string;
}

/** A text of a catalogue of the server, in both languages. */
export interface Both {
  zh: string;
  en: string;
}

/** Body of every answer that is not a success (RFC 9457). */
export interface Problem {
  code?: string;
  title?: string;
  title_zh?: string;
  detail?: string;
  reasons?: (Both & { code: string })[];
  errors?: { field: string; value: string; allowed: string }[];
  facts?: Record<string, string>;
}

export type Frames = Schemas["Frames"];
export type Moment = Schemas["Moment"];
export type Timeline = Schemas["Timeline"];
export type Swap = Schemas["Swap"];
export type SafetyEvent = Schemas["SafetyEventFolder"];
