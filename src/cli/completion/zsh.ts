import { quoteWord } from '../../template/text/command-line.ts'
import { type CommandWords, namesOf, pathBefore, type Values, valueCases } from './completion-tree.ts'

/** A zsh script that completes commands, options and the values of options, each with its description. */
export function zshCompletion(tree: readonly CommandWords[]): string {
  return `#compdef antiphon
_antiphon() {
  local at="" i
  local -a names options choices
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      (${tree.flatMap(({ path }) => (path === '' ? [] : [quoteWord(` ${path}`)])).join('|')}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${tree.flatMap(valueCases('(', offer)).join('\n')}
  esac
  case "$at" in
${tree.map(commandCase).join('\n')}
  esac
}
if [[ "\${funcstack[1]}" == _antiphon ]]; then _antiphon "$@"; else compdef _antiphon antiphon; fi
`
}

function commandCase(words: CommandWords): string {
  const { commands, options, values } = words
  const described = options.flatMap((option) => namesOf(option).map((name) => entry(name, option.description)))
  const names = commands.map(({ name, description }) => entry(name, description))
  const otherwise = values
    ? offer(values)
    : names.length === 0
      ? ':;'
      : `names=(${names.join(' ')}); _describe command names;`
  return `    (${quoteWord(pathBefore(words))})
      if [[ "$PREFIX" == -* ]]; then options=(${described.join(' ')}); _describe -o option options; else ${otherwise} fi ;;`
}

const entry = (name: string, description: string) => quoteWord(`${name.replaceAll(':', '\\:')}:${description}`)

function offer(values: Values): string {
  if (values.type === 'choice') return `choices=(${values.choices.map(quoteWord).join(' ')}); _describe value choices;`
  if (values.type === 'any') return ''
  return values.type === 'file' ? '_files;' : '_files -/;'
}
