/** The frame of every page: where to go, whether it is live, and the palette. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import type { Health } from "../../src/api/wire.ts";
import { ApiError, get } from "./api.ts";
import { listenToKeys } from "./keys.ts";
import { useAttention } from "./live/use-attention.ts";
import { follow, type Place, usePlace } from "./location.ts";
import { AttentionPage } from "./pages/attention.tsx";
import { Fleet } from "./pages/fleet.tsx";
import { HistoryPage } from "./pages/history.tsx";
import { Nodes } from "./pages/nodes.tsx";
import { ProvidersPage } from "./pages/providers.tsx";
import { SpawnPage } from "./pages/spawn.tsx";
import { TaskPage } from "./pages/task.tsx";
import { TeamPage } from "./pages/team.tsx";
import { Empty } from "./parts/basics.tsx";
import { KeysHelp } from "./parts/keys-help.tsx";
import { Palette } from "./parts/palette.tsx";
import { Toasts } from "./parts/toasts.tsx";
import { toggleTheme } from "./theme.ts";

export function App() {
  const place = usePlace();
  const [asked, setAsked] = useState(false);
  const [helped, setHelped] = useState(false);
  const health = useQuery({
    queryKey: ["health"],
    queryFn: () => get<Health>("/api/v1/health"),
    refetchInterval: 2_000,
    retry: false,
  });
  useEffect(
    () => listenToKeys({ palette: () => setAsked((open) => !open), help: () => setHelped((open) => !open) }),
    [],
  );
  const refused = health.error instanceof ApiError && health.error.code === "UNAUTHORIZED";
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <a className="brand" href="/" onClick={follow}>
          <img src="/favicon.svg" alt="" width="18" height="18" /> godel
        </a>
        <nav aria-label="Pages">
          <NavLink to="/" active={place.path.length === 0 || place.path[0] === "teams" || place.path[0] === "tasks"}>
            Fleet
          </NavLink>
          <NavLink to="/attention" active={place.path[0] === "attention"}>
            Needs you <Waiting />
          </NavLink>
          <NavLink to="/nodes" active={place.path[0] === "nodes"}>
            Nodes
          </NavLink>
          <NavLink to="/providers" active={place.path[0] === "providers"}>
            Providers
          </NavLink>
          <NavLink to="/history" active={place.path[0] === "history"}>
            History
          </NavLink>
        </nav>
        <span className="grow" />
        <Link error={health.error} />
        <a className="button" href="/spawn" onClick={follow}>
          New team
        </a>
        <button type="button" className="quiet wide" onClick={() => setAsked(true)}>
          Go to… <kbd>Ctrl K</kbd>
        </button>
        <button type="button" className="quiet" onClick={toggleTheme} aria-label="Dark or light">
          ◐
        </button>
      </header>
      <main id="main">{refused ? <LetIn /> : <Page place={place} />}</main>
      {asked && <Palette onClose={() => setAsked(false)} onKeys={() => setHelped(true)} />}
      {helped && <KeysHelp onClose={() => setHelped(false)} />}
      <Toasts />
    </>
  );
}

function Page({ place: { path, query } }: { place: Place }) {
  const [kind, first, ...rest] = path;
  if (kind === undefined) return <Fleet query={query} />;
  if (kind === "spawn") return <SpawnPage query={query} />;
  if (kind === "attention") return <AttentionPage />;
  if (kind === "providers") return <ProvidersPage />;
  if (kind === "history") return <HistoryPage query={query} />;
  if (kind === "nodes") return <Nodes />;
  if (kind === "teams" && first !== undefined) return <TeamPage key={first} id={first} query={query} />;
  if (kind === "tasks" && first !== undefined) {
    const id = [first, ...rest].join("/");
    return <TaskPage key={id} id={id} query={query} />;
  }
  return (
    <Empty title="Nothing is here">
      The address names no page. <a href="/">Back to the fleet</a>
    </Empty>
  );
}

/** How many causes want a decision. */
function Waiting() {
  const { data = [] } = useAttention();
  const waiting = data.filter(({ actions }) => actions.length > 0).length;
  return waiting > 0 && <span className="badge">{waiting}</span>;
}

function NavLink({ to, active, children }: { to: string; active: boolean; children: ReactNode }) {
  return (
    <a href={to} onClick={follow} aria-current={active ? "page" : undefined}>
      {children}
    </a>
  );
}

/** Whether what is shown is how things are. */
function Link({ error }: { error: unknown }) {
  const live = error === null;
  return (
    <span className={live ? "link live" : "link"} role="status">
      {live ? "live" : "reconnecting…"}
    </span>
  );
}

function LetIn() {
  return (
    <Empty title="This browser is not let in">
      Run <code>godel dashboard</code> on the machine of the engine: it opens this page with an address that is good
      once.
    </Empty>
  );
}
