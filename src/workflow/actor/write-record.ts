import { isWithinSize, KERNEL_LIMITS } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { type RecordedOperation, type TurnRecord, turnPart } from '../replay/history.ts'
import type { TurnDraft } from './draft.ts'

/** Writes the next record of the history: what was handed out, and the operations that began behind number `from`. */
export function writeRecord(
  { parts }: TurnDraft,
  execution: WorkflowExecution,
  from: number,
  given: Pick<TurnRecord, 'outcomes' | 'turn'>,
): void {
  const begun = execution.operations.slice(from)
  const recordOf = (operations: readonly RecordedOperation[]) =>
    ({ now: execution.now, ...given, operations }) as unknown as Json
  const whole = recordOf(begun.map(({ type, id, at }) => (at === undefined ? [type, id] : [type, id, at])))
  // thousands of operations have their names, and no places
  const isShort = isWithinSize(whole, KERNEL_LIMITS.body)
  parts[turnPart(execution.record++)] = isShort ? whole : recordOf(begun.map(({ type, id }) => [type, id]))
}
