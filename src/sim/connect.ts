import type { LinkSocket } from "../model/link-socket.ts";
import type { NodeId } from "../model/records.ts";
import { BrokenPromise } from "./broken-promise.ts";
import type { Bugs } from "./bugs.ts";
import type { Dice } from "./dice.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { StaleOrders } from "./stale-orders.ts";
import type { Process, Timeline } from "./timeline.ts";
import { type Weather, Wire } from "./wire.ts";

interface Ends {
  timeline: Timeline;
  weather: Weather;
  dice: Dice;
  stale: StaleOrders;
  bugs: Bugs;
  id: NodeId;
  node: Process;
  engine: EngineProcess;
  fail(error: unknown): void;
}

/** What a node gets that connects to an engine. Without a wire it is refused: the engine that wrote engine.json is dead, or not up yet. */
export function connect(ends: Ends): { socket: LinkSocket; wire: Wire | null } {
  const { timeline, weather, dice, stale, bugs, id, node, engine, fail } = ends;
  const wire = new Wire({
    timeline,
    weather,
    dice,
    node,
    engine: engine.process,
    toNode: (frame) => stale.passing(bugs.toNode?.(frame) ?? [frame]),
    toEngine: (frame) => stale.leaving(bugs.toEngine?.(frame) ?? [frame]),
  });
  const { latencyMs } = weather;
  if (weather.silent || !engine.links) {
    node.after(latencyMs, () => wire.node.emit("error"));
    return { socket: wire.node, wire: null };
  }
  engine.wires.set(id, wire);
  wire.engine.on("close", () => {
    // A leader that was replaced can take nothing any more.
    const leads = engine.process.alive && wire.engine.closeCode === 1011;
    if (leads) fail(new BrokenPromise("the engine takes every frame", "it did not"));
  });
  timeline.after(latencyMs, () => {
    engine.process.run(() => {
      engine.links?.accept(wire.engine);
      wire.engine.opened();
    });
  });
  timeline.after(2 * latencyMs, () => node.run(() => wire.node.opened()));
  return { socket: wire.node, wire };
}
