import type { Problem } from '../../errors.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { Usage } from '../../model/request/request.ts'
import type { Context, Operation, Rejected } from './context-operations.ts'
import type { ConsentMessage } from './messages.ts'
import type { Modality } from './modality.ts'
import type {
  Citation,
  Degraded,
  HistoryEntry,
  Hit,
  ModelChoice,
  PhaseEnd,
  PhaseInput,
  PhaseName,
  SourceRef,
} from './phase-types.ts'
import type { LoopEntry, LoopTarget, Recursion } from './recursion.ts'

/** A thread: small whatever its length; its asks lie in parts. */
export type ChainState = {
  /** of who asked first; absent: of the data folder's own user */
  readonly owner?: string
  /** when that was: ms since the epoch; absent in threads of earlier versions */
  readonly startedAt?: number
  /** for people */
  readonly name?: string
  /** nobody goes on with it by its name: lists of threads leave it out */
  readonly aside?: true
  /** asks so far; the number of the last one */
  readonly asks: number
  readonly current: Current | null
  readonly queue: readonly Waiting[]
  /** the numbers of the completed asks that later prompts may show */
  readonly remembered: readonly number[]
  /** what is done to their messages in prompts, and asked about; absent: nothing */
  readonly context?: Context
}
/** `trace`: what its message belongs to, and so all that is done for it. */
export type Waiting = { readonly n: number; readonly id: string; readonly trace?: string }

/** The trace of an ask, if it has one. */
export const tracedBy = (ask: { readonly trace?: string | undefined } | null): { readonly trace?: string } =>
  ask?.trace === undefined ? {} : { trace: ask.trace }

/** The ask under way: the phases it waits for, and since when (ms since the epoch). */
export type Current = Waiting & {
  readonly cycle: number
  readonly waiting: readonly PhaseName[]
  readonly since: number
  readonly loops: readonly LoopEntry[]
  /** those of the phases that wait, or have waited, for money: that is not counted as time for the question */
  readonly parked?: readonly PhaseName[]
  /** when its time is up, ms since the epoch; absent in asks that earlier versions began */
  readonly due?: number
  /** it waits for somebody outside to decide on this */
  readonly proposal?: Proposed
}

/** What Understanding would have an ask do, for somebody outside to decide on; `confidence` is 0..1. */
export type Proposal = {
  readonly decision: 'yield' | 'loop'
  /** of a loop: where it would begin, and what it would be told to find out */
  readonly target?: LoopTarget
  readonly prompt?: string
  readonly reason: string
  readonly confidence: number
  readonly gaps: readonly string[]
  readonly cycle: number
  /** whether there may be another cycle after this one */
  readonly mayLoop: boolean
}
/** Since when it lies there (ms since the epoch), and how much time its ask has left (ms): that stands still. */
export type Proposed = Proposal & { readonly since: number; readonly left: number }

/** What an ask is worked on with: part `work/<n>`, the history beside it, gone when the ask ends. */
export type Work = {
  readonly prompt: string
  /** ms since the epoch */
  readonly askedAt?: number
  readonly sources: readonly SourceRef[]
  readonly modality: Modality
  readonly domain: string
  readonly models: ModelChoice
  /** absent: auto */
  readonly recursion?: Recursion
  readonly payer?: string
  /** it looks into the texts and makes one model call */
  readonly quick?: boolean
  readonly replyTo: ActorRef | null
  readonly history: readonly HistoryEntry[]
  readonly continuation: string
  readonly outputs: PhaseInput['outputs']
  readonly degraded: readonly Degraded[]
  readonly trace: readonly PhaseTrace[]
  readonly usage: Usage
}

/** How one phase went, and the registry keys that were looked up for it. */
export type PhaseTrace = {
  readonly phase: PhaseName
  readonly cycle: number
  readonly status: PhaseEnd['status']
  readonly model: string
  readonly selection: readonly string[]
}

/** An ask as a thread keeps it: part `ask/<n>`. */
export type AskRecord = {
  readonly id: string
  readonly prompt: string
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'
  readonly answer: string
  readonly citations: readonly Citation[]
  readonly invalidCitations: readonly string[]
  /** its model is not sure that this answers */
  readonly unsure?: true
  readonly degraded: readonly Degraded[]
  readonly cycles: number
  readonly usage: Usage
  readonly model: string
  readonly trace: readonly PhaseTrace[]
  readonly problem?: Problem
  /** ms since the epoch; absent in asks of earlier versions */
  readonly askedAt?: number
  readonly endedAt?: number
}

/** What whoever asked is sent. */
export type AskReply = Omit<AskRecord, 'id' | 'prompt' | 'status' | 'trace' | 'problem' | 'askedAt' | 'endedAt'> & {
  readonly status: 'completed'
}

/** How an ask ended. */
export type Ending =
  | {
      readonly status: 'completed'
      readonly answer: string
      readonly citations: readonly Citation[]
      readonly invalidCitations: readonly string[]
      readonly unsure?: true
      readonly model: string
    }
  | { readonly status: 'failed' | 'cancelled'; readonly problem: Problem }

/** The durable events of a chain; `at` is in ms since the epoch, and absent in those of earlier versions. */
export type ChainEvent = { readonly at?: number } & ( // it is taken, and waits behind others
  | { readonly type: 'ask-queue' }
  | { readonly type: 'ask-start'; readonly prompt: string }
  | { readonly type: 'phase-start'; readonly phase: PhaseName; readonly cycle: number }
  | {
      readonly type: 'phase-end'
      readonly phase: PhaseName
      readonly cycle: number
      readonly status: PhaseEnd['status']
      readonly text: string
      readonly model: string
      /** ms */
      readonly ms: number
      readonly problem?: Problem
      /** what Experience found in the files */
      readonly hits?: readonly Hit[]
    }
  | {
      readonly type: 'decision'
      readonly decision: 'yield' | 'loop'
      readonly target?: string
      readonly reason: string
      readonly cycle: number
    }
  // what Understanding wants of earlier messages; nothing of that which requires consent is done before it is given
  | {
      readonly type: 'context-change'
      readonly operations: readonly Operation[]
      readonly rejected?: readonly Rejected[]
    }
  | { readonly type: 'consent-answer'; readonly answers: ConsentMessage['answers'] }
  // `budget`: the scope of the one that has too little
  | {
      readonly type: 'ask-wait'
      readonly phase: PhaseName
      readonly cycle: number
      readonly budget: string
      readonly problem: Problem
    }
  // it goes on when somebody outside has decided
  | ({ readonly type: 'decision-wait' } & Proposal)
  | { readonly type: 'ask-end'; readonly status: Ending['status']; readonly problem?: Problem }
)
