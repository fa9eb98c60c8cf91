/**
 * Text chunks made small: a mark, then for each chunk the length of its zstd frame (4 bytes, little endian) and the frame.
 *
 * A snapshot shrinks to a tenth. What it is spared to write is what the loop's own commits would wait for.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

const mark = Buffer.from("zstd\n");
const lengthBytes = 4;
/** The fastest: the rest of the gain is in levels that take ten times as long. */
const params = { [constants.ZSTD_c_compressionLevel]: 1 };

export function* pack(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let before: Uint8Array = mark;
  for (const chunk of chunks) {
    const frame = zstdCompressSync(chunk, { params });
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32LE(frame.length);
    // A copy, so that its memory is its own and may be handed to another thread.
    yield Uint8Array.from(Buffer.concat([before, length, frame]));
    before = Buffer.alloc(0);
  }
}

/** The chunks that were packed, however `bytes` are cut; those that were never packed come as they are. */
export async function* unpack(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  let packed: boolean | undefined;
  let unreadable: unknown;
  for await (const some of bytes) {
    // Whether the bytes are what was packed is known after the last: until then a bad frame proves nothing.
    if (unreadable !== undefined) continue;
    rest = rest.length === 0 ? Buffer.from(some.buffer, some.byteOffset, some.length) : Buffer.concat([rest, some]);
    if (packed === undefined) {
      if (rest.length < mark.length) continue;
      packed = rest.subarray(0, mark.length).equals(mark);
      if (packed) rest = rest.subarray(mark.length);
    }
    try {
      const { frames, left } = packed ? framesOf(rest) : { frames: [rest], left: Buffer.alloc(0) };
      rest = left;
      for (const frame of frames) yield packed ? zstdDecompressSync(frame) : frame;
    } catch (error) {
      unreadable = error;
    }
  }
  if (unreadable !== undefined) throw unreadable;
  if (rest.length > 0) yield rest;
}

function framesOf(bytes: Buffer): { frames: Buffer[]; left: Buffer } {
  const frames: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= lengthBytes) {
    const end = at + lengthBytes + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    frames.push(bytes.subarray(at + lengthBytes, end));
    at = end;
  }
  return { frames, left: bytes.subarray(at) };
}
