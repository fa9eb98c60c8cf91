/** Fields of a form, each with its label and what it takes. */
import { useId } from "react";

interface FieldParts {
  label: string;
  value: string;
  onChange(value: string): void;
  note?: string;
  /** Lines of text; one where it is left out. */
  rows?: number;
  type?: "text" | "number";
  min?: number;
  /** What may be meant; anything may be written. */
  among?: readonly string[];
}

export function Field({ label, value, onChange, note, rows, type = "text", min, among = [] }: FieldParts) {
  const id = useId();
  const told = note === undefined ? undefined : `${id}-note`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows === undefined ? (
        <input
          id={id}
          type={type}
          min={min}
          step="any"
          list={among.length > 0 ? `${id}-list` : undefined}
          value={value}
          aria-describedby={told}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <textarea
          id={id}
          rows={rows}
          value={value}
          aria-describedby={told}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {among.length > 0 && (
        <datalist id={`${id}-list`}>
          {[...new Set(among)].map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
      {note !== undefined && <small id={told}>{note}</small>}
    </div>
  );
}

export function Select({ label, value, options, onChange }: SelectParts) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </div>
  );
}

interface SelectParts {
  label: string;
  value: string;
  options: readonly string[];
  onChange(value: string): void;
}
