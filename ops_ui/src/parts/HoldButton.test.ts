// @vitest-environment happy-dom
import { fireEvent, render } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import HoldButton from "./HoldButton.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function hold(start: string, end: string, ms: number, given: object = {}): Promise<number> {
  const done = vi.fn();
  const shown = render(HoldButton, { label: "x", done, ...given });
  const button = shown.getByRole("button");
  await fireEvent(button, new Event(start, { bubbles: true, cancelable: true }));
  vi.advanceTimersByTime(ms);
  await fireEvent(button, new Event(end, { bubbles: true, cancelable: true }));
  vi.advanceTimersByTime(5000);
  shown.unmount();
  return done.mock.calls.length;
}

it("fires once after two seconds and not before", async () => {
  expect(await hold("pointerdown", "pointerup", 1900)).toBe(0);
  expect(await hold("pointerdown", "pointerup", 2100)).toBe(1);
  expect(await hold("pointerdown", "pointerleave", 1500)).toBe(0);
  expect(await hold("pointerdown", "pointerup", 60_000)).toBe(1);
});

it("does nothing while it is not allowed", async () => {
  expect(await hold("pointerdown", "pointerup", 3000, { disabled: true })).toBe(0);
});
