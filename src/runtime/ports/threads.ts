import type { AskRecord, DecisionProposal, PhaseTrace } from '../../chain/protocol/ask-state.ts'
import type { Visibility } from '../../chain/protocol/context-operations.ts'
import type { ConsentMessage } from '../../chain/protocol/messages.ts'
import type { Degradation, ModelChoice, SourceCitation } from '../../chain/protocol/phase-types.ts'
import type { CycleDecision, LoopTarget, RecursionMode } from '../../chain/protocol/recursion.ts'
import { encodeCursor } from './paging.ts'

/** What a runtime does with questions that are known by their ids alone. */
export interface Deciding {
  /**
   * Decides how a question goes on that waits for that (`recursion: 'step'`), and resolves with the decision once it is durable. NotFoundError
   * when there is none; InvalidError `not_waiting` when it does not wait, `no_more_cycles` when it cannot go round again. The same `id` decides once.
   * `thread`: its thread, looked for when absent.
   */
  decideAsk(
    ask: string,
    decision: AskDecision,
    options?: { readonly id?: string; readonly thread?: string },
  ): Promise<Decided>
  /**
   * The thread of a question; undefined when there is none, or when it was asked more than a day ago, waits for nobody, and lies on none of the
   * hundred newest threads (of `owner`). With `thread` only that is looked at.
   */
  threadOfAsk(ask: string, where?: { readonly thread?: string; readonly owner?: string }): Promise<string | undefined>
  /** Says what becomes of messages in the prompts of its thread from the next question on. NotFoundError for one that no prompt gets any more. */
  consentAsk(
    ask: string,
    answers: readonly ConsentAnswer[],
    options?: { readonly thread?: string },
  ): Promise<readonly Consented[]>
}

/** What to ask, on which thread, over which files; the same `id` asks once only. */
export type AskRequest = {
  readonly prompt: string
  readonly thread: string
  readonly files?: readonly string[]
  /** which model answers in which phase, `default` for those that are not named; absent: the default one */
  readonly models?: ModelChoice
  /** what it is about, as phases and pools are chosen by: text, code, image …; absent: told from the prompt */
  readonly modality?: string
  /** the field it belongs to, such as medical, as phases and pools are chosen by; absent: general */
  readonly domain?: string
  /** whether it goes round again: `auto` (when absent) as Understanding decides, `never`, or `step`: after each cycle it waits for `decideAsk` */
  readonly recursion?: RecursionMode
  /** looks into the texts and answers with one model call; one round, so not with `recursion: 'step'` */
  readonly quick?: boolean
  /** texts to answer from as if they were files, each with what to call it */
  readonly texts?: readonly { readonly name: string; readonly text: string }[]
  /** who asks; absent: `local`. A thread is whose who asks first on it. */
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
  /** the texts speak of what is asked, and the model is not sure that this answers it; only models that measure it say so */
  readonly unsure?: true
  readonly degraded: readonly Degradation[]
  readonly model: string
}

/** What an answer rests on: the texts that it cites, or nothing that can be checked. */
export const BASES = ['texts', 'no source'] as const
/** One of these. */
export type Basis = (typeof BASES)[number]

/** A thread as a list shows it; times in ms since the epoch, `startedAt` absent in threads of earlier versions. */
export type ThreadSummary = {
  readonly id: string
  readonly owner: string
  /** for people, where one was given */
  readonly name?: string
  /** running, or what became of its last ask */
  readonly status: string
  /** how often it was asked */
  readonly asked: number
  readonly startedAt?: number
  readonly updatedAt: number
}
/** A thread with its newest hundred asks, in their order. */
export type ThreadDocument = ThreadSummary & {
  readonly asks: readonly AskDocument[]
  /** what its user is asked, if that is something */
  readonly consents?: readonly ConsentQuestion[]
}
/** An ask as it stands; `askedAt` and `endedAt` are ms since the epoch, absent in asks of earlier versions. */
export type AskDocument = Omit<AskRecord, 'trace'> & {
  readonly thread: string
  /** its number on the thread */
  readonly n: number
  /** those that have begun, in the order in which they ended; those at work are the last */
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
/** What was said on a thread: a prompt, or the answer to it. Numbers go up, with gaps where there is no answer. */
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
  /** of a loop: where it begins; absent: as is proposed, else with Action */
  readonly target?: LoopTarget
  /** of a loop: what it is to find out; absent: as is proposed, else the gaps that were found */
  readonly prompt?: string
}
/** What was decided, and on which thread. */
export type Decided = CycleDecision & { readonly thread: string }

/** What a user says of a message of a thread, by its number there. */
export type ConsentAnswer = ConsentMessage['answers'][number]
/** What becomes of a message in prompts from the next ask on. */
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
