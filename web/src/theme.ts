/** Dark or light: as the system has it, until a person chooses. */
const key = "theme";
apply(localStorage.getItem(key));

export function toggleTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  localStorage.setItem(key, next);
  apply(next);
}

function apply(theme: string | null): void {
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event("themechange"));
}
