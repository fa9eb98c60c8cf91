/** Draws the cells of a map on a canvas: a thousand of them cost one drawing a change, and nothing while all is still. */
import type { AgentView } from "../../../src/api/wire.ts";
import { onThemeChange } from "../theme.ts";
import type { Cell } from "./cells.ts";

const gap = 3;
/** How long a cell shines after its state changed, in ms. */
const shineMs = 600;
/** A smaller cell has no room for a strip, in px. */
const leastForStrip = 12;

export class MapPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #observer: ResizeObserver;
  readonly #unheard: () => void;
  #cells: readonly Cell[] = [];
  #columns = 1;
  #cell = 16;
  #frame = 0;
  #colours = new Map<string, string>();
  /** When the state of an agent last changed, and what it is since. */
  readonly #changes = new Map<string, { state: string; at: number }>();

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#observer = new ResizeObserver(() => this.#draw());
    this.#observer.observe(canvas.parentElement ?? canvas);
    this.#unheard = onThemeChange(this.#restyle);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
    this.#unheard();
  }

  show(cells: readonly Cell[]): void {
    const now = performance.now();
    for (const {
      agent: { id, state },
    } of cells) {
      const known = this.#changes.get(id);
      if (known?.state !== state) this.#changes.set(id, { state, at: known ? now : 0 });
    }
    this.#cells = cells;
    this.#soon();
  }

  at(x: number, y: number): AgentView | undefined {
    const step = this.#cell + gap;
    const column = Math.floor(x / step);
    return column < this.#columns ? this.#cells[Math.floor(y / step) * this.#columns + column]?.agent : undefined;
  }

  readonly #restyle = () => {
    this.#colours.clear();
    this.#soon();
  };

  #soon(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const width = this.#canvas.parentElement?.clientWidth ?? 0;
    const context = this.#canvas.getContext("2d");
    if (!context || width === 0) return;
    this.#cell = cellFor(this.#cells.length, width);
    const step = this.#cell + gap;
    this.#columns = Math.max(1, Math.floor((width + gap) / step));
    const height = Math.max(1, Math.ceil(this.#cells.length / this.#columns)) * step;
    this.#size(width, height);
    const scale = devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const now = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let shines = false;
    for (const [i, cell] of this.#cells.entries()) {
      const x = (i % this.#columns) * step;
      const y = Math.floor(i / this.#columns) * step;
      context.beginPath();
      context.roundRect(x, y, this.#cell, this.#cell, Math.min(4, this.#cell / 4));
      this.#fill(context, cell);
      this.#strip(context, cell, { x, y });
      const age = now - (this.#changes.get(cell.agent.id)?.at ?? 0);
      if (still || age >= shineMs) continue;
      shines = true;
      context.globalAlpha = 0.6 * (1 - age / shineMs);
      context.fillStyle = this.#colour("shine");
      context.fill();
      context.globalAlpha = 1;
    }
    if (shines) this.#soon();
  }

  /** The current path: by its state, or by its shade. */
  #fill(context: CanvasRenderingContext2D, { agent, shade }: Cell): void {
    context.fillStyle = this.#colour(shade === null ? agent.state : "idle");
    context.fill();
    if (shade === null || shade === 0) return;
    context.globalAlpha = 0.15 + 0.85 * shade;
    context.fillStyle = this.#colour("busy");
    context.fill();
    context.globalAlpha = 1;
  }

  /** How far it is with its task, at the foot of the cell, where there is room for it. */
  #strip(context: CanvasRenderingContext2D, { progress, shade }: Cell, { x, y }: { x: number; y: number }): void {
    if (progress === null || shade !== null || this.#cell < leastForStrip) return;
    const inset = Math.round(this.#cell / 7);
    const height = Math.max(2, Math.round(this.#cell / 9));
    context.globalAlpha = 0.6;
    context.fillStyle = this.#colour("shine");
    context.fillRect(x + inset, y + this.#cell - inset - height, (this.#cell - 2 * inset) * progress, height);
    context.globalAlpha = 1;
  }

  #size(width: number, height: number): void {
    const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (this.#canvas.width === w && this.#canvas.height === h) return;
    this.#canvas.width = w;
    this.#canvas.height = h;
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
  }

  #colour(state: string): string {
    const known = this.#colours.get(state);
    if (known !== undefined) return known;
    const found = getComputedStyle(document.documentElement).getPropertyValue(`--s-${state}`).trim() || "#888";
    this.#colours.set(state, found);
    return found;
  }
}

/** As large as makes at most about 340 px of height, from 6 to 34 px. */
function cellFor(count: number, width: number): number {
  const fitting = Math.sqrt((width * 340) / Math.max(1, count)) - gap;
  return Math.floor(Math.min(34, Math.max(6, fitting)));
}
