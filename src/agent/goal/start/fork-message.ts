import { amountOf } from '../../../budget/money.ts'
import { InvalidError } from '../../../errors.ts'
import type { ReadParts } from '../../../kernel/parts.ts'
import type { Note } from '../../../lib/media/file-ref.ts'
import type { ValueStore } from '../../../step/values.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { findStartOf, type GoalStart } from '../../protocol/messages.ts'
import type { GoalState } from '../../protocol/state.ts'
import type { GoalForkRequest } from './request.ts'
import { startAgain } from './start-again.ts'

type Parts = { readonly readParts: ReadParts; readonly values: ValueStore }

/** The first message of a goal that continues another. It is its own goal: nobody above it waits for its answer. */
export async function forkMessage(
  { readParts, values }: Parts,
  id: string,
  state: GoalState,
  { at, budget, interactive }: GoalForkRequest,
): Promise<GoalStart> {
  const rounds = roundsBefore(id, state, at)
  const start = (await findStartOf(id, readParts))!
  const agent = (await values.get(start.definition)) as AgentDefinition
  return {
    ...startAgain(state, start, agent),
    goal: start.goal,
    ...(start.files && { files: start.files }),
    from: { goal: id, rounds, told: unheard(state, rounds) },
    ...(interactive && { interactive: true as const }),
    ...(budget !== undefined && { budget: amountOf(budget) }),
  }
}

/**
 * The number of rounds to reuse. The last round of a goal that was completed, handed over or stopped while its model
 * wrote is its end, so it is asked again.
 */
function roundsBefore(id: string, { rounds, status, handedTo, cut }: GoalState, at: number | undefined): number {
  const isEnd = status === 'completed' || status === 'acting' || handedTo !== undefined || cut
  const last = isEnd ? Math.max(1, rounds) : rounds + 1
  if (at === undefined) return last - 1
  if (at >= 1 && at <= last) return at - 1
  throw new InvalidError(`The goal ${id} cannot be asked again at round ${at}: expected a round from 1 to ${last}.`, {
    code: 'unknown_round',
    place: { path: 'at' },
    hint: `To see its rounds: antiphon agent show ${id}`,
  })
}

/** The texts for the model of the new goal: those that the old model has not heard, and that calls were undone. */
function unheard({ told: notes, rounds, undo }: GoalState, reused: number): Note[] {
  const texts = reused === rounds ? notes : []
  return [...texts, ...(undo && undo.undone > 0 ? ['The calls of the rounds above were undone.'] : [])]
}
