/** Those who ask, in a process of their own, so that what they cost is not taken for the engine's. Started by `clients`. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { token } from "./token.ts";

export type Asked =
  /** Follow the stream with so many sockets. */
  | { do: "follow"; url: string; sockets: number; seconds: number }
  /** Read one address over and over through so many connections. */
  | { do: "read"; url: string; connections: number; seconds: number };

export interface Answer {
  /** Of events, from their time in the engine, in ms: the longest. */
  longestMs: number;
  events: number;
  perSecond: number;
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

const headers = { authorization: `Bearer ${token}` };
if (process.send && process.argv[2]?.startsWith("{")) {
  const asked = JSON.parse(process.argv[2]) as Asked;
  process.send(asked.do === "follow" ? await follow(asked) : await read(asked));
  process.disconnect();
  process.exit(0);
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

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
