import type { Problem } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { justBeforePrefix, type ReadParts } from '../../kernel/parts.ts'
import type { ValueRef } from '../../step/values.ts'
import type { NumberedTurn, OperationType } from './operation.ts'

/**
 * The history of a run: what each turn handed out, in its order, and the operations that the function then began. A
 * replay repeats the turns. Values lie in the records of the steps.
 */
export type TurnRecord = {
  /** ms since the epoch: what `now()` gives in this turn */
  readonly now: number
  /** A loop goes on first. This record stands behind the one in which the loop began: all between them were dropped. */
  readonly turn?: RecordedTurn
  readonly outcomes: readonly RecordedOutcome[]
  readonly operations: readonly RecordedOperation[]
}

/** Records of one turn of the run's actor as a part has them: the first, and outcomes and operations of the others. */
export type StoredRecord = TurnRecord & {
  readonly more?: readonly (readonly [TurnRecord['outcomes'], TurnRecord['operations']])[]
}

/** A `NumberedTurn`, with a reference to its value. */
export type RecordedTurn = Omit<NumberedTurn, 'turn'> & { readonly turn: ValueRef }

/** The number of the operation that ended; with a problem that no step reports, such as a cancellation. */
export type RecordedOutcome = number | readonly [number: number, problem: Problem]

/** The operation that ended. */
export const numberIn = (recorded: RecordedOutcome): number => (typeof recorded === 'number' ? recorded : recorded[0])

export type RecordedOperation = readonly [type: OperationType, id: string, at?: string]

const PREFIX = 'turn/'
const DIGITS = 8

/** The part of a run that begins with the record of that number. */
export const turnPart = (turn: number) => `${PREFIX}${String(turn).padStart(DIGITS, '0')}`

/** Reads the first `turns` records of a run. */
export async function readTurns(readParts: ReadParts, run: string, turns: number): Promise<readonly TurnRecord[]> {
  if (turns === 0) return []
  const records: TurnRecord[] = []
  for await (const [, part] of readParts(runRef(run), { prefix: PREFIX, after: justBeforePrefix(PREFIX) })) {
    const { more = [], ...first } = part as StoredRecord
    records.push(first, ...more.map(([outcomes, operations]) => ({ now: first.now, outcomes, operations })))
    if (records.length >= turns) break
  }
  return records
}

/** The number of the newest turn of a loop; undefined: there was none. */
export const iterationOf = (turns: readonly TurnRecord[]): number | undefined =>
  turns.findLast(({ turn }) => turn)?.turn?.iteration

/** The beginning of the history of another run, with the records of its steps: a fork goes on behind it. */
export type ForkedHistory = {
  readonly turns: readonly TurnRecord[]
  /** outcomes of the turn in which the fork leaves the history */
  readonly arrived: readonly RecordedOutcome[]
  readonly steps: { readonly [id: string]: Json }
}
