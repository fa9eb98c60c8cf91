import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { resyncOrders } from "../engine/orders.ts";
import { type Charge, Ledger } from "../gateway/ledger.ts";
import { type Entry, memoryLedger } from "../gateway/ledger-entries.ts";
import { ManualClock } from "../lib/manual-clock.testing.ts";
import fc from "../lib/properties.testing.ts";
import { type Random, seededRandom } from "../lib/random.ts";
import { noMoney } from "../model/budget.ts";
import type { Order } from "../model/link.ts";
import { noUsage } from "../model/usage.ts";

const budgetUsd = 1;
const team = "t1";
const claim = {
  inputUsd: 0.002,
  usdPerToken: 1e-5,
  inputTokens: 10,
  answers: 1,
  wanted: 2_000,
  least: 100,
  spare: noMoney,
};

/** A node's gateway, and what its engine link does to it. */
class SharingNode {
  readonly id: string;
  readonly entries: Entry[] = [];
  readonly running: Charge[] = [];
  ledger!: Ledger;
  billedUsd = 0;
  up = true;

  constructor(id: string) {
    this.id = id;
    this.restart();
  }

  /** What was under way is billed in full by the provider. */
  restart(): void {
    for (const { reservation } of this.running.splice(0)) this.billedUsd += reservation.usd;
    this.ledger = new Ledger({ store: memoryLedger(this.entries), clock: new ManualClock() });
    this.up = true;
  }

  obey(order: Order): Extract<Order, { type: "returnAllowance" }> | null {
    if (order.type === "openTeam") this.ledger.openTeam(order.team);
    return order.type === "returnAllowance" ? order : null;
  }

  ask(): void {
    if (!this.ledger.purseOf(team)) return;
    const account = this.ledger.account({ attempt: `t1/k/${this.id}`, task: "t1/k", team });
    const held = account.purse.reserve(claim);
    if ("usd" in held)
      this.running.push(this.ledger.begin(account, held, { ...noUsage, requests: 1, costUsd: held.usd }));
  }

  settle(part: number): void {
    const charge = this.running.shift();
    if (!charge) return;
    const costUsd = charge.reservation.usd * part;
    this.billedUsd += costUsd;
    this.ledger.settle(charge, { ...noUsage, requests: 1, costUsd });
  }
}

class World {
  readonly fleet = new Fleet();
  readonly nodes = ["n1", "n2", "n3"].map((id) => new SharingNode(id));
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    for (const { id } of this.nodes)
      this.fleet.run({ type: "joinNode", node: id, pid: 7, cores: 2, agents: [], attempts: [] });
    this.fleet.team({ k: [], l: [] }, { budgetUsd, desired: 3 });
  }

  step(): void {
    const { fleet, random } = this;
    const node = this.nodes[Math.floor(random.next() * 3)];
    if (!node) return;
    const roll = random.next();
    if (roll < 0.5 && node.up) node.ask();
    else if (roll < 0.8 && node.up) node.settle(random.next());
    else if (roll < 0.9) this.sync(node);
    else if (roll < 0.93) {
      node.up = false;
      fleet.run({ type: "loseNode", node: node.id, pid: 7, reason: "gone", planned: false });
    } else if (roll < 0.98 && !node.up) {
      node.restart();
      fleet.run({ type: "joinNode", node: node.id, pid: 7, cores: 2, agents: [], attempts: [] });
      this.sync(node);
    } else fleet.run({ type: "wake" });
    this.look();
  }

  /** Every order may come again, late or in another turn; so may what the node answers. */
  sync(node: SharingNode): void {
    const { fleet, random } = this;
    const { state, options } = fleet;
    if (!node.up) return;
    for (const order of resyncOrders(state, node.id, { agents: [], attempts: [] }, options)) node.obey(order);
    const allowance = state.nodes.get(node.id)?.allowances?.[team];
    if (!allowance?.recalled) return;
    const kept = node.ledger.giveBack(team, allowance.version);
    // The report may be lost with its node.
    if (kept && random.next() < 0.7) {
      const report = { type: "allowanceReturned", scope: team, ...kept, version: allowance.version } as const;
      fleet.run({ type: "acceptReport", node: node.id, report });
    }
  }

  look(): void {
    const billed = this.nodes.reduce((sum, node) => sum + node.billedUsd, 0);
    const reserved = this.nodes.reduce(
      (sum, { running }) => sum + running.reduce((all, { reservation }) => all + reservation.usd, 0),
      0,
    );
    ok(billed + reserved <= budgetUsd, `${billed} billed + ${reserved} reserved of ${budgetUsd}`);
  }
}

test("three nodes share one budget, whatever is lost, late or repeated: together they never spend more", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const world = new World(seed);
      for (let step = 0; step < 400; step++) world.step();
    }),
    { numRuns: 40 },
  );
});

test("a node that has nothing left is given what another does not need", () => {
  const world = new World(1);
  const { fleet } = world;
  const [attempt] = [...fleet.state.attempts.values()];
  const spender = world.nodes.find(({ id }) => id === attempt?.node);
  ok(attempt && spender);
  for (const node of world.nodes) world.sync(node);
  for (let turn = 0; turn < 400 && spender.billedUsd < 0.7; turn++) {
    spender.ask();
    spender.settle(1);
    const usage = { ...noUsage, requests: turn, costUsd: spender.billedUsd };
    fleet.run({ type: "acceptReport", node: spender.id, report: { type: "attemptSpent", attempt: attempt.id, usage } });
    for (const node of world.nodes) world.sync(node);
    world.look();
  }
  ok(spender.billedUsd > 0.6, `${spender.billedUsd} of the ${budgetUsd} that nobody else wanted`);
});

test("what a lost node held stays with it until its ledger is heard", () => {
  const world = new World(2);
  const { fleet } = world;
  const held = () => [...fleet.state.nodes.values()].map(({ allowances }) => allowances?.[team]?.usd?.toFixed(3));
  const before = held();
  fleet.run({ type: "loseNode", node: "n2", pid: 7, reason: "gone", planned: false });
  for (let turn = 0; turn < 5; turn++) fleet.run({ type: "wake" });
  deepEqual(held()[1], before[1]);
});
