import type { ProbeReport } from '../../model/probe/report.ts'
import type { CycleDecision } from './cycle-decision.ts'
import type { Modality } from './modality.ts'
import type { Connection, HistoryEntry, Hit, SourceReport } from './phase-types.ts'

/** The state that each phase keeps between asks: bounded, and tagged with its modality. */
export type PhaseStates = {
  action: {
    readonly modality: Modality
    readonly messages: readonly HistoryEntry[]
    readonly currentInput: string | null
  }
  'experience.vectors': ExperienceState
  'experience.web': ExperienceState
  intention: {
    readonly modality: Modality
    readonly userIntents: readonly string[]
    readonly currentIntent: string | null
  }
  observation: {
    readonly modality: Modality
    readonly semanticConnections: readonly Connection[]
    readonly observations: readonly string[]
  }
  understanding: {
    readonly modality: Modality
    readonly decisions: readonly (CycleDecision & { readonly ask: number; readonly cycle: number })[]
    readonly continueChain: boolean
  }
  yield: {
    readonly modality: Modality
    /** `length`: the full length if the text is cut */
    readonly finalResponses: readonly { readonly ask: number; readonly text: string; readonly length?: number }[]
    readonly currentResponse: string | null
  }
}
/** The latest hits of a thread, and the one that a follow-up is about, have names that fit its modality. */
export type ExperienceState = {
  readonly modality: Modality
  readonly knowledgeBase: readonly SourceReport[]
  readonly retrievedContext: readonly Hit[]
} & { readonly [list in 'snippets' | 'segments' | 'frames' | 'regions' | 'parts']?: readonly Hit[] } & {
  readonly [one in 'currentSnippet' | 'currentSegment' | 'currentFrame' | 'currentRegion' | 'currentPart']?: Hit
} & {
  /** the models that its asks were about, as they were probed once */
  readonly probes?: readonly ProbeReport[]
}
