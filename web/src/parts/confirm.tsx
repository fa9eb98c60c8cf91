/** A button for what cannot be undone: it asks first. */
import { type ReactNode, useId, useState } from "react";
import { useModal } from "./modal.ts";

interface ConfirmParts {
  /** What stands on the button, and on the one that means it. */
  label: string;
  question: string;
  /** What follows; may hold a field. */
  children?: ReactNode;
  className?: string;
  disabled?: boolean;
  onYes(): void;
}

export function ConfirmButton(parts: ConfirmParts) {
  const { label, className = "", disabled = false } = parts;
  const [asked, setAsked] = useState(false);
  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={() => setAsked(true)}>
        {label}
      </button>
      {asked && <Question {...parts} onClose={() => setAsked(false)} />}
    </>
  );
}

function Question({ label, question, children, className, onYes, onClose }: ConfirmParts & { onClose(): void }) {
  const dialog = useModal();
  const title = useId();
  return (
    <dialog ref={dialog} className="ask" aria-labelledby={title} onClose={onClose}>
      <form
        method="dialog"
        onSubmit={() => {
          onClose();
          onYes();
        }}
      >
        <h2 id={title}>{question}</h2>
        {children}
        <p className="actions">
          <button type="button" onClick={onClose}>
            No
          </button>
          <button type="submit" className={className === "danger" ? "primary danger" : "primary"}>
            {label}
          </button>
        </p>
      </form>
    </dialog>
  );
}
