import { asText } from '../../kernel/json.ts'
import type { StepItem } from '../../run/room/documents.ts'
import { scopeAwaited } from '../../work/wait.ts'

/** A command as a person would type it. */
export type Tell = (...args: readonly string[]) => string

/** The command that answers a step. A wait for money ends with a raised budget, all others with a signal. */
export function answerCommand({ run, step, signal, expects, digest }: StepItem, command: Tell): string {
  if (expects.type === 'settlement') return command('settle', run, step, 'done')
  const scope = scopeAwaited(signal)
  return scope === undefined ? command('signal', run, signal, exampleOf(expects, digest)) : raising(scope, command)
}

/** The title of a wait for code, and the command that lets its work go on with changed code, if the title names it. */
export function newCodeOf(title: string, command: Tell): { readonly title: string; readonly adopting?: string } {
  const plain = title.replace(/ To go on with the new code: .*/, '')
  return plain === title
    ? { title }
    : { title: plain, adopting: command('agent', 'resume', '--all', '--with-new-code') }
}

export const raising = (scope: string, command: Tell) => command('budget', 'raise', scope, 'DOLLARS')

/** An example value of the right kind, for people to change. */
function exampleOf(
  { type, choices = [], questions = [], reason }: StepItem['expects'],
  digest: string | undefined,
): string {
  switch (type) {
    case 'number':
      return '1'
    case 'boolean':
      return 'true'
    case 'choice':
      return asText(choices[0] ?? '')
    case 'approval':
      if (!reason && digest === undefined) return 'approve'
      return JSON.stringify({
        action: 'approve',
        ...(reason && { reason: '…' }),
        ...(digest !== undefined && { digest }),
      })
    case 'answers':
      return JSON.stringify(Object.fromEntries(questions.map(({ id }) => [asText(id ?? ''), '…'])))
    case 'any':
      return 'JSON'
    default:
      return 'TEXT'
  }
}
