import type { AskOptions, NumberedEvent } from '../../engine/engine.ts'
import type { From } from '../../house/describe.ts'
import { byStart, type ListQuery } from '../../house/paging.ts'
import { present } from '../../lib/json/present.ts'
import type { Priority } from '../../lib/priority.ts'
import type { LoopTarget, RecursionMode } from '../protocol/cycle-decision.ts'
import type { ConsentMessage } from '../protocol/messages.ts'
import type { ModelChoice } from '../protocol/phase-types.ts'
import type { Answer, Decided } from './documents/answer.ts'
import type {
  AskDocument,
  AskTrace,
  Consented,
  ThreadDocument,
  ThreadMessage,
  ThreadSummary,
} from './documents/thread.ts'

export type { Answer, Decided } from './documents/answer.ts'
export type {
  AskDocument,
  AskTrace,
  Consented,
  ConsentQuestion,
  PhaseDocument,
  ThreadDocument,
  ThreadMessage,
  ThreadSummary,
} from './documents/thread.ts'

/** Threads, and the questions that are asked on them. */
export interface ThreadsPort {
  /** Creates a thread before its first ask. An existing one stays unchanged. NotFoundError if another owner has it. */
  open(request: { readonly id: string; readonly name?: string; readonly owner?: string }): Promise<void>
  /** Gives a thread a name for people, which lists show; an empty one removes it. NotFoundError if there is none. */
  name(thread: string, name: string): Promise<void>
  /**
   * Removes a thread or a conversation with its messages, answers and goals. For a month, messages to it fail with
   * `thread_removed`. An error of code `thread_at_work` while it answers a message.
   */
  remove(thread: string): Promise<void>
  /** Lists threads by their first question, the newest first. Threads that belong to a step of a run are left out. */
  list(query?: ListQuery): Promise<readonly ThreadSummary[]>
  /** Reads a thread with its newest questions. NotFoundError when there is none. */
  get(id: string): Promise<ThreadDocument>
  /**
   * Lists the messages of a thread in order, after a number. `limit` is
   * 100 when absent. A list with fewer items reaches the present end.
   */
  messages(
    thread: string,
    page?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly ThreadMessage[]>
  /**
   * Asks a question through the phases and waits for its answer. The same question with the same id gets the same
   * answer; error `id_taken` for another one. NotFoundError on a thread of another owner.
   */
  ask(request: AskRequest, options?: AskOptions): Promise<Answer>
  /** Asks a question; resolves with its id once its thread has it. Events tell the rest. The same id is asked once. */
  startAsk(request: AskRequest): Promise<{ readonly id: string }>
  /** Reads the present state of a question. NotFoundError if it does not exist. */
  getAsk(thread: string, id: string): Promise<AskDocument>
  /**
   * Reads a question with all that its phases did so far: hits, calls, models, money, decisions and receipts. `thread`
   * is needed for an old question (`inbox.decide`). NotFoundError if it does not exist.
   */
  trace(id: string, options?: { readonly thread?: string }): Promise<AskTrace>
  /**
   * Continues a question that has failed, at the phase that failed; the results of earlier phases are reused. Resolves
   * when that is durable; its events report the rest. InvalidError `ask_over` if it has ended otherwise, BusyError
   * while its thread answers another question.
   */
  resumeAsk(thread: string, id: string): Promise<void>
  /** Cancels a question that is queued, running or waiting. InvalidError `ask_over` if it has ended. */
  cancelAsk(thread: string, id: string, reason: string): Promise<void>
  /** Streams the durable events of a question, until `ask-end` or the signal. */
  askEvents(thread: string, id: string, from?: From): AsyncIterable<NumberedEvent>
}

/** Where the thread of an ask is searched: there alone, or, for an old ask, on the newest threads of an owner. */
export type SearchedThread = { readonly thread?: string; readonly owner?: string }

/** Answers to the questions of threads, as the inbox offers them. */
export interface ThreadInbox {
  decide(
    ask: string,
    decision: AskDecision,
    options?: SearchedThread & { readonly id?: string; readonly by?: string },
  ): Promise<Decided>
  consent(
    ask: string,
    answers: readonly ConsentAnswer[],
    options?: SearchedThread & { readonly by?: string },
  ): Promise<readonly Consented[]>
}

/** Operations on threads for the HTTP server. */
export interface ThreadServing {
  /** The owner of a thread; undefined when there is no such thread. */
  ownerOfThread(thread: string): Promise<string | undefined>
  /**
   * The thread of an ask. Undefined if the ask does not exist, or if it is over a day old, waits
   * for nobody and is on none of the hundred newest threads (of `owner`). With `thread`, only that
   * thread is searched.
   */
  threadOfAsk(ask: string, where?: SearchedThread): Promise<string | undefined>
  /** Whether the question has ended and has no events after that number. */
  askEnded(thread: string, id: string, after: number): Promise<boolean>
}

/** A question for a thread, with files. The same `id` asks only once. */
export type AskRequest = {
  readonly prompt: string
  readonly thread: string
  /**
   * files, folders, and paths with a pattern, such as `src/*.ts`, and ids of stored files; text, HTML, PDF, DOCX,
   * pictures, recordings and films are read
   */
  readonly files?: readonly string[]
  /** a model that the ask is about: it gets eight fixed questions, once in a thread, and code judges the answers */
  readonly about?: string
  /** the model of each phase; `default` applies to all others; absent: the default model */
  readonly models?: ModelChoice
  /** task domain, which selects phases and pools: text, code, image …; absent: derived from the prompt */
  readonly modality?: string
  /**
   * the subject area, such as medical, which selects phases, pools and the settings under `domains`; `auto`: the
   * question selects it. Absent: general
   */
  readonly domain?: string
  /**
   * whether it may take another cycle: `auto` (the default) as Understanding decides, `never`, or `step`: after each
   * cycle it waits for `inbox.decide`
   */
  readonly recursion?: RecursionMode
  /** searches the texts and answers with one model call, in one cycle; not allowed with `recursion: 'step'` */
  readonly quick?: boolean
  /**
   * the tools that its phases may call, by names as agents have them; empty: none. Absent: those of its domain. Calls
   * that are made at most once wait for a person
   */
  readonly tools?: readonly string[]
  /** absent: it searches the web if a search service is configured */
  readonly web?: false
  /**
   * what must hold of the answer, besides the checks of its domain: `cited`, `numbers`, `quotes`, `fresh: 90d`. A check
   * that fails is in `checks` and `degraded` of the answer.
   */
  readonly checks?: readonly string[]
  /**
   * whether its prompt becomes a prior when it is answered, without a name; absent: if its owner has agreed
   * (`priors.setSharing`). True fails with `sharing_off` where that is not allowed
   */
  readonly share?: boolean
  /** prompts that others have shared are searched, too */
  readonly priors?: true
  /** how urgent its work is; absent: high, as a person waits */
  readonly priority?: Priority
  /** texts to answer from, like files, each with a name; or the bytes of a file, such as a PDF, in base64 */
  readonly texts?: readonly { readonly name: string; readonly text?: string; readonly base64?: string }[]
  /**
   * the memory of the owner, which is searched together with the texts; `false`: it is not used. `space`: only this
   * space and those below it; `asOf`, `knownAt`: the facts of that time, ms since the epoch; `remember`: the
   * question and its answer become a record in that space; `learn: false`: what phases learn does not. Absent: all
   * of it, and the configuration says whether to remember.
   */
  readonly memory?: AskedMemory | false
  /** the owner of the ask; absent: `local`. The first ask decides the owner of a thread. */
  readonly owner?: string
  /** whether the caller is on this machine; its runs then reach what the configuration opens. Absent: yes */
  readonly trusted?: boolean
  readonly id?: string
  /** dollars that all questions on its thread together may cost from now on */
  readonly budget?: number
}

/** How a question uses the memory of its owner. */
type AskedMemory = {
  readonly space?: string
  readonly asOf?: number
  readonly knownAt?: number
  readonly remember?: boolean
  readonly learn?: false
}

/** The decision about a waiting question: accept the proposal, answer now, or start another cycle. */
export type AskDecision = {
  readonly decision: 'accept' | 'yield' | 'loop'
  /** first phase of a loop; absent: the proposed one, else Action */
  readonly target?: LoopTarget
  /** prompt of a loop; absent: the proposed one, else the open gaps */
  readonly prompt?: string
}

/** The answer of a user about a message, by its number on the thread. */
export type ConsentAnswer = ConsentMessage['answers'][number]

/** The cursor of a thread in a list. */
export const cursorOfThread = byStart

/** The answer of a completed ask, as its caller gets it. */
export function answerOf(id: string, thread: string, ask: Omit<Answer, 'id' | 'thread' | 'basis'>): Answer {
  const { domain, answer, citations, unsure, parts, checks, shared, degraded, model } = ask
  const about = { id, thread, status: 'completed', ...present({ domain, shared }) } as const
  const basis = citations.length > 0 ? 'texts' : 'no source'
  return { ...about, answer, citations, basis, ...present({ unsure, parts, checks }), degraded, model }
}
