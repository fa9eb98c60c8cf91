/**
 * Languages by the end of a file's name, and how each says what it imports.
 *
 * Imports are found by their line, not by a parser: one inside a comment counts too. That ties two files together which
 * did not need it, and costs nothing else; a parser for eight languages would cost the ten seconds of a large repository.
 */

import type { Imported } from "./import-context.ts";
import { importedC } from "./imports-c.ts";
import { importedGo, importedJava, importedRuby, importedRust } from "./imports-compiled.ts";
import { importedJs } from "./imports-js.ts";
import { importedPython } from "./imports-python.ts";

interface Language {
  name: string;
  /** What the names of its files end with. */
  ends: string;
  imported?: Imported;
}

const languages: Language[] = [
  { name: "TypeScript", ends: ".ts .tsx .mts .cts", imported: importedJs },
  { name: "JavaScript", ends: ".js .jsx .mjs .cjs", imported: importedJs },
  { name: "Vue", ends: ".vue", imported: importedJs },
  { name: "Svelte", ends: ".svelte", imported: importedJs },
  { name: "Python", ends: ".py .pyi", imported: importedPython },
  { name: "Go", ends: ".go", imported: importedGo },
  { name: "Rust", ends: ".rs", imported: importedRust },
  { name: "Java", ends: ".java", imported: importedJava },
  { name: "Kotlin", ends: ".kt .kts", imported: importedJava },
  { name: "Scala", ends: ".scala", imported: importedJava },
  { name: "C", ends: ".c .h", imported: importedC },
  { name: "C++", ends: ".cc .cpp .cxx .hh .hpp .hxx", imported: importedC },
  { name: "Ruby", ends: ".rb", imported: importedRuby },
  { name: "C#", ends: ".cs" },
  { name: "PHP", ends: ".php" },
  { name: "Swift", ends: ".swift" },
  { name: "Shell", ends: ".sh .bash" },
  { name: "SQL", ends: ".sql" },
  { name: "CSS", ends: ".css .scss .less" },
  { name: "HTML", ends: ".html" },
  { name: "Markdown", ends: ".md .mdx" },
  { name: "YAML", ends: ".yml .yaml" },
  { name: "JSON", ends: ".json" },
  { name: "TOML", ends: ".toml" },
];

const byEnd = new Map(languages.flatMap((language) => language.ends.split(" ").map((end) => [end, language] as const)));

export function languageOf(path: string): Language | undefined {
  const dot = path.lastIndexOf(".");
  return dot <= path.lastIndexOf("/") + 1 ? undefined : byEnd.get(path.slice(dot).toLowerCase());
}
