import type { End } from './program.ts'

/** What became of a run, the worst first. */
export const OUTCOMES = ['doubled', 'wrong', 'failed', 'stranded', 'finished'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** An edit, of whatever code. */
export type AnyEdit = Edit & { readonly id: string; readonly name: string }
type Edit = Ended & {
  /** acts that a run makes or leaves out */
  readonly may: readonly string[]
  /** all acts and the result of an old run in the old code */
  readonly before: Ended
}
type Ended = { readonly acts: readonly string[]; readonly result: readonly unknown[] }

/** Judges a run of an edit by its end, and by the acts that it made outside. It may also end as with its old code. */
export function judge({ may, before, ...edit }: Edit, made: readonly string[], end: End | undefined): Outcome {
  if (new Set(made).size < made.length) return 'doubled'
  if (!end) return 'stranded'
  if ('error' in end) return 'failed'
  const isEnd = ({ acts, result }: Ended) =>
    acts.every((act) => made.includes(act)) &&
    made.every((act) => [...acts, ...may].includes(act)) &&
    JSON.stringify(end.result) === JSON.stringify(result)
  return isEnd(edit) || isEnd(before) ? 'finished' : 'wrong'
}
