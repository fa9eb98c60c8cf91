import type { IncomingMessage } from "node:http";

/**
 * The whole body, or undefined when it is larger than `maxBytes`. @throws when the sender goes away in mid-body.
 * By events: an asynchronous iterator over the parts costs more than all else that is done with a request.
 */
export function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(message.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    message.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes <= maxBytes) return void parts.push(part);
      message.pause();
      resolve(undefined);
    });
    message.once("end", () => resolve(parts.length === 1 ? parts[0] : Buffer.concat(parts, bytes)));
    message.once("error", reject);
    message.once("close", () => {
      // After the end as well, when there is nothing to tell: an error with its stack costs as much as reading a body.
      if (!message.readableEnded) reject(new Error("the sender went away in mid-body"));
    });
  });
}
