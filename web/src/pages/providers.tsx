/** The accounts of providers: whether they answer, how fast, and what they still allow. */
import { useQuery } from "@tanstack/react-query";
import type { ProviderState, Providers } from "../../../src/api/wire.ts";
import { get } from "../api.ts";
import { count, duration } from "../format.ts";
import { Empty, StateMark, Trouble } from "../parts/basics.tsx";
import { Used } from "../parts/used.tsx";

export function ProvidersPage() {
  const { data, error } = useQuery({
    queryKey: ["providers"],
    queryFn: async () => (await get<Providers>("/api/v1/providers")).items,
    refetchInterval: 2_000,
  });
  if (!data) return error ? <Trouble error={error} /> : <p className="dim">Asking the gateway…</p>;
  if (data.length === 0) {
    return (
      <Empty title="No provider was asked yet">
        Each account appears with the first request to it. Limits, keys and fallbacks stand in <code>godel.yaml</code>.
      </Empty>
    );
  }
  return (
    <>
      <h1>Providers</h1>
      <p className="dim lead">As the gateway sees them since it started.</p>
      <Trouble error={error} />
      <ul className="cards wide-cards">
        {data.map((provider) => (
          <Provider key={provider.name} provider={provider} />
        ))}
      </ul>
    </>
  );
}

/** In words that an operator knows it by. */
function stateOf({ breaker, parked }: ProviderState): "up" | "parked" | "down" | "tried again" {
  if (breaker === "open") return "down";
  if (parked) return "parked";
  return breaker === "half-open" ? "tried again" : "up";
}

function Provider({ provider }: { provider: ProviderState }) {
  const { name, models, parked, inFlight, latencyMs, learntPerMinute, limits } = provider;
  return (
    <li className="card">
      <span className="row">
        <b>{name}</b>
        <StateMark state={stateOf(provider)} />
      </span>
      <span className="dim">{models.join(", ")}</span>
      <span className="row">
        <span>{inFlight === 1 ? "1 request under way" : `${count(inFlight)} requests under way`}</span>
        <span className="dim">
          {latencyMs === null ? "no answer yet" : `first token in ${milliseconds(latencyMs)}`}
        </span>
      </span>
      {parked && (
        <span className="warn">
          Nobody asks it until {new Date(parked.until).toLocaleTimeString("en-GB")}: {parked.why}
        </span>
      )}
      {provider.breaker === "open" && (
        <span className="warn">It failed again and again; one request tries it from time to time.</span>
      )}
      {learntPerMinute !== null && <span className="dim">{count(learntPerMinute)} requests a minute, as learnt</span>}
      {limits.map((each) => (
        <Used key={each.name} {...each} />
      ))}
    </li>
  );
}

function milliseconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : duration(ms);
}
