import { InvalidError } from '../../errors.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { type TurnRecord, turnPart } from '../replay/history.ts'
import type { TurnDraft } from './draft.ts'

/** Characters of JSON of one record. */
const MAX_RECORD = 200 * 1024

/** Writes the next record of the history: what was handed out, and the operations that began behind number `from`. */
export function writeRecord(
  { parts }: TurnDraft,
  execution: WorkflowExecution,
  from: number,
  given: Pick<TurnRecord, 'outcomes' | 'turn'>,
): void {
  const begun = execution.operations.slice(from)
  const operations = begun.map(({ type, id, at }) => (at === undefined ? [type, id] : [type, id, at]))
  const record = { now: execution.now, ...given, operations } as unknown as Json
  if (!isWithinSize(record, MAX_RECORD)) throw tooManyAtOnce(execution, operations.length)
  parts[turnPart(execution.record++)] = record
}

const tooManyAtOnce = ({ name }: WorkflowExecution, count: number) =>
  new InvalidError(`The workflow ${name} began ${count} operations at once, which is too much for one record.`, {
    code: 'too_large',
    hint: 'Begin some at a time: ctx.map(items, each, { concurrency }).',
  })
