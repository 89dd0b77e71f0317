// Words of orders and payments, in English.

import type { moneyZh } from "./money.zh";

export const moneyEn: Record<keyof typeof moneyZh, string> = {
  "nav.money": "Orders and payments",
  money_orders: "Orders",
  money_open: "Only those without a price",
  money_fleet: "Fleet",
  money_period: "Period and energy",
  money_electricity: "Electricity (yuan)",
  money_service: "Service (yuan)",
  money_priced: "priced",
  money_lacks: "no price",
  money_payments: "Payments",
  money_unpaid: "Only those not paid",
  money_reference: "Reference",
  money_service_of: "Taken by, receipt",
  money_tries: "asked {tries} times",
  "unpriced.no_fleet": "the truck is of no fleet",
  "unpriced.no_contract": "the fleet has no contract",
  "unpriced.no_tariff": "no tariff",
  "unpriced.no_energy": "energy not known",
  "unpriced.no_distance": "distance not known",
  "payment.due": "due",
  "payment.asked": "asked for, outcome not known",
  "payment.paid": "paid",
  "payment.refused": "refused: the fleet owes it",
};
