import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { HashRing } from "./hash-ring.ts";

test("a ring that changed in any order, merged at any time, is that of who is in it", () => {
  const action = fc.record({ slot: fc.nat({ max: 6 }), look: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40, size: "max" }), (actions) => {
      const ring = new HashRing();
      const members = new Map<number, string>();
      for (const [i, { slot, look }] of actions.entries()) {
        const id = members.get(slot);
        if (id === undefined) {
          members.set(slot, `m${i}`);
          ring.add(slot, `m${i}`);
        } else {
          members.delete(slot);
          ring.remove(slot, id);
        }
        if (look) ring.find(i);
      }
      const fresh = new HashRing();
      for (const [slot, id] of members) fresh.add(slot, id);
      deepEqual(owners(ring), owners(fresh));
    }),
  );
});

/** Whom positions all round the ring belong to, and who is next. */
function owners(ring: HashRing): number[] {
  return Array.from({ length: 300 }, (_, i) => {
    const index = ring.find(Math.floor((i / 299) * (2 ** 32 - 1)));
    return index < 0 ? -1 : ring.slotAt(index, i % 3);
  });
}
