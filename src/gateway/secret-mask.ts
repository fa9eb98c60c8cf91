/**
 * Blots secrets out of a stream, byte for byte, so that its length stays what its headers say.
 *
 * What a part ends with is held back only where a secret begins like it: at most a byte less than the longest secret, until the
 * next part or the end. An event of a stream ends with a line, which no secret begins with, so none of it ever waits.
 */
export class SecretMask {
  private readonly secrets: readonly Buffer[];
  private readonly isOfOneLine: boolean;
  private held: Buffer = none;

  constructor(secrets: readonly string[]) {
    this.secrets = secrets.filter((secret) => secret !== "").map((secret) => Buffer.from(secret));
    this.isOfOneLine = !this.secrets.some((secret) => secret.includes(newline));
  }

  /** What may pass of all that came until now. May be `part` itself, or empty; `part` is never changed. O(bytes × secrets). */
  pass(part: Buffer): Buffer {
    if (this.secrets.length === 0) return part;
    const bytes = this.blotted(this.held.length > 0 ? Buffer.concat([this.held, part]) : part);
    const kept = bytes.length - this.openEnd(bytes);
    this.held = kept < bytes.length ? Buffer.from(bytes.subarray(kept)) : none;
    return kept < bytes.length ? bytes.subarray(0, kept) : bytes;
  }

  /** What was held back, once nothing more comes: less than a secret. */
  end(): Buffer {
    const rest = this.held;
    this.held = none;
    return rest;
  }

  private blotted(bytes: Buffer): Buffer {
    let clean = bytes;
    for (const secret of this.secrets) {
      for (let at = clean.indexOf(secret); at >= 0; at = clean.indexOf(secret, at + secret.length)) {
        if (clean === bytes) clean = Buffer.from(bytes);
        clean.fill(blot, at, at + secret.length);
      }
    }
    return clean;
  }

  /** How many bytes at the end some secret begins with. */
  private openEnd(bytes: Buffer): number {
    if (bytes[bytes.length - 1] === newline && this.isOfOneLine) return 0;
    return Math.max(0, ...this.secrets.map((secret) => openEnd(bytes, secret)));
  }
}

const none = Buffer.alloc(0);
const blot = "*";
const newline = 0x0a;

function openEnd(bytes: Buffer, secret: Buffer): number {
  const first = secret[0] ?? 0;
  const from = Math.max(0, bytes.length - secret.length + 1);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    const length = bytes.length - at;
    if (bytes.compare(secret, 0, length, at) === 0) return length;
  }
  return 0;
}
