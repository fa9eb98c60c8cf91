import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import type { FromNode } from "../model/link.ts";
import { NodeViews } from "./node-views.ts";

test("a node is shown with its agents, and with what its last heartbeat said for as long as it is linked", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: ["a"] });
  const { state } = fleet;
  const node = [...state.nodes.keys()][0] ?? "";
  const views = new NodeViews();
  const of = (linked: boolean) => views.of(state, () => linked)[0];
  const all = [...state.agents.values()];
  const expected = [all.length, all.filter(({ attempt }) => attempt !== null).length];
  deepEqual([of(true)?.agents, of(true)?.busy], expected);
  equal(of(true)?.load, null);
  const memory = { free: 1, total: 2 };
  const resources = { disk: null, inodes: null, memory, files: null, processes: null, memoryStall: null };
  const beat = { type: "heartbeat", lagMs: 3, rssBytes: 4, hosts: 5, activities: [], reserved: [], resources } as const;
  views.hear(node, beat as unknown as Extract<FromNode, { type: "heartbeat" }>);
  deepEqual(of(true)?.load, { hosts: 5, rssBytes: 4, lagMs: 3, memory, disk: null, files: null, processes: null });
  equal(of(false)?.load, null);
});
