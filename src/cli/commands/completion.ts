import type { Cli } from "../cli.ts";
import type { Shell } from "../shells.ts";

/** Each asks `godel __complete` with the words so far, and falls back to file names, as --plan and --repo want. */
const scripts: Record<Shell, string> = {
  bash: `_godel() {
  local IFS=$'\\n'
  COMPREPLY=($(godel __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _godel godel
`,
  zsh: `#compdef godel
_godel() {
  local -a found
  found=("\${(@f)$(godel __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _godel godel
`,
  fish: `function __godel_complete
  set -l words (commandline -opc) (commandline -ct)
  godel __complete $words[2..-1] 2>/dev/null
end
complete -c godel -a '(__godel_complete)'
`,
};

export default async function completion(this: Cli, _flags: object, shell: Shell): Promise<void> {
  this.out.write(scripts[shell]);
}
