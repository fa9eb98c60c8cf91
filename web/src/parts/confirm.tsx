/** A button for what cannot be undone: it asks first. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";

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

export function ConfirmButton({ label, question, children, className = "", disabled = false, onYes }: ConfirmParts) {
  const [asked, setAsked] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    if (asked) dialog.current?.showModal();
  }, [asked]);
  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={() => setAsked(true)}>
        {label}
      </button>
      {asked && (
        <dialog ref={dialog} className="ask" aria-labelledby={title} onClose={() => setAsked(false)}>
          <form
            method="dialog"
            onSubmit={() => {
              setAsked(false);
              onYes();
            }}
          >
            <h2 id={title}>{question}</h2>
            {children}
            <p className="actions">
              <button type="button" onClick={() => setAsked(false)}>
                No
              </button>
              <button type="submit" className={className === "danger" ? "primary danger" : "primary"}>
                {label}
              </button>
            </p>
          </form>
        </dialog>
      )}
    </>
  );
}
