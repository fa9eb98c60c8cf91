import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { HashRing } from "./hash-ring.ts";

test("a ring that changed in any order, merged at any time, is that of who is in it", () => {
  const action = fc.record({ slot: fc.nat({ max: 6 }), look: fc.boolean(), rebuild: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40, size: "max" }), (actions) => {
      const ring = new HashRing();
      const members = new Map<number, string>();
      for (const [i, { slot, look, rebuild }] of actions.entries()) {
        const id = members.get(slot);
        if (id === undefined) {
          members.set(slot, `m${i}`);
          ring.add(slot, `m${i}`);
        } else {
          members.delete(slot);
          ring.remove(slot, id);
        }
        if (look) ring.from(i);
        if (rebuild) ring.rebuild();
      }
      const fresh = new HashRing();
      for (const [slot, id] of members) fresh.add(slot, id);
      deepEqual(owners(ring), owners(fresh));
    }),
  );
});

test("a walk meets every point once and then ends, also round the end and over two circles", () => {
  const ring = new HashRing();
  ring.add(0, "a");
  ring.add(1, "b");
  ring.from(0);
  ring.add(2, "c");
  ring.remove(0, "a");
  ring.from(3_000_000_000);
  const met = new Map<number, number>();
  for (let slot = ring.next(); slot >= 0; slot = ring.next()) met.set(slot, (met.get(slot) ?? 0) + 1);
  deepEqual(
    [...met].sort(([a], [b]) => a - b),
    [
      [1, 32],
      [2, 32],
    ],
  );
});

/** Whom positions all round the ring belong to, and who is next. */
function owners(ring: HashRing): number[] {
  return Array.from({ length: 300 }, (_, i) => {
    ring.from(Math.floor((i / 299) * (2 ** 32 - 1)));
    for (let steps = 0; steps < i % 3; steps++) ring.next();
    return ring.next();
  });
}
