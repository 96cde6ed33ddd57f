import type { Problem } from '../../errors.ts'
import type { Priority } from '../../lib/priority.ts'
import type { Spent } from '../../model/cost/price.ts'
import type { ActionCall, AskTools } from './calls.ts'
import type { ContextOperation } from './context-operations.ts'
import type { CycleDecision, LoopEntry, RecursionMode } from './cycle-decision.ts'
import type { AnswerCheck, AnswerChecks, DomainPart } from './domain.ts'
import type { Modality } from './modality.ts'
import type { PhaseStates } from './phase-states.ts'
import type { SourceRef } from './source-ref.ts'

export type { SourceRef } from './source-ref.ts'

/** The phases of a chain in order. Experience has two, which run in parallel. */
export const PHASES = [
  'action',
  'experience.vectors',
  'experience.web',
  'intention',
  'observation',
  'understanding',
  'yield',
] as const
export type PhaseName = (typeof PHASES)[number]

/** An excerpt retrieved for an ask. Lines count from 1; `score` is 0..1. The text is data, with tags neutralised. */
export type Hit = {
  readonly vid: string
  readonly source: string
  readonly file: string
  readonly line: number
  readonly endLine: number
  readonly heading: string
  readonly text: string
  readonly score: number
  /** when its source was changed, ms since the epoch; absent: not known */
  readonly changedAt?: number
  /** the record of the memory that it is from; then `file` is its path, its URL, or this id */
  readonly record?: string
  /** its page, or another place in the source, as a fragment; absent: the lines are those of `file` */
  readonly at?: string
  /** how the record came to be, in words, for the model that weighs it */
  readonly origin?: string
  /** the record is a shared prompt */
  readonly prior?: true
  /** the tool whose result it is; then `file` is the run that called it */
  readonly tool?: string
  /** the question that it answers, where `text` is a fact about code and, from `shownAt`, the line that shows it */
  readonly fact?: string
  readonly shownAt?: number
}

/** The asker's memory: the filters of a search (times in ms), pinned records, and what earlier asks learned. */
export type AskMemory = {
  readonly owner: string
  readonly space?: string
  readonly asOf?: number
  readonly knownAt?: number
  readonly pinned: readonly Hit[]
  readonly learned?: readonly string[]
}

/** The result of reading one source. */
export type SourceReport = {
  readonly source: string
  readonly file: string
  readonly status: 'read' | 'skipped' | 'failed'
  readonly passages: number
  readonly reason?: string
  /** its unread parts, and its encoding if not UTF-8 */
  readonly note?: string
  /** how many files of a folder were read */
  readonly files?: number
}

/** The hits in the sources of an ask, a report on each source, and what is missing, a sentence each. */
export type Retrieval = SearchNotes & {
  readonly hits: readonly Hit[]
  readonly sources: readonly SourceReport[]
  readonly lacks?: readonly string[]
}

/** Words of a source and their place. */
export type SourceQuote = Pick<Hit, 'line' | 'endLine' | 'text' | 'at'>
/** A place in a source that supports an answer. `quotes`: that of each mark in the answer, if they differ. */
type SourceCitation = SourceQuote &
  Pick<Hit, 'vid' | 'source' | 'file' | 'record' | 'prior' | 'tool'> & { readonly quotes?: readonly SourceQuote[] }

/** One side of an earlier exchange. `n`: its number on the thread; `length`: the full one if the text is cut. */
export type HistoryEntry = {
  readonly role: 'user' | 'assistant'
  readonly text: string
  readonly n?: number
  readonly length?: number
}

/** Models by phase, by `experience` for both of its phases, or by `default`. Later models of a list are fallbacks. */
export type ModelChoice = { readonly [phase: string]: string | readonly string[] }

/** A relation between two things, found by Observation; confidence 0..1. */
export type Connection = {
  readonly source: string
  readonly target: string
  readonly type: string
  readonly confidence: number
}

