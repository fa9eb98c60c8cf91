/** Every agent as a cell, drawn on a canvas: a thousand of them cost one drawing a change, and nothing while all is still. */
import { type MouseEvent, useEffect, useRef, useState } from "react";
import type { AgentView } from "../../../src/api/wire.ts";
import { keyOf, shortAgent } from "../format.ts";

const gap = 3;
/** How long a cell shines after its state changed, in ms. */
const shineMs = 600;
const states = ["busy", "idle", "starting", "paused", "draining", "suspect", "lost", "ejected", "stopped"] as const;

export interface MapParts {
  agents: AgentView[];
  onOpen(agent: AgentView): void;
}

export function AgentMap({ agents, onOpen }: MapParts) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<Painter>(null);
  const [over, setOver] = useState<{ agent: AgentView; x: number; y: number } | null>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const made = new Painter(canvas.current);
    painter.current = made;
    return () => made.close();
  }, []);
  useEffect(() => painter.current?.show(agents), [agents]);
  const find = (event: MouseEvent) => painter.current?.at(event.nativeEvent.offsetX, event.nativeEvent.offsetY);
  return (
    <div className="map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={describe(agents)}
        onMouseMove={(event) => {
          const agent = find(event);
          setOver(agent ? { agent, x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY } : null);
        }}
        onMouseLeave={() => setOver(null)}
        onClick={(event) => {
          const agent = find(event);
          if (agent) onOpen(agent);
        }}
      />
      {over && (
        <div className="tip" style={{ left: over.x + 14, top: over.y + 14 }}>
          <b>{shortAgent(over.agent.id)}</b> {over.agent.state}
          {over.agent.task !== null && <div>{keyOf(over.agent.task)}</div>}
          {over.agent.activity !== "" && <div className="dim">{over.agent.activity}</div>}
        </div>
      )}
    </div>
  );
}

function describe(agents: readonly AgentView[]): string {
  const counts = states.map((state) => [agents.filter((agent) => agent.state === state).length, state] as const);
  const told = counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`);
  return `${agents.length} agents: ${told.join(", ")}`;
}

class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #observer: ResizeObserver;
  #agents: AgentView[] = [];
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
    addEventListener("themechange", this.#restyle);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.#restyle);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
    removeEventListener("themechange", this.#restyle);
    matchMedia("(prefers-color-scheme: dark)").removeEventListener("change", this.#restyle);
  }

  show(agents: AgentView[]): void {
    const now = performance.now();
    for (const { id, state } of agents) {
      const known = this.#changes.get(id);
      if (known?.state !== state) this.#changes.set(id, { state, at: known ? now : 0 });
    }
    this.#agents = agents;
    this.#soon();
  }

  at(x: number, y: number): AgentView | undefined {
    const step = this.#cell + gap;
    const column = Math.floor(x / step);
    return column < this.#columns ? this.#agents[Math.floor(y / step) * this.#columns + column] : undefined;
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
    this.#cell = cellFor(this.#agents.length, width);
    const step = this.#cell + gap;
    this.#columns = Math.max(1, Math.floor((width + gap) / step));
    const height = Math.max(1, Math.ceil(this.#agents.length / this.#columns)) * step;
    this.#size(width, height);
    const scale = devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const now = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let shines = false;
    for (const [i, agent] of this.#agents.entries()) {
      const x = (i % this.#columns) * step;
      const y = Math.floor(i / this.#columns) * step;
      context.fillStyle = this.#colour(agent.state);
      context.beginPath();
      context.roundRect(x, y, this.#cell, this.#cell, Math.min(4, this.#cell / 4));
      context.fill();
      const age = now - (this.#changes.get(agent.id)?.at ?? 0);
      if (still || age >= shineMs) continue;
      shines = true;
      context.globalAlpha = 0.6 * (1 - age / shineMs);
      context.fillStyle = this.#colour("shine");
      context.fill();
      context.globalAlpha = 1;
    }
    if (shines) this.#soon();
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
