import { command } from '../../cli.ts'
import { bashCompletion } from '../../completion/bash.ts'
import { type CommandWords, completionTree } from '../../completion/completion-tree.ts'
import { fishCompletion } from '../../completion/fish.ts'
import { zshCompletion } from '../../completion/zsh.ts'

const SHELLS: { readonly [shell: string]: (tree: readonly CommandWords[]) => string } = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

export const completionCommand = command({
  name: 'completion',
  about: 'Print a completion script for your shell. The script knows commands, options, choices and files.',
  args: [['<shell>', 'your shell', { choices: Object.keys(SHELLS) }]],
  examples: [
    'completion bash > ~/.local/share/bash-completion/completions/antiphon',
    'completion zsh > ~/.zsh/completions/_antiphon',
    'completion fish > ~/.config/fish/completions/antiphon.fish',
  ],
  run(cli, shell, _, { parent }) {
    cli.terminal.data(SHELLS[shell]!(completionTree(parent!)).trimEnd())
    return 0
  },
})
