import type { Problem } from '../errors.ts'
import type { Effects, Send, Turn } from '../kernel/types.ts'
import type { AskEnding, AskRecord, AskWork, CurrentAsk, QueuedAsk, ThreadState } from './protocol/ask-state.ts'
import type { AskMessage, ThreadInput } from './protocol/messages.ts'

export type ThreadTurn = Turn<ThreadState>
type MaybeTurn = ThreadTurn | Promise<ThreadTurn> | undefined

export type AskAtWork = { readonly ask: QueuedAsk; readonly work: AskWork; readonly record: AskRecord }

/** The limits of a thread: characters of a prompt, asks that may wait, and exchanges that it remembers. */
export type ThreadLimits = { readonly promptSize: number; readonly queue: number; readonly remembered: number }

/**
 * Answers the asks of threads. The thread keeps their order and their records; an answerer does the work, in turns of
 * the thread, and ends it with `endAsk`.
 */
export interface Answerer {
  /** Gives the parts of the work that only this answerer needs. @throws for an ask that it does not answer */
  accept(message: AskMessage): Partial<AskWork>
  /** Begins to answer an ask. */
  begin(state: ThreadState, begun: AskAtWork, effects: Effects): Promise<ThreadTurn>
  /** Takes up an ask while it answers another one; undefined: the ask waits for its turn. */
  interject?(
    state: ThreadState,
    arrived: Omit<AskAtWork, 'record'>,
    message: AskMessage,
    effects: Effects,
  ): Promise<ThreadTurn | undefined>
  /** Handles a message about its work; undefined: the message is not for it. */
  receive(state: ThreadState, message: ThreadInput, effects: Effects): MaybeTurn
  /** Handles the error of an actor that works for it; undefined: the actor does not. */
  fail(state: ThreadState, problem: Problem, effects: Effects): MaybeTurn
  /** Cancels its work on the current ask. */
  stop(current: CurrentAsk, reason: string, effects: Effects): NonNullable<Turn['cancel']>
  /** Fields of this answerer for the record of an ended ask. */
  recordFields(work: AskWork, ending: AskEnding): Partial<AskRecord>
  /** Forgets what it holds of a thread that goes. The problem, if it cannot. */
  forget?(owner: string, effects: Effects): Promise<Problem | null>
  /** Messages to its actors of a thread that goes. */
  leave?(thread: string): readonly Send[]
}

/** An ask that names an agent is answered by its goals, any other by the phases. */
export type Answerers = { readonly phases: Answerer; readonly goals: Answerer }

export const answererOf = ({ phases, goals }: Answerers, { agent }: { readonly agent?: object }): Answerer =>
  agent ? goals : phases
