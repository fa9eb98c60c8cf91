/** What an agent says and does, as it comes: messages in full, tool calls with their answers folded in. */
import { useState } from "react";
import type { Saying, TranscriptStep } from "../../../src/api/wire.ts";
import { clock, short, usd } from "../format.ts";
import { useTranscript } from "../live/use-transcript.ts";
import { Trouble } from "./basics.tsx";
import { useFollowEnd } from "./follow-end.ts";

/** Steps that are drawn at first, the newest; the others on demand. */
const maxShown = 300;

export function Transcript({ attempt, live, activity }: { attempt: string; live: boolean; activity: string }) {
  const { steps, saying, ready, error } = useTranscript(attempt, live);
  const [all, setAll] = useState(false);
  const { length } = steps;
  const said = saying.reduce((sum, { text }) => sum + text.length, 0);
  const end = useFollowEnd(length + said);
  if (!ready) return error ? <Trouble error={error} /> : <p className="dim">Reading…</p>;
  if (length + saying.length === 0)
    return <p className="dim">{live ? "The agent has said nothing yet." : "Nothing was said in this attempt."}</p>;
  const from = all ? 0 : Math.max(0, length - maxShown);
  return (
    <>
      {error !== null && <Trouble error={error} />}
      <section
        {...end}
        className="log transcript"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-label="transcript"
      >
        {from > 0 && (
          <button type="button" className="quiet" onClick={() => setAll(true)}>
            Show {from} earlier steps
          </button>
        )}
        <ol>
          {steps.slice(from).map((step, i) => (
            <Step key={from + i} step={step} />
          ))}
          {live && saying.map((part, i) => <Streaming key={`said ${length + i}`} part={part} />)}
        </ol>
        {live && activity !== "" && (
          <p className="now">
            <i className="dot s-busy" /> {activity}
          </p>
        )}
      </section>
    </>
  );
}

function Step({ step }: { step: TranscriptStep }) {
  return (
    <li className={`step ${step.kind}${step.failed ? " bad" : ""}`}>
      <Body step={step} />
      <span className="dim meta">
        {step.usage !== null && <Usage usage={step.usage} />}
        {step.at !== null && <time dateTime={step.at}>{clock(step.at)}</time>}
      </span>
    </li>
  );
}

/** What comes token by token: as it stands, until the whole of it is a step. */
function Streaming({ part: { kind, tool, text } }: { part: Saying }) {
  return (
    <li className={`step streaming ${kind}`}>
      {kind === "said" ? (
        <p>{text}</p>
      ) : (
        <div>
          <b>{kind === "thought" ? "thinks" : tool}</b>
          <pre>{text}</pre>
        </div>
      )}
    </li>
  );
}

function Body({ step: { kind, tool, text, failed } }: { step: TranscriptStep }) {
  if (kind === "said") return <p>{text}</p>;
  if (kind === "output") return <pre>{text}</pre>;
  const labels = {
    prompt: "told",
    thought: "thinks",
    call: tool,
    result: failed ? `${tool} failed` : `${tool} answered`,
  };
  return (
    <details>
      <summary>
        <b>{labels[kind]}</b> <span className="dim">{firstLine(kind === "call" ? brief(text) : text)}</span>
      </summary>
      <pre>{kind === "call" ? pretty(text) : text}</pre>
    </details>
  );
}

function Usage({ usage: { input, output, cacheRead, costUsd } }: { usage: NonNullable<TranscriptStep["usage"]> }) {
  return (
    <span title="tokens read and written by this request, and its price">
      {short(input + cacheRead)} → {short(output)} tok{costUsd > 0 && ` · ${usd(costUsd)}`}
    </span>
  );
}

/** Of a call's arguments what people ask for first. */
function brief(json: string): string {
  const args = parsed(json);
  if (typeof args !== "object" || args === null) return json;
  const { command, path, pattern } = args as Record<string, unknown>;
  const told = [command, path, pattern].filter((each) => typeof each === "string");
  return told.length > 0 ? told.join(" ") : json;
}

function pretty(json: string): string {
  const args = parsed(json);
  return args === undefined ? json : JSON.stringify(args, null, 2);
}

/** A long one was cut, and is no JSON any more. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.trimStart().split("\n", 1)[0]?.slice(0, 200) ?? "";
}
