/** A new team: what it is to do, by how many, for how much. Its plan can be looked at before anything is started. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { AcceptedTeam, PlanAnswer, SpawnRequest, TeamSummary } from "../../../src/api/wire.ts";
import { apiPath, get, post } from "../api.ts";
import { navigate, setQuery, teamHref } from "../location.ts";
import { Tabs, Trouble } from "../parts/basics.tsx";
import { Field, Select } from "../parts/fields.tsx";
import { PlanPreview } from "../parts/plan-preview.tsx";
import { planFrom } from "../plan-text.ts";

const kinds = ["goal", "plan"];
const runtimes = ["pi", "command"];

interface Draft {
  repo: string;
  name: string;
  goal: string;
  plan: string;
  count: string;
  min: string;
  max: string;
  budget: string;
  model: string;
  runtime: string;
  gates: string;
  skills: string;
}

export function SpawnPage({ query }: { query: URLSearchParams }) {
  const kind = query.get("by") === "plan" ? "plan" : "goal";
  const queries = useQueryClient();
  const known = useKnown();
  const [given, setDraft] = useState<Partial<Draft>>({});
  const draft: Draft = { ...blank, repo: known.repos[0] ?? "", model: known.models[0] ?? "", ...given };
  const set = (name: keyof Draft) => (value: string) => {
    setDraft({ ...given, [name]: value });
    if (name === "goal" || name === "plan" || name === "repo") preview.reset();
  };
  const preview = useMutation({
    mutationFn: async () => post<PlanAnswer>("/api/v1/plans", await planRequest(draft, kind)),
  });
  const spawn = useMutation({
    mutationFn: async () => post<AcceptedTeam>("/api/v1/teams", await spawnRequest(draft, kind, preview.data)),
    onSuccess: async ({ team }) => {
      await queries.invalidateQueries({ queryKey: ["teams"] });
      navigate(teamHref(team.id));
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    spawn.mutate();
  };
  const filled = draft.repo.trim() !== "" && draft[kind].trim() !== "";
  const asksModel = draft.runtime !== "command";
  return (
    <>
      <h1>New team</h1>
      <Tabs
        tabs={kinds}
        open={kind}
        label="From what"
        onOpen={(by) => {
          preview.reset();
          setQuery({ by: by === "goal" ? "" : by });
        }}
      />
      <form className="spawn" onSubmit={onSubmit}>
        {kind === "goal" ? (
          <Field
            label="Goal"
            note="A model splits it into tasks; a Markdown list is taken as it is."
            rows={5}
            value={draft.goal}
            onChange={set("goal")}
          />
        ) : (
          <Field
            label="Plan"
            note="YAML or JSON, as in a plan file."
            rows={10}
            value={draft.plan}
            onChange={set("plan")}
          />
        )}
        <div className="fields">
          <Field
            label="Repository"
            note="A folder of the engine's machine."
            value={draft.repo}
            among={known.repos}
            onChange={set("repo")}
          />
          <Field label="Name" note="Default: from the goal." value={draft.name} onChange={set("name")} />
          <Field label="Agents" type="number" min={1} value={draft.count} onChange={set("count")} />
          <Field
            label="At least"
            note="Default: as many."
            type="number"
            min={0}
            value={draft.min}
            onChange={set("min")}
          />
          <Field
            label="At most"
            note="Default: as many."
            type="number"
            min={1}
            value={draft.max}
            onChange={set("max")}
          />
          <Field
            label="Budget, USD"
            note="Empty: none."
            type="number"
            min={0}
            value={draft.budget}
            onChange={set("budget")}
          />
          <Select label="Runtime" value={draft.runtime} options={runtimes} onChange={set("runtime")} />
          {asksModel && (
            <Field
              label="Model"
              note="PROVIDER/ID, auto or demo."
              value={draft.model}
              among={[...known.models, "demo", "auto"]}
              onChange={set("model")}
            />
          )}
        </div>
        <details>
          <summary className="dim">Gates and skills</summary>
          <Field
            label="Gates"
            note="A command a line; all must pass before work counts."
            rows={3}
            value={draft.gates}
            onChange={set("gates")}
          />
          <Field label="Skills" note="With commas between them." value={draft.skills} onChange={set("skills")} />
        </details>
        <p className="actions">
          <button type="submit" className="primary" disabled={!filled || spawn.isPending}>
            {spawn.isPending ? "Starting…" : `Start ${draft.count || "1"} agents`}
          </button>
          <button type="button" disabled={!filled || preview.isPending} onClick={() => preview.mutate()}>
            {preview.isPending ? "Planning…" : "Look at the plan first"}
          </button>
        </p>
        <Trouble error={spawn.error ?? preview.error} />
        {preview.data && <PlanPreview answer={preview.data} />}
      </form>
    </>
  );
}

const blank: Draft = {
  repo: "",
  name: "",
  goal: "",
  plan: "",
  count: "10",
  min: "",
  max: "",
  budget: "",
  model: "",
  runtime: "pi",
  gates: "",
  skills: "",
};

/** What teams before were given, the newest first. */
function useKnown(): { repos: string[]; models: string[] } {
  const { data = [] } = useQuery({
    queryKey: ["teams"],
    queryFn: async () => (await get<{ items: TeamSummary[] }>("/api/v1/teams")).items,
  });
  const newest = data.at(-1)?.id;
  const last = useQuery({
    queryKey: ["team", newest],
    queryFn: () => get<AcceptedTeam>(apiPath`/api/v1/teams/${newest ?? ""}`),
    enabled: newest !== undefined,
  });
  const repos = [...new Set(data.toReversed().map(({ repo }) => repo))];
  const model = last.data?.team.model ?? "";
  return { repos, models: model === "" ? [] : [model] };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function skillsOf({ skills }: Draft): { skills?: string[] } {
  const all = linesOf(skills.replaceAll(",", "\n"));
  return all.length > 0 ? { skills: all } : {};
}

async function planRequest(draft: Draft, kind: "goal" | "plan") {
  const work = kind === "goal" ? { goal: draft.goal } : { plan: await planFrom(draft.plan) };
  const model = draft.model === "" || draft.runtime === "command" ? {} : { model: draft.model };
  return { repo: draft.repo, ...work, ...model, parallelism: Number(draft.count) || 1, ...skillsOf(draft) };
}

/** With the plan that was looked at, where there is one: what was seen is what is done. */
async function spawnRequest(draft: Draft, kind: "goal" | "plan", seen: PlanAnswer | undefined): Promise<SpawnRequest> {
  const plan = seen?.plan ?? (kind === "plan" ? await planFrom(draft.plan) : undefined);
  const gates = linesOf(draft.gates);
  return {
    repo: draft.repo,
    count: Number(draft.count) || 1,
    runtime: draft.runtime,
    ...(plan === undefined ? { task: draft.goal } : { plan }),
    ...(draft.name.trim() !== "" && { name: draft.name.trim() }),
    ...(draft.min !== "" && { min: Number(draft.min) }),
    ...(draft.max !== "" && { max: Number(draft.max) }),
    ...(draft.budget !== "" && { budgetUsd: Number(draft.budget) }),
    ...(draft.runtime !== "command" && draft.model !== "" && { model: draft.model }),
    ...(gates.length > 0 && { gates }),
    ...skillsOf(draft),
  };
}
