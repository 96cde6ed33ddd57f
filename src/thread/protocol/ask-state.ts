import { z } from 'zod'
import { maybe, type Named, type Plain } from '../../document.ts'
import type { Problem } from '../../errors.ts'
import type { By } from '../../house/by.ts'
import { OF_MESSAGE } from '../../house/common-fields.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import type { Usage } from '../../model/request/request.ts'
import type { MessageText } from '../../work/origin/goal-origin.ts'
import type { ResultSource } from '../../work/origin/result-of.ts'
import type { ActionCall } from './calls.ts'
import type { ContextOperation, RejectedOperation, Treatments } from './context-operations.ts'
import { LOOP_TARGETS, type LoopEntry } from './cycle-decision.ts'
import type { ConsentMessage } from './messages.ts'
import type { AskInput, Degradation, Hit, PhaseEnd, PhaseName, PhaseOutputs } from './phase-types.ts'

/** A thread. Its size does not grow with its length, since asks are kept in parts. */
export type ThreadState = {
  /** the owner, set by the first ask; absent: the user of the data folder */
  readonly owner?: string
  /** the time of that, ms since the epoch; absent: the thread has not been opened */
  readonly startedAt?: number
  /** a name for people */
  readonly name?: string
  /** nobody continues it by its name: lists of threads leave it out */
  readonly aside?: true
  /** it was removed with all that it held, and refuses messages for a while */
  readonly removed?: true
  /** the number of asks so far, which is the number of the last one */
  readonly asks: number
  readonly current: CurrentAsk | null
  readonly queue: readonly QueuedAsk[]
  /** the numbers of the completed asks that later prompts may show */
  readonly remembered: readonly number[]
  /** treatments of their messages in prompts, and open questions about them; absent: none */
  readonly context?: Treatments
}
/** A queued ask: its number, the id of its work, and the trace of its message and of all work on it. */
export type QueuedAsk = { readonly n: number; readonly id: string; readonly trace?: string }

/** The asks that are under way and that wait for their turn. Those that steer a goal end with it. */
export const openAsks = ({ current, queue }: Pick<ThreadState, 'current' | 'queue'>): readonly QueuedAsk[] =>
  current ? [current, ...queue] : queue

export const traceOfAsk = (ask: { readonly trace?: string | undefined } | null): { readonly trace?: string } =>
  ask?.trace === undefined ? {} : { trace: ask.trace }

/** The current ask: the phases it waits for, and since when (ms since the epoch). */
export type CurrentAsk = QueuedAsk & {
  readonly cycle: number
  readonly waiting: readonly PhaseName[]
  readonly since: number
  readonly loops: readonly LoopEntry[]
  /** the phases that wait, or have waited, for money: this time does not count for the question */
  readonly parked?: readonly PhaseName[]
  /** its deadline, ms since the epoch */
  readonly due: number
  /** it waits for a decision about this proposal */
  readonly proposal?: PendingProposal
  /** an agent answers it, and no phase does */
  readonly goal?: CurrentGoal
}

/** The goal that answers the ask with this number. */
export const goalKey = (thread: string, n: number) => `${thread}.m${n}`

/** The number of the ask that such a goal answers. */
export const numberOfGoal = (goal: string): number => Number(goal.slice(goal.lastIndexOf('.m') + 2))

/** The goal that answers an ask, and the asks that steer it. */
export type CurrentGoal = {
  readonly key: string
  /** asks that were told to it, and it has not confirmed that yet */
  readonly telling?: readonly QueuedAsk[]
  /** asks that it has taken up: its answer is theirs, too */
  readonly joined?: readonly QueuedAsk[]
  /** the replies to its messages, as it has ended */
  readonly replies?: readonly MessageText[]
  /** it has ended; the ask ends when all of `telling` is decided */
  readonly end?: AskEnding
  /** an ask that interrupts has cancelled it */
  readonly interrupted?: true
}

