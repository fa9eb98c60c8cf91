import { equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "../../lib/properties.testing.ts";
import { IndexedHeap } from "./indexed-heap.ts";

test("the least is the least of all that are in, whatever was set, moved and removed", () => {
  const small = fc.integer({ min: 0, max: 4 });
  const action = fc.record({ slot: fc.nat({ max: 40 }), key: small, tie: small, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200, size: "max" }), (actions) => {
      const heap = new IndexedHeap();
      const model = new Map<number, { key: number; tie: number }>();
      for (const { slot, key, tie, remove } of actions) {
        if (remove) heap.remove(slot);
        else heap.set(slot, key, tie);
        if (remove) model.delete(slot);
        else model.set(slot, { key, tie });
        const least = [...model.values()].sort((a, b) => a.key - b.key || a.tie - b.tie)[0];
        equal(heap.length, model.size);
        equal(heap.has(slot), model.has(slot));
        equal(heap.leastKey(), least?.key ?? Number.POSITIVE_INFINITY);
        equal(model.get(heap.least())?.tie, least?.tie);
      }
    }),
  );
});
