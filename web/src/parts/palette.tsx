/** Ctrl K: anywhere in a few keys. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { TaskSummary, TeamSummary } from "../../../src/api/wire.ts";
import { apiPath, get } from "../api.ts";
import { navigate, taskHref, teamHref, usePlace } from "../location.ts";
import { toggleTheme } from "../theme.ts";
import { useModal } from "./modal.ts";

interface Item {
  label: string;
  kind: string;
  run(): void;
}

const maxShown = 12;

export function Palette({ onClose, onKeys }: { onClose(): void; onKeys(): void }) {
  const dialog = useModal();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const items = [...useItems(), { label: "Keys", kind: "action", run: onKeys }]
    .filter(({ label }) => label.toLowerCase().includes(text.toLowerCase()))
    .slice(0, maxShown);
  const run = (item: Item | undefined) => {
    // Before the names are read there is nothing to go to yet.
    if (!item) return;
    onClose();
    item.run();
  };
  const onKeyDown = (event: { key: string; preventDefault(): void }) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((chosen + step + items.length) % Math.max(1, items.length));
    }
    if (event.key === "Enter") run(items[chosen]);
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Go to" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette"
        aria-activedescendant={items.length > 0 ? `palette-${chosen}` : undefined}
        aria-label="Where to"
        placeholder="A team, a task, a page…"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="palette" role="listbox" aria-label="Found">
        {items.map((item, i) => (
          <div
            key={`${item.kind} ${item.label}`}
            id={`palette-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === chosen}
            onMouseMove={() => setChosen(i)}
            onClick={() => run(item)}
            onKeyDown={onKeyDown}
          >
            {item.label} <span className="dim">{item.kind}</span>
          </div>
        ))}
      </div>
      {items.length === 0 && <p className="dim">Nothing is called that.</p>}
    </dialog>
  );
}

function useItems(): Item[] {
  const { path } = usePlace();
  const team = path[0] === "teams" || path[0] === "tasks" ? (path[1] ?? "") : "";
  const teams = useQuery({
    queryKey: ["teams"],
    queryFn: async () => (await get<{ items: TeamSummary[] }>("/api/v1/teams")).items,
  });
  const tasks = useQuery({
    queryKey: ["tasks", team],
    queryFn: async () => (await get<{ items: TaskSummary[] }>(apiPath`/api/v1/tasks?team=${team}`)).items,
    enabled: team !== "",
  });
  return [
    { label: "Fleet", kind: "page", run: () => navigate("/") },
    { label: "Needs you", kind: "page", run: () => navigate("/attention") },
    { label: "Nodes", kind: "page", run: () => navigate("/nodes") },
    { label: "Providers", kind: "page", run: () => navigate("/providers") },
    { label: "History", kind: "page", run: () => navigate("/history") },
    { label: "New team", kind: "action", run: () => navigate("/spawn") },
    { label: "Dark or light", kind: "action", run: toggleTheme },
    ...(teams.data ?? [])
      .toReversed()
      .map(({ id, name }) => ({ label: name, kind: "team", run: () => navigate(teamHref(id)) })),
    ...(tasks.data ?? []).map(({ id, key }) => ({ label: key, kind: "task", run: () => navigate(taskHref(id)) })),
  ];
}