const decisionProposalFields = {
  decision: z.enum(['yield', 'loop']),
  /** for a loop: its first phase, and the question to find out */
  target: maybe(z.enum(LOOP_TARGETS)).meta({ description: 'first phase of a proposed loop' }),
  prompt: maybe(z.string()).meta({ description: 'prompt of a proposed loop' }),
  reason: z.string(),
  confidence: z.number().meta({ description: '0 to 1' }),
  gaps: z.array(z.string()).meta({ description: 'information that is still missing' }),
  cycle: z.number(),
  /** whether there may be another cycle after this one */
  mayLoop: z.boolean().meta({ description: 'whether the limit of cycles allows a loop' }),
}
export interface DecisionProposalFields extends Named<typeof decisionProposalFields> {}

export const decisionProposal: z.ZodObject<DecisionProposalFields> = z
  .object(decisionProposalFields)
  .meta({ id: 'Proposal' })

/** A proposal of Understanding for an external decision. `confidence` is 0..1. */
export type DecisionProposal = Plain<typeof decisionProposal>

/** A proposal that waits since `since` (ms since the epoch); `left` is the ask's paused remaining time (ms). */
export type PendingProposal = DecisionProposal & { readonly since: number; readonly left: number }

/** The working state of an ask: part `work/<n>`, with the history in a part of its own. Deleted when the ask ends. */
export type AskWork = AskInput & {
  /** ms since the epoch */
  readonly askedAt: number
  /** the space in which its answer is remembered; absent: it is not */
  readonly remember?: string
  /** whether what its phases learn becomes records; absent: it does not */
  readonly learn?: boolean
  /** its prompt becomes a prior when it is answered: the ask says so, or its owner has agreed once */
  readonly share?: true | 'agreed'
  readonly replyTo: ActorRef | null
  /** it brings the result of these calls, and no person has written it */
  readonly resultOf?: ResultSource
  /** the files of a message to an agent */
  readonly files?: readonly FileRef[]
  /** an agent answers it: its name, and the first message of the goal; absent: the phases do */
  readonly agent?: { readonly name: string; readonly start: JsonObject }
  readonly degraded: readonly Degradation[]
  readonly trace: readonly PhaseTrace[]
  readonly usage: Usage
}

/** The course of one phase, and the registry keys that were looked up for it. */
export type PhaseTrace = Pick<PhaseEnd, 'phase' | 'cycle' | 'status' | 'model'> & {
  readonly selection: readonly string[]
}

/** An ended ask, as its thread stores it: part `ask/<n>`. */
export type AskRecord = PhaseOutputs['yield'] & {
  readonly id: string
  readonly prompt: string
  /** the files that came with the prompt */
  readonly files?: readonly FileRef[]
  /** `joined`: it steers the goal of an earlier ask */
  readonly status: 'queued' | 'joined' | 'running' | 'completed' | 'failed' | 'cancelled'
  /** it brings the result of these calls, and no person has written it */
  readonly resultOf?: ResultSource
  /** the agent that answers, and its goal; absent: the phases do */
  readonly agent?: string
  readonly goal?: string
  /** absent: general */
  readonly domain?: string
  /** the end of the answer, which its domain adds */
  readonly notice?: string
  /** the value of an agent with an `output` */
  readonly output?: Json
  /** the files of its reply, which the model made */
  readonly answerFiles?: readonly FileRef[]
  /** parts missing in the answer, one sentence each */
  readonly lacks?: readonly string[]
  /** its own reply, if the goal has answered later messages, too, or gave no answer; empty: there is none */
  readonly reply?: string
  /** why its prompt is shared: the ask says so, or its owner has agreed once; absent: it is not */
  readonly shared?: 'asked' | 'agreed'
  readonly degraded: readonly Degradation[]
  readonly cycles: number
  readonly usage: Usage
  readonly model: string
  readonly trace: readonly PhaseTrace[]
  readonly problem?: Problem
  /** ms since the epoch */
  readonly askedAt: number
  /** ms since the epoch; absent: it has not ended */
  readonly endedAt?: number
}

