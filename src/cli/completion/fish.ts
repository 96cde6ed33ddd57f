import type { CommandWords, OptionWords, Values } from './completion-tree.ts'

/** A fish script that completes commands, options and the values of options, each with its description. */
export function fishCompletion(tree: readonly CommandWords[]): string {
  const paths = tree.flatMap(({ path }) => (path === '' ? [] : [quoted(path)]))
  return `# fish completion of antiphon
function __antiphon_at
  set -l at
  for word in (commandline -opc)[2..-1]
    if contains -- (string join ' ' -- $at $word) ${paths.join(' ')}
      set at $at $word
    end
  end
  test (string join ' ' -- '' $at) = (string join ' ' -- '' $argv)
end
complete -c antiphon -f
${tree.flatMap(linesOf).join('\n')}
`
}

function linesOf({ path, commands, options, values }: CommandWords): readonly string[] {
  const start = `complete -c antiphon -n ${quoted(`__antiphon_at ${path}`.trim())}`
  return [
    ...commands.map(({ name, description }) => `${start} -a ${name} -d ${quoted(description)}`),
    ...options.map((option) => `${start} ${flagsOf(option)} -d ${quoted(option.description)}`),
    ...(values && values.type !== 'any' ? [`${start} ${offer(values)}`] : []),
  ]
}

function flagsOf({ long, short, values }: OptionWords): string {
  const names = [...(short === undefined ? [] : [`-s ${short.slice(1)}`]), `-l ${long.slice(2)}`]
  return [...names, ...(values ? ['-r', offer(values)] : [])].join(' ')
}

function offer(values: Values): string {
  if (values.type === 'choice') return `-f -a ${quoted(values.choices.join(' '))}`
  if (values.type === 'any') return '-f'
  return values.type === 'file' ? '-F' : `-f -a '(__fish_complete_directories)'`
}

/** In fish only a backslash and the quote itself are special between quotes. */
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
