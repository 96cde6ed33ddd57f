import { InvalidError } from '../../errors.ts'
import type { OpenOperations } from './open-operations.ts'
import type { OperationType } from './operation.ts'

/** The most operations of one history, sleeps and waits that are open, and characters of the ids of one record. */
export const BOUNDS = { operations: 10_000, asleep: 1000, waits: 1000, record: 180 * 1024 } as const

/** The operations that an execution has begun. A replay counts the same. */
type BegunSoFar = {
  readonly operations: number
  readonly open: Pick<OpenOperations, 'countOf'>
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
  if (type === 'sleep' && open.countOf('sleep') >= BOUNDS.asleep)
    return tooLarge(
      `More than ${BOUNDS.asleep} branches of the workflow ${workflow} sleep at once.`,
      'Let runs of another workflow sleep: ctx.start(workflow, input).',
    )
  if ((type === 'signal' || type === 'approve') && open.countOf('signal') + open.countOf('approve') >= BOUNDS.waits)
    return tooLarge(
      `More than ${BOUNDS.waits} signals and approvals of the workflow ${workflow} are open at once.`,
      'Let runs of another workflow wait: ctx.start(workflow, input).',
    )
  if (record >= BOUNDS.record)
    return tooLarge(
      `The workflow ${workflow} began too many operations at once: their names fill ${BOUNDS.record / 1024} KiB.`,
      'Begin some at a time: ctx.map(items, each, { concurrency }).',
    )
  return undefined
}

const tooLarge = (message: string, hint: string) => new InvalidError(message, { code: 'too_large', hint })

/** The characters of the ids of the newest record. */
export class RecordSize {
  private record = 0
  private characters = 0

  /** Counts an operation that begins in a record. */
  add(record: number, id: string): void {
    this.characters = this.of(record) + id.length + AROUND_ID
    this.record = record
  }

  of(record: number): number {
    return record === this.record ? this.characters : 0
  }
}

/** Characters around an id in its record, without its place. */
const AROUND_ID = 24