/** Whether an ask has not ended. */
export const isAtWork = ({ status }: Pick<AskRecord, 'status'>): boolean =>
  status === 'queued' || status === 'joined' || status === 'running'

export type AskReply = Omit<
  AskRecord,
  'id' | 'prompt' | 'files' | 'status' | 'trace' | 'problem' | 'reply' | 'askedAt' | 'endedAt'
> & {
  readonly status: 'completed'
}

/** How an ask ended. */
export type AskEnding =
  | (PhaseOutputs['yield'] &
      Pick<AskRecord, 'output' | 'answerFiles' | 'lacks' | 'model'> & { readonly status: 'completed' })
  | { readonly status: 'failed' | 'cancelled'; readonly problem: Problem }

/**
 * The durable events of a chain. `at` is in ms since the epoch. `ask` names the ask where its message does not: the
 * messages of a goal are of the goal.
 */
export type ChainEvent = { readonly at: number; readonly ask?: string } & ( // it is accepted, and waits behind others
  | { readonly type: 'ask-queue' }
  // it is the message `n`, and steers the goal that answers the ask `to`
  | { readonly type: 'ask-join'; readonly to: string; readonly n: number; readonly goal: string }
  // an agent answers: the events of this goal follow
  | { readonly type: 'ask-goal'; readonly agent: string; readonly goal: string }
  // `resultOf`: it brings the result of these calls, and no person has written it
  | {
      readonly type: 'ask-start'
      readonly prompt: string
      readonly domain?: string
      readonly resultOf?: ResultSource
      /** the files that came with the prompt */
      readonly files?: readonly FileRef[]
    }
  | { readonly type: 'phase-start'; readonly phase: PhaseName; readonly cycle: number }
  | (Pick<PhaseEnd, 'type' | 'phase' | 'cycle' | 'status' | 'text' | 'model' | 'problem'> & {
      /** ms */
      readonly ms: number
      /** absent: it asked no model */
      readonly usage?: Usage
      /** dollars of its calls, if they are known */
      readonly cost?: number
      /** the hits and reports of Experience */
      readonly hits?: readonly Hit[]
      /** the calls of Action */
      readonly calls?: readonly ActionCall[]
    })
  | {
      readonly type: 'decision'
      readonly decision: 'yield' | 'loop'
      readonly target?: string
      readonly reason: string
      readonly cycle: number
      /** of a decision from outside */
      readonly by?: By
    }
  // changes that Understanding requests for earlier messages; a change that needs consent waits for it
  | {
      readonly type: 'context-change'
      readonly operations: readonly ContextOperation[]
      readonly rejected?: readonly RejectedOperation[]
    }
  | { readonly type: 'consent-answer'; readonly answers: ConsentMessage['answers']; readonly by?: By }
  // `budget`: the scope with too little; `until`: the provider is asked again then; `run`: its call waits for a person
  | {
      readonly type: 'ask-wait'
      readonly phase: PhaseName
      readonly cycle: number
      readonly budget?: string
      readonly until?: number
      readonly run?: string
      readonly problem: Problem
    }
  // it continues after a decision from outside
  | ({ readonly type: 'decision-wait' } & DecisionProposal)
  | { readonly type: 'ask-end'; readonly status: AskEnding['status']; readonly problem?: Problem }
)

/** The id of the work on a message, unique everywhere. The id of the message itself belongs to its conversation. */
export const workOfMessage = (conversation: string, id: string): string => `${conversation}${OF_MESSAGE}${id}`

/** The id of an ask on its thread, by the id of its work. A question has one id for both. */
export function askIdOf(thread: string, work: string): string {
  const before = workOfMessage(thread, '')
  return work.startsWith(before) ? work.slice(before.length) : work
}
