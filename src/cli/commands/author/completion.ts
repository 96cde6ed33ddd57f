import { Argument, Command } from 'commander'
import { exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { bashCompletion } from '../../completion/bash.ts'
import { type CommandWords, completionTree } from '../../completion/completion-tree.ts'
import { fishCompletion } from '../../completion/fish.ts'
import { zshCompletion } from '../../completion/zsh.ts'

const SHELLS: { readonly [shell: string]: (tree: readonly CommandWords[]) => string } = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** `completion SHELL`: a script by which a shell completes commands and options. */
export function completionCommand(cli: Cli): Command {
  return new Command('completion')
    .description('Print a completion script for your shell. The script knows commands, options, choices and files.')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      exampleText(
        'completion bash > ~/.local/share/bash-completion/completions/antiphon',
        'completion zsh > ~/.zsh/completions/_antiphon',
        'completion fish > ~/.config/fish/completions/antiphon.fish',
      ),
    )
    .action((shell: string, _: object, { parent }: Command) =>
      cli.terminal.data(SHELLS[shell]!(completionTree(parent!)).trimEnd()),
    )
}