/** The output of each phase; confidences are 0..1. */
export type PhaseOutputs = {
  action: {
    readonly response: string
    readonly confidence: number
    /** the tools that it called; absent: none */
    readonly calls?: readonly ActionCall[]
  }
  'experience.vectors': Omit<Retrieval, 'lacks'> & { readonly summary: string }
  'experience.web': SearchNotes & {
    readonly summary: string
    /** absent: it was skipped */
    readonly hits?: readonly Hit[]
    readonly sources: readonly SourceReport[]
  }
  intention: {
    readonly explicitIntent: string
    readonly implicitIntent: string
    readonly goal: Goal
    readonly confidence: number
    readonly priorities: readonly { readonly id: string; readonly alignment: number }[]
    /** absent: the question has one part */
    readonly parts?: readonly QuestionPart[]
  }
  observation: { readonly observations: readonly string[]; readonly connections: readonly Connection[] }
  understanding: {
    readonly synthesis: string
    readonly reasoning: string
    readonly confidence: number
    readonly gaps: readonly string[]
  }
  yield: {
    readonly answer: string
    readonly citations: readonly SourceCitation[]
    readonly invalidCitations: readonly string[]
    /** the model is not sure that this answers the question */
    readonly unsure?: true
    /** absent: the question has one part */
    readonly parts?: readonly AnsweredPart[]
    /** the results of its checks; absent: it has none */
    readonly checks?: readonly AnswerCheck[]
  }
}
export type Goal = 'answer' | 'summarise' | 'list'
/** The parts of an ask for its phases. `prompt` is the user's, unchanged; `continuation` is a further cycle's task. */
export type AskInput = AnswerChecks & {
  readonly modality: Modality
  readonly domain: string
  readonly prompt: string
  readonly continuation: string
  readonly history: readonly HistoryEntry[]
  readonly sources: readonly SourceRef[]
  /** the part of the asker's memory that it reads; absent: none */
  readonly memory?: AskMemory
  /** it searches priors, and pays the authors of the ones that its answer cites */
  readonly priors?: true
  readonly outputs: { readonly [Name in PhaseName]?: PhaseOutputs[Name] }
  /** absent: auto */
  readonly recursion?: RecursionMode
  readonly models: ModelChoice
  /** the scope of a budget that pays for the ask, besides the budget of its thread */
  readonly payer?: string
  /** how urgent its model calls and searches are; absent: high for a person's question, else normal */
  readonly priority?: Priority
  /** it searches the texts and makes one model call */
  readonly quick?: boolean
  /** absent: its domain has no settings that phases read */
  readonly ofDomain?: DomainPart
  /** the tools that its phases may call; absent: none */
  readonly tools?: AskTools
  /** whether it searches the web; absent: no search is configured */
  readonly web?: boolean
  /** the owner, where phases call tools; absent: the user of the data folder */
  readonly owner?: string
}

/** The input of a phase. */
export type PhaseInput = AskInput & {
  readonly ask: number
  readonly cycle: number
  readonly maxCycles: number
  readonly loops: readonly LoopEntry[]
  /** when it was asked, for its checks, ms since the epoch; absent: it has none */
  readonly askedAt?: number
}

/** The result of a phase; `text` is its prose for a reader. */
export type PhaseResult<Name extends PhaseName = PhaseName> = {
  readonly state: PhaseStates[Name]
  readonly output: PhaseOutputs[Name]
  readonly text: string
  readonly status: 'completed' | 'degraded' | 'skipped'
  /** why it is degraded or skipped */
  readonly problem?: Problem
  /** parts of the output that were left out, one sentence each */
  readonly lacks?: readonly string[]
  /** only from Understanding */
  readonly decision?: CycleDecision
  /** only from Understanding: proposed changes to the messages in later prompts */
  readonly operations?: readonly ContextOperation[]
}

/**
 * A phase's reply to the chain; `output` is null when it failed. `trace` lists the registry keys of the lookup. `lacks`
 * names the parts of the request that the model did not get, too.
 */
export type PhaseEnd = Spent &
  Pick<PhaseResult, 'text' | 'problem' | 'lacks' | 'decision' | 'operations'> & {
    readonly type: 'phase-end'
    readonly ask: number
    readonly cycle: number
    readonly phase: PhaseName
    readonly status: PhaseResult['status'] | 'failed'
    readonly output: PhaseOutputs[PhaseName] | null
    readonly model: string
    readonly trace: readonly string[]
  }

/** A phase that did not fully succeed, and the reason. */
export type Degradation = {
  readonly phase: PhaseName
  readonly reason: string
  /** the phase completed, and the reason says what its result lacks */
  readonly completed?: true
  /** the model found nothing for it */
  readonly declined?: true
}

/**
 * Where a search looks: in the texts and the memory as they are ranked first, in the hits that it left out then, by
 * wider terms, and in the web.
 */
export type SearchPlace = 'texts' | 'memory' | 'rest' | 'wider' | 'web'

/** A part of a question, and the ids of the hits that fit it. None: nothing that was found does. */
export type QuestionPart = { readonly question: string; readonly hits: readonly string[] }

/** A part of a question in an answer: whether it is answered, and the ids that the answer cites for it. */
export type AnsweredPart = { readonly question: string; readonly answered: boolean; readonly cites: readonly string[] }

/** Notes of a search about itself: the hits of each part, where it looked, and where there is more. */
export type SearchNotes = {
  /** absent: the question has one part */
  readonly parts?: readonly QuestionPart[]
  /** absent: the phase does not say it */
  readonly looked?: readonly SearchPlace[]
  /** where there is something that it did not look at; absent: nowhere */
  readonly left?: readonly SearchPlace[]
}
