import { z } from 'zod'
import type { ModelReply } from '../../model/request/request.ts'
import { clip, fitItems, keepLast, share } from '../protocol/bounds.ts'
import type { Phase } from '../protocol/phase.ts'
import type { Goal, PhaseInput, PhaseOutputs, PhaseResult, PhaseStates } from '../protocol/phase-types.ts'
import { vidOf } from '../retrieval/quotes.ts'
import { accepted, assign, conversation, firstAnswer, hitDocuments, readObject, selectable, shown } from './prompt.ts'

type Output = PhaseOutputs['intention']

const intention = z.object({
  explicitIntent: z.string().describe('what the user asks for, in one sentence'),
  implicitIntent: z.string().optional().describe('what the user needs it for, if that can be told'),
  goal: z.enum(['answer', 'summarise', 'list']).optional().describe('the form of answer that is wanted'),
  confidence: z.number().optional().describe('0 to 1: how sure this intent is'),
  priorities: z
    .array(z.object({ id: z.string(), alignment: z.number().describe('0 to 1') }))
    .optional()
    .describe('how much each retrieved document matters for the intent, by its id'),
})
const SCHEMA = shown(intention)

const INSTRUCTION =
  'Intention: say what the user wants to know, and how much each retrieved document matters for that. Do not answer the question.'
const INTENT_SIZE = 1000
const KEPT = 20

/** What the user wants, and which of the retrieved passages matter for it. */
export const intentionPhase: Phase<'intention'> = {
  name: 'intention',
  modality: 'default',
  initial: (modality) => ({ modality, userIntents: [], currentIntent: null }),
  async run(state, input, hands) {
    if (hands.offline) return resultOf(state, fromQuotes(input, await hands.think(selection(input))))
    const documents = [...hitDocuments(input, hands), ...conversation(input), ...firstAnswer(input)]
    const task = { kind: 'fill', question: input.prompt } as const
    const reply = await hands.think(assign({ input, task, documents, instruction: INSTRUCTION, schema: SCHEMA }))
    return resultOf(state, fromObject(input, reply))
  },
  fallback(state, input, problem) {
    const output = input.outputs.intention ?? { ...intentOf(input), confidence: 0, priorities: [] }
    return { ...resultOf(state, output), status: 'degraded', problem }
  },
}

/** A model that selects shows what matters by what it picks; the question itself is the intent. */
function selection(input: PhaseInput) {
  const documents = selectable(input)
  const task = { kind: 'answer', question: input.prompt, count: 3 } as const
  return assign({ input, task, documents, instruction: INSTRUCTION })
}

function fromQuotes(input: PhaseInput, reply: ModelReply): Output {
  const ids = new Set(accepted(reply).citations.map(({ document }) => vidOf({ document })))
  return {
    ...intentOf(input),
    confidence: share(reply.confidence),
    priorities: [...ids].map((id) => ({ id, alignment: 1 })),
  }
}

function fromObject(input: PhaseInput, reply: ModelReply): Output {
  const { explicitIntent, implicitIntent = '', goal, confidence, priorities = [] } = readObject(intention, reply)
  return {
    explicitIntent: clip(explicitIntent, INTENT_SIZE),
    implicitIntent: clip(implicitIntent, INTENT_SIZE),
    goal: goal ?? goalOf(input.prompt),
    confidence: share(confidence),
    priorities: fitItems(priorities, 2000).map(({ id, alignment }) => ({ id, alignment: share(alignment) })),
  }
}

function intentOf({ prompt }: PhaseInput): Pick<Output, 'explicitIntent' | 'implicitIntent' | 'goal'> {
  return { explicitIntent: clip(prompt, INTENT_SIZE), implicitIntent: '', goal: goalOf(prompt) }
}

/** The form of answer a prompt asks for by its words. */
export function goalOf(prompt: string): Goal {
  if (/\b(?:summari[sz]e|summary|overview|tl;?dr|in short)\b/i.test(prompt)) return 'summarise'
  return /^\s*(?:please )?(?:list|enumerate)\b/i.test(prompt) ? 'list' : 'answer'
}

function resultOf(state: PhaseStates['intention'], output: Output): PhaseResult<'intention'> {
  const { explicitIntent } = output
  return {
    state: {
      ...state,
      userIntents: keepLast([...state.userIntents, explicitIntent], KEPT),
      currentIntent: explicitIntent,
    },
    output,
    text: explicitIntent,
    status: 'completed',
  }
}
