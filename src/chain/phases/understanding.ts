import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { ModelReply } from '../../model/request/request.ts'
import { truncate } from '../../model/text/strings.ts'
import type { CycleDecision } from '../../thread/protocol/cycle-decision.ts'
import type { PhaseStates } from '../../thread/protocol/phase-states.ts'
import type { PhaseInput, PhaseResult } from '../../thread/protocol/phase-types.ts'
import { proposeOperations } from '../context/retain.ts'
import { convergenceOf } from '../context/similarity.ts'
import { keepLast, MAX_PROSE_SIZE, neutralizeTags, outputBounds, toUnitInterval } from '../protocol/bounds.ts'
import type { Phase, PhaseContext } from '../protocol/phase.ts'
import { type CycleJudgement, decideCycle } from '../protocol/recursion.ts'
import { gapsOf, placesLeft } from '../questions/parts.ts'
import { summaryOfFacts } from '../retrieval/fact-hits.ts'
import {
  formAssignment,
  modelSchema,
  parseReplyObject,
  rankedHits,
  requireAccepted,
  selectionAssignment,
} from './prompt.ts'

type State = PhaseStates['understanding']
type Understood = CycleJudgement & {
  readonly synthesis: string
  readonly reasoning: string
  readonly lacks: readonly string[]
}

const understanding = z.object({
  loop: z.boolean().describe('whether another round would make the answer better'),
  synthesis: z.string().optional().describe('what all of this comes to: a draft of the answer'),
  reasoning: z.string().optional().describe('why, in one sentence'),
  confidence: z.number().optional().describe('0 to 1: how sure the draft is right and complete'),
  gaps: z.array(z.string()).optional().describe('what is still missing'),
  infoSufficiency: z.number().optional().describe('0 to 1: how much of the information needed is there'),
  unclearIntent: z.boolean().optional(),
  needsTools: z.boolean().optional(),
  target: z
    .string()
    .optional()
    .describe('where another round should begin: action, experience, intention or observation'),
})
const SCHEMA = modelSchema(understanding)

const INSTRUCTION =
  'Understanding: bring all of this together into a draft of the answer, resolve contradictions, leave out what does not matter, and say whether another round is needed. The reader does not see this.'
const MAX_REMEMBERED_DECISIONS = 32
const MAX_REASONING_SIZE = 500
const MAX_GAP_SIZE = 300
const MAX_GAPS_SIZE = 1500

/** Combines all results and chooses another cycle or an answer. Its state has the choice before any message leaves. */
export const understandingPhase: Phase<'understanding'> = {
  name: 'understanding',
  modality: 'default',
  initial: (modality) => ({ modality, decisions: [], continueChain: true }),
  async run(state, input, context) {
    if (context.offline) return resultOf(state, input, fromSelection(input, await selected(input, context)))
    const reply = await context.askModel(formAssignment(input, { instruction: INSTRUCTION, schema: SCHEMA }))
    return resultOf(state, input, fromObject(reply))
  },
  fallback: (state, input, problem) => withoutJudgement(state, input, problem),
}

/** The draft of a model that only selects. Over code it is the facts, or empty: there is no prose to select from. */
async function selected(input: PhaseInput, context: PhaseContext): Promise<Pick<ModelReply, 'text' | 'confidence'>> {
  const hits = rankedHits(input)
  const facts = summaryOfFacts(hits, MAX_PROSE_SIZE)
  if (facts !== '') return { text: facts, confidence: 0.5 }
  const task = { kind: 'summarise', focus: input.prompt, count: 3 } as const
  const reply = await context.askModel(selectionAssignment(input, INSTRUCTION, task))
  return hits.length > 0 && reply.refused !== undefined ? { text: '', confidence: 0 } : requireAccepted(reply)
}

/** A model that only selects asks for another cycle only if there is a gap, and a place that nothing has looked at. */
function fromSelection(input: PhaseInput, { text, confidence }: Pick<ModelReply, 'text' | 'confidence'>): Understood {
  const bounds = outputBounds()
  const synthesis = bounds.text(DRAFT, text, MAX_PROSE_SIZE)
  const { lacks } = bounds
  const gaps = gapsOf(input)
  const loop = gaps.length > 0 && placesLeft(input.outputs).length > 0
  const judgement = {
    loop,
    infoSufficiency: loop ? 0 : 1,
    confidence: toUnitInterval(confidence),
    gaps: loop ? gaps : [],
  }
  return { ...judgement, synthesis, reasoning: '', lacks }
}

function fromObject(reply: ModelReply): Understood {
  const said = parseReplyObject(understanding, reply)
  const bounds = outputBounds()
  // a further cycle has the gaps among its instructions, and they may repeat text of a file
  const gaps = (said.gaps ?? []).map(neutralizeTags)
  return {
    ...said,
    synthesis: bounds.text(DRAFT, said.synthesis ?? '', MAX_PROSE_SIZE),
    reasoning: bounds.text('the reason for the decision', said.reasoning ?? '', MAX_REASONING_SIZE),
    confidence: toUnitInterval(said.confidence),
    gaps: bounds.items('gaps', gaps, MAX_GAPS_SIZE, (gap) => truncate(gap, MAX_GAP_SIZE)),
    lacks: bounds.lacks,
  }
}

const DRAFT = 'the draft of the answer'

function resultOf(state: State, input: PhaseInput, understood: Understood): PhaseResult<'understanding'> {
  const { synthesis, reasoning, confidence, gaps, lacks } = understood
  const convergence = convergenceOf(synthesis, input.outputs.understanding?.synthesis)
  const decision = decideCycle(understood, recursionOf(input, convergence), input)
  return {
    state: withDecision(state, input, decision),
    output: { synthesis, reasoning, confidence, gaps },
    text: synthesis,
    status: 'completed',
    decision,
    ...(lacks.length > 0 && { lacks }),
    ...(input.history.length > 0 && { operations: wantedOf(input, synthesis) }),
  }
}

/** How earlier messages of the thread should be treated, given the current question and the drafts. */
function wantedOf({ ask, history, prompt, outputs }: PhaseInput, synthesis: string) {
  const { action, intention } = outputs
  const intents = [prompt, intention?.explicitIntent ?? '']
  return proposeOperations({ ask, history, intents, drafts: [action?.response ?? '', synthesis] })
}

function withoutJudgement(state: State, input: PhaseInput, problem: Problem): PhaseResult<'understanding'> {
  const decision = decideCycle(undefined, recursionOf(input, null), input)
  return {
    state: withDecision(state, input, decision),
    // the notes of a cycle are its own
    output: { synthesis: '', reasoning: '', confidence: 0, gaps: [] },
    text: '',
    status: 'degraded',
    problem,
    decision,
  }
}

function recursionOf({ cycle, loops, recursion }: PhaseInput, convergence: number | null) {
  return { cycle, convergence, history: loops, mode: recursion }
}

function withDecision(state: State, { ask, cycle }: PhaseInput, decision: CycleDecision): State {
  return {
    ...state,
    decisions: keepLast([...state.decisions, { ...decision, ask, cycle }], MAX_REMEMBERED_DECISIONS),
    continueChain: decision.decision === 'loop',
  }
}
