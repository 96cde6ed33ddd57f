import type { Effects } from '../../../kernel/types.ts'
import type { Note } from '../../../lib/media/file-ref.ts'
import { type History, roundsOfHistory, withMadeFiles, withTold } from '../../context/history.ts'
import { conversationAbove, conversationOf, type GoalStartPart } from '../../protocol/messages.ts'
import { type Round, roundPart } from '../../protocol/rounds.ts'
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
  const conversation = conversationAbove(start)
  // the calls so far are those of the agent that handed it over, and of its tools
  const isTaken = conversationOf(start) === undefined
  const history = conversation ? await readHistory(conversation, isTaken ? 'spoken' : 'whole') : NO_HISTORY
  const text = isTaken && history.exchanges.length > 0 ? `${TAKEN}\n\n${start.goal}` : start.goal
  const { first, rounds, notes } = roundsOfHistory(history, { text, files: start.files, memory })
  const unread = own.length === 0 ? [...notes, ...state.told] : state.told
  return { first, ...withMadeFiles([...rounds, ...withTold(own, notes)], unread) }
}

const TAKEN = '(Another agent handed this conversation over to you. You answer from here on.)'

const NO_HISTORY: History = { exchanges: [], skipped: 0 }

/** The rounds so far, the oldest first. */
async function readRounds(
  { rounds }: Pick<GoalState, 'rounds'>,
  { part }: Pick<Effects, 'part'>,
): Promise<readonly Round[]> {
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1)
  return (await Promise.all(numbers.map((number) => part(roundPart(number))))) as unknown as readonly Round[]
}
