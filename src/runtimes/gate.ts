/** Where a paused agent waits. Open at first. */
export interface Gate {
  close(): void;
  open(): void;
  readonly closed: boolean;
  /** Resolves once the gate is open, or as soon as `signal` aborts. */
  pass(signal?: AbortSignal): Promise<void>;
}

export function gate(): Gate {
  const waiting = new Set<() => void>();
  let closed = false;
  return {
    get closed() {
      return closed;
    },
    close() {
      closed = true;
    },
    open() {
      closed = false;
      for (const go of [...waiting]) go();
    },
    pass(signal) {
      if (!closed || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const go = () => {
          waiting.delete(go);
          signal?.removeEventListener("abort", go);
          resolve();
        };
        waiting.add(go);
        signal?.addEventListener("abort", go, { once: true });
      });
    },
  };
}
