import { NotFoundError } from '../../errors.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import { encodeStep } from '../../pipeline/plan/codec.ts'
import { hasEnded } from '../../pipeline/plan/step-outcome.ts'
import { collectStepParts } from '../../pipeline/report/step-parts.ts'
import { type ForkedHistory, type RecordedOutcome, readTurns, type TurnRecord } from '../replay/history.ts'
import type { WorkflowState } from '../replay/state.ts'

/**
 * The history of a run before the end of an operation; all of it without one.
 * @throws NotFoundError if the run has no such step
 */
export async function historyOfFork(
  { readParts }: { readonly readParts: ReadParts },
  run: string,
  { workflow }: WorkflowState,
  at: string | undefined,
): Promise<ForkedHistory> {
  const all = await readTurns(readParts, run, workflow.turns)
  const ids = all.flatMap(({ operations }) => operations.map(([, id]) => id))
  const number = at === undefined ? -1 : ids.indexOf(at)
  if (at !== undefined && number < 0)
    throw new NotFoundError(`The run ${run} has no step ${at}.`, {
      code: 'unknown_step',
      hint: `It has ${ids.slice(0, 10).join(', ')}.`,
    })
  const { turns, arrived } = before(all, number)
  const ended = new Set([...turns.flatMap(({ outcomes }) => outcomes), ...arrived].map(numberOf).map((one) => ids[one]))
  const parts = await collectStepParts(readParts, run)
  const steps: { [id: string]: Json } = {}
  for (const [id, part] of parts) if (ended.has(id) && hasEnded(part)) steps[id] = encodeStep(part)
  return { turns, arrived, steps }
}

/** The turns before the outcome of an operation, and the outcomes before it in its own turn. */
function before(all: readonly TurnRecord[], number: number): Pick<ForkedHistory, 'turns' | 'arrived'> {
  const turn = all.findIndex(({ outcomes }) => outcomes.some((one) => numberOf(one) === number))
  if (turn < 0) return { turns: all, arrived: [] }
  const { outcomes } = all[turn]!
  const place = outcomes.findIndex((one) => numberOf(one) === number)
  return { turns: all.slice(0, turn), arrived: outcomes.slice(0, place) }
}

const numberOf = (recorded: RecordedOutcome): number => (typeof recorded === 'number' ? recorded : recorded[0])
