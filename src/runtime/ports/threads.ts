import type { AskRecord, DecisionProposal, PhaseTrace } from '../../chain/protocol/ask-state.ts'
import type { Visibility } from '../../chain/protocol/context-operations.ts'
import type { ConsentMessage } from '../../chain/protocol/messages.ts'
import type { Degradation, ModelChoice, SourceCitation } from '../../chain/protocol/phase-types.ts'
import type { CycleDecision, LoopTarget, RecursionMode } from '../../chain/protocol/recursion.ts'
import type { AskOptions, NumberedEvent } from '../../engine/engine.ts'
import { encodeCursor, type ListQuery } from './paging.ts'

/** Threads, and the questions that are asked on them. */
export interface ThreadsPort {
  /**
   * Creates a thread before its first ask. An existing thread stays unchanged.
   * @throws NotFoundError if it belongs to another owner
   */
  open(request: { readonly id: string; readonly name?: string; readonly owner?: string }): Promise<void>
  /** Lists threads by their first question, the newest first. Threads that belong to a step of a run are left out. */
  list(query?: ListQuery): Promise<readonly ThreadSummary[]>
  /** Reads a thread with its newest questions. NotFoundError when there is none. */
  get(id: string): Promise<ThreadDocument>
  /** Lists the messages of a thread in order, after a number. `limit` is 100 when absent; a shorter list is the end so far. */
  messages(
    thread: string,
    page?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly ThreadMessage[]>
  /** Asks a question through the phases and waits for its answer. The same id gets the same answer. NotFoundError on a thread of another owner. */
  ask(request: AskRequest, options?: AskOptions): Promise<Answer>
  /** Asks a question and resolves with its id once the thread has taken it; its events report the rest. The same id is asked once. */
  startAsk(request: AskRequest): Promise<{ readonly id: string }>
  /** Reads a question as it stands. NotFoundError when there is none. */
  getAsk(thread: string, id: string): Promise<AskDocument>
  /** Cancels a question that is queued, running or waiting. InvalidError `ask_over` when it is over. */
  cancelAsk(thread: string, id: string, reason: string): Promise<void>
  /** Streams the durable events of a question, until `ask-end` or the signal. */
  askEvents(
    thread: string,
    id: string,
    from?: { readonly after?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<NumberedEvent>
}

/** A question for a thread, with files. The same `id` asks only once. */
export type AskRequest = {
  readonly prompt: string
  readonly thread: string
  readonly files?: readonly string[]
  /** which model answers in which phase, `default` for those that are not named; absent: the default one */
  readonly models?: ModelChoice
  /** task domain, which selects phases and pools: text, code, image …; absent: derived from the prompt */
  readonly modality?: string
  /** the field it belongs to, such as medical, as phases and pools are chosen by; absent: general */
  readonly domain?: string
  /** whether it goes round again: `auto` (when absent) as Understanding decides, `never`, or `step`: after each cycle it waits for `inbox.decide` */
  readonly recursion?: RecursionMode
  /** looks into the texts and answers with one model call; one round, so not with `recursion: 'step'` */
  readonly quick?: boolean
  /** texts to answer from as if they were files, each with what to call it */
  readonly texts?: readonly { readonly name: string; readonly text: string }[]
  /** the owner of the ask; absent: `local`. The first ask decides the owner of a thread. */
  readonly owner?: string
  readonly id?: string
  /** dollars that all questions on its thread may cost together, from now on */
  readonly budget?: number
}
/**
 * An ask's answer. Its citations were retrieved from the texts for this ask. `<vid>v1</vid>` in the text follows what the citation of that
 * `vid` supports. `degraded` names what could not be done properly.
 */
export type Answer = {
  readonly id: string
  readonly thread: string
  readonly status: string
  readonly answer: string
  readonly citations: readonly SourceCitation[]
  /** `no source`: no text was given, and the model answered from what it knows or from the conversation */
  readonly basis: Basis
  /**
   * the texts mention the subject, but the model is not sure that this is the answer; only some
   * models measure this
   */
  readonly unsure?: true
  readonly degraded: readonly Degradation[]
  readonly model: string
}

/** The basis of an answer: cited texts, or no verifiable source. */
export const BASES = ['texts', 'no source'] as const
/** One of these. */
export type Basis = (typeof BASES)[number]

/** A thread as a list shows it; times are in ms since the epoch. */
export type ThreadSummary = {
  readonly id: string
  readonly owner: string
  /** for people, where one was given */
  readonly name?: string
  /** running, or what became of its last ask */
  readonly status: string
  /** how often it was asked */
  readonly asked: number
  readonly startedAt: number
  readonly updatedAt: number
}
/** A thread with its newest hundred asks, in their order. */
export type ThreadDocument = ThreadSummary & {
  readonly asks: readonly AskDocument[]
  /** what its user is asked, if that is something */
  readonly consents?: readonly ConsentQuestion[]
}
/** An ask as it stands; `askedAt` and `endedAt` are ms since the epoch. */
export type AskDocument = Omit<AskRecord, 'trace'> & {
  readonly thread: string
  /** its number on the thread */
  readonly n: number
  /** started phases in the order in which they ended; running ones are last */
  readonly phases: readonly PhaseDocument[]
  /** what it waits to have decided, if it does */
  readonly proposal?: DecisionProposal
  /** what it asks its user, if that is something */
  readonly consents?: readonly ConsentQuestion[]
}
/** How one phase of an ask stands. */
export type PhaseDocument = Omit<PhaseTrace, 'status' | 'selection'> & {
  readonly status: PhaseTrace['status'] | 'running'
}
/** A message of a thread: a prompt or an answer. Numbers ascend, with gaps for missing answers. */
export type ThreadMessage = {
  readonly n: number
  /** the id of its ask */
  readonly ask: string
  readonly role: 'user' | 'assistant'
  readonly text: string
  /** ms since the epoch */
  readonly at?: number
  /** what is done to it where a prompt has it; absent where none gets it any more, or yet */
  readonly inPrompts?: Visibility
}

/** How a question goes on that waits for a decision: as is proposed, with its answer, or round again. */
export type AskDecision = {
  readonly decision: 'accept' | 'yield' | 'loop'
  /** first phase of a loop; absent: the proposed one, else Action */
  readonly target?: LoopTarget
  /** prompt of a loop; absent: the proposed one, else the open gaps */
  readonly prompt?: string
}
/** A decision and its thread. */
export type Decided = CycleDecision & { readonly thread: string }

/** The answer of a user about a message, by its number on the thread. */
export type ConsentAnswer = ConsentMessage['answers'][number]
/** How prompts show a message from the next ask on. */
export type Consented = { readonly message: number; readonly inPrompts: Visibility }
/** Whether prompts may show a summary of a long message: its number, its characters, the ask that asks, and since when (ms since the epoch). */
export type ConsentQuestion = {
  readonly message: number
  readonly ask: string
  readonly length: number
  readonly since: number
}

/** The cursor behind a thread in a list of threads. */
export const cursorOfThread = ({ startedAt, id }: Pick<ThreadSummary, 'startedAt' | 'id'>): string =>
  encodeCursor(startedAt, id)
