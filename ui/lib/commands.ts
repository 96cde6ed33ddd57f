import type { BulkRequest, StepItem } from '../../src/client.ts'

/** A command as a person types it: words with other letters are quoted. */
export const command = (...words: readonly string[]): string =>
  ['antiphon', ...words].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ')

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

/** Commands that write the text of a pipeline to a new file and run it. A file that exists is left as it is. */
export function textCommand(text: string, inputs: { readonly [name: string]: unknown } = {}): string {
  const [, name = 'pipeline'] = /^name: *["']?([\w-]+)/m.exec(text) ?? []
  const lines = text.replace(/\n*$/, '').split('\n')
  let end = 'END'
  while (lines.includes(end)) end += '_'
  const file = `${name}.yaml`
  return [`(set -C; cat > ${file}) <<'${end}' && ${command('run', file, ...inputWords(inputs))}`, ...lines, end].join(
    '\n',
  )
}

/** The words of the command that answers a step, with the value that the form would send. */
export function answerWords({ run, step, signal, expects }: StepItem, value: unknown): readonly string[] {
  if (expects.type === 'settlement') return ['settle', run, step, String(value ?? 'done')]
  if (expects.type === 'money') return ['budget', 'raise', signal.replace(/^budget:/, ''), String(value ?? 'DOLLARS')]
  return ['signal', run, signal, typeof value === 'string' ? value : JSON.stringify(value ?? null)]
}

/** An answer of the kind that a step takes, for its command while the form is empty. */
export function sampleAnswer({ type, questions = [] }: StepItem['expects']): string {
  if (type === 'number') return '1'
  if (type === 'any') return 'null'
  return type === 'answers' ? JSON.stringify(Object.fromEntries(questions.map(({ id }) => [id, '…']))) : 'TEXT'
}

export const inputWords = (input: { readonly [name: string]: unknown }, option = '-i'): readonly string[] =>
  Object.entries(input).flatMap(([name, value]) => [
    option,
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ])

const HOUR_MS = 3_600_000

/** The words of the command for chosen runs, or for all that a filter picks. A moment is so many hours ago. */
export function bulkWords(
  { action, where = {}, runs = [], reason, undo }: BulkRequest,
  now: number,
): readonly string[] {
  const { top, since, until: _, ...texts } = where
  const words = Object.entries(texts).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  )
  const hours = since === undefined ? [] : ['--since', `${Math.ceil((now - since) / HOUR_MS)}h`]
  return [
    ...['bulk', action, ...runs, ...words, ...hours, ...(top ? ['--top'] : [])],
    ...(reason === undefined ? [] : ['--reason', reason]),
    ...(undo ? ['--undo'] : []),
  ]
}
