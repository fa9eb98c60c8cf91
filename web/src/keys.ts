/** What the keyboard does on every page, outside of fields. */
import { navigate } from "./location.ts";

/** After `g`, the next key within this time says where to go, in ms. */
const chordMs = 1_500;

/** Where `g` and a letter go. */
export const goes: Readonly<Record<string, { to: string; name: string }>> = {
  f: { to: "/", name: "Fleet" },
  a: { to: "/attention", name: "Needs you" },
  n: { to: "/nodes", name: "Nodes" },
  p: { to: "/providers", name: "Providers" },
  h: { to: "/history", name: "History" },
};

const setting = "single-keys";

/** Whether keys without Ctrl do something: who speaks to the machine may want them off (WCAG 2.1.4). On by default. */
export function singleKeys(): boolean {
  return localStorage.getItem(setting) !== "off";
}

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(setting);
  else localStorage.setItem(setting, "off");
}

export interface KeyActions {
  palette(): void;
  help(): void;
}

/** The returned function ends it. */
export function listenToKeys({ palette, help }: KeyActions): () => void {
  let chordUntil = 0;
  const onKey = (event: KeyboardEvent) => {
    const key = event.key.toLowerCase();
    if ((event.metaKey || event.ctrlKey) && key === "k") {
      event.preventDefault();
      return palette();
    }
    if (event.metaKey || event.ctrlKey || event.altKey || !singleKeys() || isBusy(event.target)) return;
    const goesTo = event.timeStamp < chordUntil ? goes[key]?.to : undefined;
    chordUntil = key === "g" ? event.timeStamp + chordMs : 0;
    const action = goesTo !== undefined ? () => navigate(goesTo) : actionOf(event.key, help);
    if (!action) return;
    event.preventDefault();
    action();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function actionOf(key: string, help: () => void): (() => void) | undefined {
  if (key === "?") return help;
  if (key === "c") return () => navigate("/spawn");
  if (key === "/") return focusSearch();
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  return undefined;
}

/** In a field keys write, and in a dialog they are its own. */
function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

function focusSearch(): (() => void) | undefined {
  const field = document.querySelector<HTMLInputElement>("main input[type=search]");
  return field ? () => field.focus() : undefined;
}

/** To the next row or card of the page, or the one before. */
function step(by: number): (() => void) | undefined {
  const all = [
    ...document.querySelectorAll<HTMLElement>("main :is(.rows a[href], a.card, .queue summary, .commits summary)"),
  ];
  if (all.length === 0) return undefined;
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
  return () => all[next]?.focus();
}
