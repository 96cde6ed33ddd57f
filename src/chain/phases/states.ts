import { z } from 'zod'
import type { Json, Schema } from '../../kernel/schema.ts'
import { LOOP_TARGETS } from '../../thread/protocol/cycle-decision.ts'
import type { Modality } from '../../thread/protocol/modality.ts'
import type { PhaseName } from '../../thread/protocol/phase-types.ts'

const modality = z.string()
const text = z.string()
const count = z.number()

const historyEntry = z.object({
  role: z.enum(['user', 'assistant']),
  text,
  n: count.optional(),
  length: count.optional(),
})

export const report = z.object({
  source: text,
  file: text,
  status: z.enum(['read', 'skipped', 'failed']),
  passages: count,
  reason: text.optional(),
})

export const hit = z.object({
  vid: text,
  source: text,
  file: text,
  line: count,
  endLine: count,
  heading: text,
  text,
  score: count,
})

/** A connection that Observation found. */
export const connection = z.object({ source: text, target: text, type: text, confidence: count })

/** A decision after a cycle. */
export const decision = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('yield'), reason: text }),
  z.object({ decision: z.literal('loop'), reason: text, target: z.enum(LOOP_TARGETS), prompt: text }),
])

const probeReport = z.object({
  model: text,
  capabilities: z.array(text),
  contextWindow: count.nullable(),
  tokensPerSecond: count.optional(),
  cannot: z.array(text).optional(),
  probeResults: z.array(
    z.object({
      probe: text,
      shows: text,
      verdict: z.enum(['passed', 'failed', 'not asked']),
      found: text.optional(),
      seconds: count.optional(),
    }),
  ),
  contradictions: z.array(text),
})

const experience = z.object({
  modality,
  knowledgeBase: z.array(report),
  retrievedContext: z.array(hit),
  snippets: z.array(hit).optional(),
  segments: z.array(hit).optional(),
  frames: z.array(hit).optional(),
  regions: z.array(hit).optional(),
  parts: z.array(hit).optional(),
  currentSnippet: hit.optional(),
  currentSegment: hit.optional(),
  currentFrame: hit.optional(),
  currentRegion: hit.optional(),
  currentPart: hit.optional(),
  probes: z.array(probeReport).optional(),
})

/** The schema of what each phase keeps between asks. Additional fields are accepted. */
export const PHASE_STATE_SCHEMAS: { readonly [Name in PhaseName]: Schema<unknown> } = {
  action: z.object({ modality, messages: z.array(historyEntry), currentInput: text.nullable() }),
  'experience.vectors': experience,
  'experience.web': experience,
  intention: z.object({ modality, userIntents: z.array(text), currentIntent: text.nullable() }),
  observation: z.object({ modality, semanticConnections: z.array(connection), observations: z.array(text) }),
  understanding: z.object({
    modality,
    decisions: z.array(decision.and(z.object({ ask: count, cycle: count }))),
    continueChain: z.boolean(),
  }),
  yield: z.object({
    modality,
    finalResponses: z.array(z.object({ ask: count, text, length: count.optional() })),
    currentResponse: text.nullable(),
  }),
}

const ownState = z.object({ modality, own: z.object({ key: text, version: count, state: z.json() }) })

/** The state of a phase of your own between asks, with the key of the phase and its version. */
export type OwnState = {
  readonly modality: Modality
  readonly own: { readonly key: string; readonly version: number; readonly state: Json }
}

export const stateSchemaFor = (name: PhaseName, stored: object): Schema<unknown> =>
  'own' in stored ? ownState : PHASE_STATE_SCHEMAS[name]
