import { InvalidError } from '../../errors.ts'
import type { OperationType } from './operation.ts'

/** The most operations of one history, branches that sleep at once, and characters of the ids that begin in one turn. */
export const BOUNDS = { operations: 10_000, asleep: 1000, record: 180 * 1024 } as const

/** What an execution has begun. A replay counts the same. */
export type BegunSoFar = {
  readonly operations: number
  /** operations of each type that have not ended */
  readonly open: ReadonlyMap<OperationType, number>
  /** characters of the record that is made */
  readonly record: number
}

/** Why one more operation of a type is too many; undefined: there is room. */
export function boundPassed(
  workflow: string,
  type: OperationType,
  { operations, open, record }: BegunSoFar,
): InvalidError | undefined {
  if (operations >= BOUNDS.operations)
    return tooLarge(
      `The workflow ${workflow} has begun ${BOUNDS.operations} operations, and may begin no more.`,
      'Use ctx.loop for work without an end: it drops the history of each iteration.',
    )
  if (type === 'sleep' && (open.get('sleep') ?? 0) >= BOUNDS.asleep)
    return tooLarge(
      `More than ${BOUNDS.asleep} branches of the workflow ${workflow} sleep at once.`,
      'Let runs of another workflow sleep: ctx.start(workflow, input).',
    )
  if (record >= BOUNDS.record)
    return tooLarge(
      `The workflow ${workflow} began too many operations at once: their names fill ${BOUNDS.record / 1024} KiB.`,
      'Begin some at a time: ctx.map(items, each, { concurrency }).',
    )
  return undefined
}

const tooLarge = (message: string, hint: string) => new InvalidError(message, { code: 'too_large', hint })

/** Characters that an operation adds to its record, without its place. */
export const charactersOf = (id: string): number => id.length + 24
