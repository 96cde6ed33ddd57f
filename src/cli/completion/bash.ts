import { quoteWord } from '../../template/text/command-line.ts'
import { type CommandWords, namesOf, pathBefore, type Values, valueCases } from './completion-tree.ts'

/** A bash script that completes commands, options and the values of options. */
export function bashCompletion(tree: readonly CommandWords[]): string {
  return `# bash completion of antiphon
_antiphon() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${tree.flatMap(({ path }) => (path === '' ? [] : [quoteWord(` ${path}`)])).join('|')}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$at $prev" in
${tree.flatMap(valueCases('', replyWith)).join('\n')}
  esac
  case "$at" in
${tree.map(commandCase).join('\n')}
  esac
}
complete -F _antiphon antiphon
`
}

function commandCase(words: CommandWords): string {
  const { commands, options, values } = words
  const otherwise = values ? replyWith(values) : wordsReply(commands.map(({ name }) => name))
  return `    ${quoteWord(pathBefore(words))})
      if [[ "$cur" == -* ]]; then ${wordsReply(options.flatMap(namesOf))} else ${otherwise} fi ;;`
}

const wordsReply = (words: readonly string[]) => `COMPREPLY=($(compgen -W ${quoteWord(words.join(' '))} -- "$cur"));`

function replyWith(values: Values): string {
  if (values.type === 'choice') return wordsReply(values.choices)
  if (values.type === 'any') return ''
  const kind = values.type === 'file' ? 'f' : 'd'
  return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -${kind} -- "$cur");`
}
