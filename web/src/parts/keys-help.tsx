import { useState } from "react";
import { goes, setSingleKeys, singleKeys } from "../keys.ts";
import { useModal } from "./modal.ts";

const others: [keys: string, does: string][] = [
  ["Ctrl K", "Go to any team, task or page"],
  ["/", "Search what the page lists"],
  ["j k", "Next and previous row; Enter opens it"],
  ["c", "New team"],
  ["?", "These keys"],
];

/** What the keyboard does. */
export function KeysHelp({ onClose }: { onClose(): void }) {
  const [single, setSingle] = useState(singleKeys);
  const dialog = useModal();
  const all = [...others, ...Object.entries(goes).map(([key, { name }]) => [`g ${key}`, name] as const)];
  return (
    <dialog ref={dialog} className="ask" aria-labelledby="keys" onClose={onClose}>
      <h2 id="keys">Keys</h2>
      <dl className="keys">
        {all.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={single}
          onChange={({ target }) => {
            setSingleKeys(target.checked);
            setSingle(target.checked);
          }}
        />
        Keys without Ctrl
      </label>
      <p className="actions">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </p>
    </dialog>
  );
}
