import type { IncomingMessage } from "node:http";

/** The whole body, or undefined when it is larger than `maxBytes`. @throws when the sender goes away in mid-body. */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(message.headers["content-length"] ?? 0) > maxBytes) return undefined;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message) {
    bytes += part.length;
    if (bytes > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}
