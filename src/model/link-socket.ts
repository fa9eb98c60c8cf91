/** What both ends of a link need of their connection. A WebSocket of `ws` is one. */
export interface LinkSocket {
  readonly readyState: number;
  /** The `readyState` of a socket that can send. */
  readonly OPEN: number;
  /** Bytes that were sent and have not left. */
  readonly bufferedAmount: number;
  send(frame: string): void;
  close(code?: number, reason?: string): void;
  /** Ends it at once, without a word to the other end. */
  terminate(): void;
  on(event: "open" | "close" | "error", listener: () => void): unknown;
  on(event: "message", listener: (data: unknown) => void): unknown;
}
