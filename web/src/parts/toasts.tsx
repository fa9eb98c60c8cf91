/** What was just done, for a few seconds, with a way back where there is one. */
import { useSyncExternalStore } from "react";

const lastsMs = 9_000;

interface Toast {
  id: number;
  text: string;
  undo: (() => void) | null;
}

let toasts: readonly Toast[] = [];
let newest = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function drop(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Says it at the foot of the page. `undo` is run when a person asks for it. */
export function say(text: string, undo: (() => void) | null = null): void {
  const id = ++newest;
  set([...toasts.slice(-2), { id, text, undo }]);
  setTimeout(() => drop(id), lastsMs);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status">
      {shown.map(({ id, text, undo }) => (
        <p key={id}>
          {text}
          {undo && (
            <button
              type="button"
              className="quiet"
              onClick={() => {
                drop(id);
                undo();
              }}
            >
              Undo
            </button>
          )}
        </p>
      ))}
    </div>
  );
}
