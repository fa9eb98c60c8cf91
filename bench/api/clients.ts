/** Those who ask, in a process of their own, so that what they cost is not taken for the engine's. Started by `clients`. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { token } from "./token.ts";

export type Asked =
  /** Follow the stream with so many sockets. */
  | { do: "follow"; url: string; sockets: number; seconds: number }
  /** Read one address over and over through so many connections. */
  | { do: "read"; url: string; connections: number; seconds: number }
  /** Open so many connections that do nothing, ask over one opened before them, then over `more` opened after them. */
  | { do: "crowd"; url: string; connections: number; more: number };

export interface Answer {
  /** Of events, from their time in the engine, in ms: the longest. */
  longestMs: number;
  events: number;
  perSecond: number;
  /** Of connections that were one too many: those that were told so. */
  refused?: number;
}

/** `onStart` is called once all is connected. */
export async function clients(asked: Asked, onStart = () => {}): Promise<Answer> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(asked)]);
  for (;;) {
    const [message] = (await once(child, "message")) as ["started" | Answer];
    if (message !== "started") return message;
    onStart();
  }
}

/** Reads, one after another, that stand for how the engine does. */
const asks = 200;
const headers = { authorization: `Bearer ${token}` };
if (process.send && process.argv[2]?.startsWith("{")) {
  const asked = JSON.parse(process.argv[2]) as Asked;
  process.send(await answerTo(asked));
  process.disconnect();
  process.exit(0);
}

function answerTo(asked: Asked): Promise<Answer> {
  if (asked.do === "crowd") return crowd(asked);
  return asked.do === "follow" ? follow(asked) : read(asked);
}

async function follow({ url, sockets, seconds }: Extract<Asked, { do: "follow" }>): Promise<Answer> {
  let [longestMs, events, counting] = [0, 0, false];
  const open = Array.from({ length: sockets }, async () => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/stream?team=t1`, { headers });
    socket.on("message", (data: Buffer) => {
      // Looked at without parsing: it is the engine that is measured, on the cores that it shares with us.
      const at = /"at":(\d+)/.exec(data.subarray(0, 200).toString("latin1"))?.[1];
      if (!counting || at === undefined || data[9] !== 101) return;
      events++;
      longestMs = Math.max(longestMs, Date.now() - Number(at));
    });
    await once(socket, "open");
  });
  await Promise.all(open);
  process.send?.("started");
  counting = true;
  await pause(seconds);
  return { longestMs, events, perSecond: events / seconds };
}

async function read({ url, connections, seconds }: Extract<Asked, { do: "read" }>): Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const until = performance.now() + seconds * 1_000;
  let count = 0;
  process.send?.("started");
  const one = async () => {
    while (performance.now() < until) {
      await new Promise<void>((resolve, reject) => {
        get(url, { agent, headers }, (answer) => answer.resume().on("end", resolve)).on("error", reject);
      });
      count++;
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { longestMs: 0, events: 0, perSecond: count / seconds };
}

async function crowd({ url, connections, more }: Extract<Asked, { do: "crowd" }>): Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (through: Agent | false) =>
    new Promise<number | undefined>((resolve) => {
      get(url, { agent: through, headers }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode));
      }).on("error", () => resolve(undefined));
    });
  await ask(agent);
  const { hostname, port } = new URL(url);
  for (let open = 0; open < connections - 1; open += 100) {
    const some = Array.from({ length: Math.min(100, connections - 1 - open) }, () =>
      once(connect(Number(port), hostname), "connect"),
    );
    await Promise.all(some);
  }
  process.send?.("started");
  let longestMs = 0;
  for (let i = 0; i < asks; i++) {
    const started = performance.now();
    if ((await ask(agent)) === 200) longestMs = Math.max(longestMs, performance.now() - started);
    else longestMs = Number.POSITIVE_INFINITY;
  }
  const statuses = await Promise.all(Array.from({ length: more }, () => ask(false)));
  return { longestMs, events: 0, perSecond: 0, refused: statuses.filter((status) => status === 503).length };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
