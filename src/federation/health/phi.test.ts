import { ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { healthDefaults } from "./options.ts";
import { beat, newBeats, normalQuantile, phi, silenceFor } from "./phi.ts";

function near(value: number, expected: number, within: number): void {
  ok(Math.abs(value - expected) < within, `${value}, expected ${expected}`);
}

test("the quantiles are those of the normal distribution", () => {
  near(normalQuantile(-Math.log10(0.5)), 0, 1e-6);
  near(normalQuantile(-Math.log10(0.158655)), 1, 1e-5);
  near(normalQuantile(3), 3.090232, 1e-5);
  near(normalQuantile(8), 5.612001, 1e-5);
});

test("with one heartbeat a second, phi is 8 after 4.12 s of silence", () => {
  const beats = newBeats(healthDefaults, 0);
  near(silenceFor(beats, normalQuantile(8), healthDefaults), 4_122, 1);
  near(phi(beats, 4_122.4, healthDefaults), 8, 0.001);
});

test("phi rises with the silence", () => {
  const silence = fc.integer({ min: 0, max: 20_000 });
  fc.assert(
    fc.property(silence, silence, (one, other) => {
      const beats = newBeats(healthDefaults, 0);
      const [short, long] = [Math.min(one, other), Math.max(one, other)];
      ok(phi(beats, short, healthDefaults) <= phi(beats, long, healthDefaults) + 1e-9);
    }),
  );
});

test("learns a slower beat, and does not learn an outage", () => {
  const slow = newBeats(healthDefaults, 0);
  for (let i = 1; i <= 600; i++) beat(slow, i * 2_000, healthDefaults);
  near(slow.mean, 2_000, 10);
  const regular = newBeats(healthDefaults, 0);
  beat(regular, 3_600_000, healthDefaults);
  ok(silenceFor(regular, normalQuantile(8), healthDefaults) < 5_000);
});
