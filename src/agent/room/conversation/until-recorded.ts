import type { EngineView } from '../../../engine/engine.ts'
import { goalRef, runRef } from '../../../house/actors.ts'
import type { Json } from '../../../kernel/json.ts'
import { type ReadParts, readSinglePart } from '../../../kernel/parts.ts'
import type { ActorRef } from '../../../kernel/types.ts'
import { runOfPlaybook, runOfRound } from '../../../run/ids.ts'
import { hasOpenCalls, type Round, roundPart } from '../../protocol/rounds.ts'
import { isOver, peekGoal } from '../../protocol/state.ts'

/** The parts of an engine that the wait for a record needs. */
export type Looking = Pick<EngineView, 'peek'> & {
  readonly readParts: ReadParts
  askActor(to: ActorRef, body: Json, correlationId: string): Promise<Json>
}

/**
 * Resolves when a goal that was stopped has recorded what its calls did, as far as that is known. An actor takes its
 * messages in order, so its reply says that it has taken the cancellation or the report before. This never waits for
 * a call that does not end.
 */
export async function untilRecorded(engine: Looking, goal: string): Promise<void> {
  // the work of a goal that was cancelled takes no message any more
  const look = (of: ActorRef) => engine.askActor(of, { type: 'look' }, `${of.key}.look`)
  const found = await peekGoal(engine, goal)
  if (!found) return
  if (!isOver(found)) await look(goalRef(goal))
  const state = isOver(found) ? found : await peekGoal(engine, goal)
  if (state?.handedTo) await untilRecorded(engine, state.handedTo.goal)
  const run = state && (await unrecordedRun(engine, goal, state))
  if (run !== undefined) await look(runRef(run))
  if (run !== undefined || state?.status === 'handed_off') await look(goalRef(goal))
}

/** The run of a goal that has not reported to it; undefined: there is none. */
async function unrecordedRun(
  { readParts }: Looking,
  goal: string,
  { playbook, told: notes, rounds }: NonNullable<Awaited<ReturnType<typeof peekGoal>>>,
): Promise<string | undefined> {
  if (playbook !== undefined) return notes.length === 0 ? runOfPlaybook(goal) : undefined
  const round = (await readSinglePart(readParts, goalRef(goal), roundPart(rounds))) as Round | undefined
  return round && hasOpenCalls(round) ? runOfRound(goal, rounds) : undefined
}
