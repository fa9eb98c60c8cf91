/** Dark or light: as the system has it, until a person chooses. */
import { useSyncExternalStore } from "react";

const key = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");
apply(localStorage.getItem(key));
system.addEventListener("change", () => dispatchEvent(new Event("themechange")));

function theme(): "dark" | "light" {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen;
  return system.matches ? "dark" : "light";
}

/** For what is drawn in colours that CSS does not change. */
export function useTheme(): "dark" | "light" {
  return useSyncExternalStore(onThemeChange, theme);
}

/** The returned function ends it. */
export function onThemeChange(listener: () => void): () => void {
  addEventListener("themechange", listener);
  return () => removeEventListener("themechange", listener);
}

export function toggleTheme(): void {
  const next = theme() === "dark" ? "light" : "dark";
  localStorage.setItem(key, next);
  apply(next);
}

function apply(chosen: string | null): void {
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  dispatchEvent(new Event("themechange"));
}
