import type { Effects } from '../../../kernel/types.ts'
import type { Note } from '../../../lib/media/file-ref.ts'
import { type History, roundsOfHistory, withTold } from '../../context/history.ts'
import { type Round, roundPart } from '../../protocol/rounds.ts'
import { conversationOf, type GoalStartPart } from '../../protocol/start.ts'
import type { GoalState } from '../../protocol/state.ts'
import type { AgentServices } from '../services.ts'

/** The texts and rounds of a request before they are fitted into a window. */
export type RequestContext = {
  readonly first: Note
  readonly rounds: readonly Round[]
  readonly notes: readonly Note[]
}

/**
 * The first text of a request, the rounds so far, and the texts that the model has not seen. In a conversation they
 * begin with its earlier messages. What the goal recalled stands with its own text, in each of its requests.
 */
export async function readContext(
  { readHistory }: Pick<AgentServices, 'readHistory'>,
  start: GoalStartPart,
  state: Pick<GoalState, 'rounds' | 'told'>,
  memory: string | undefined,
  effects: Pick<Effects, 'part'>,
): Promise<RequestContext> {
  const own = await readRounds(state, effects)
  const conversation = conversationOf(start)
  const history = conversation ? await readHistory(conversation) : NO_HISTORY
  const { first, rounds, notes } = roundsOfHistory(history, { text: start.goal, files: start.files, memory })
  if (own.length === 0) return { first, rounds, notes: [...notes, ...state.told] }
  return { first, rounds: [...rounds, ...withTold(own, notes)], notes: state.told }
}

const NO_HISTORY: History = { exchanges: [], skipped: 0 }

/** The rounds so far, the oldest first. */
async function readRounds(
  { rounds }: Pick<GoalState, 'rounds'>,
  { part }: Pick<Effects, 'part'>,
): Promise<readonly Round[]> {
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1)
  return (await Promise.all(numbers.map((number) => part(roundPart(number))))) as unknown as readonly Round[]
}
