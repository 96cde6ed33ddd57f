import { z } from 'zod'
import type { ModelReply } from '../../model/request/request.ts'
import { truncate } from '../../model/text/strings.ts'
import type { PhaseStates } from '../../thread/protocol/phase-states.ts'
import type { Goal, PhaseInput, PhaseOutputs, PhaseResult, QuestionPart } from '../../thread/protocol/phase-types.ts'
import { learnedDocuments } from '../memory/learned.ts'
import { fitItems, keepLast, outputBounds, toUnitInterval } from '../protocol/bounds.ts'
import type { Phase, PhaseContext } from '../protocol/phase.ts'
import { boundParts, hasParts, partsOf } from '../questions/parts.ts'
import { MAX_PARTS } from '../questions/take-apart.ts'
import { replyFromFacts } from '../retrieval/fact-hits.ts'
import { hitIdOf } from '../retrieval/quotes.ts'
import {
  conversationDocuments,
  firstAnswerDocuments,
  hitDocuments,
  modelSchema,
  parseReplyObject,
  requireAccepted,
  selectionAssignment,
  toAssignment,
} from './prompt.ts'

type Output = PhaseOutputs['intention']
type Intended = { readonly output: Output; readonly lacks: readonly string[] }

const intention = z.object({
  explicitIntent: z.string().describe('what the user asks for, in one sentence'),
  implicitIntent: z.string().optional().describe('what the user needs it for, if that can be told'),
  goal: z.enum(['answer', 'summarise', 'list']).optional().describe('the form of answer that is wanted'),
  confidence: z.number().optional().describe('0 to 1: how sure this intent is'),
  priorities: z
    .array(z.object({ id: z.string(), alignment: z.number().describe('0 to 1') }))
    .optional()
    .describe('how much each retrieved document matters for the intent, by its id'),
  parts: z.array(z.string()).optional().describe('only if it asks several things: each as a question of its own'),
})
const SCHEMA = modelSchema(intention)

const INSTRUCTION =
  'Intention: say what the user wants to know, and how much each retrieved document matters for that. Do not answer the question.'
const MAX_INTENT_SIZE = 1000
const MAX_PART_SIZE = 200
const MAX_REMEMBERED_INTENTS = 20

/** The user's intent, and the retrieved passages that matter for it. */
export const intentionPhase: Phase<'intention'> = {
  name: 'intention',
  modality: 'default',
  initial: (modality) => ({ modality, userIntents: [], currentIntent: null }),
  async run(state, input, context) {
    if (context.offline) return resultOf(state, { output: await fromSelection(input, context), lacks: [] })
    const documents = [
      ...hitDocuments(input, context),
      ...conversationDocuments(input),
      ...learnedDocuments(input),
      ...firstAnswerDocuments(input),
    ]
    const task = { kind: 'fill', question: input.prompt } as const
    const reply = await context.askModel(
      toAssignment({ input, task, documents, instruction: INSTRUCTION, schema: SCHEMA }),
    )
    return resultOf(state, fromObject(input, reply))
  },
  fallback(state, input, problem) {
    const output = { ...intentOf(input), confidence: 0, priorities: [] }
    return { ...resultOf(state, { output, lacks: [] }), status: 'degraded', problem }
  },
}

/** Facts about code are what matters, if there are any. */
const factsOf = ({ outputs }: PhaseInput, part?: string) =>
  replyFromFacts(outputs['experience.vectors']?.hits ?? [], part)

/** A model that only selects shows what matters by its selection; the question itself is the intent. */
const selection = (input: PhaseInput, question: string) =>
  selectionAssignment(input, INSTRUCTION, { kind: 'answer', question, count: 3 })

/** One selection for each part. A part without one is a gap; without any, the whole question has to find one. */
async function fromSelection(input: PhaseInput, context: PhaseContext): Promise<Output> {
  const asked = partsOf(input)
  const replies: ModelReply[] = []
  if (hasParts(asked))
    for (const { question } of asked)
      replies.push(factsOf(input, question) ?? (await context.askModel(selection(input, question))))
  const parts = replies.map((reply, at) => ({ question: asked[at]!.question, hits: quotedHits(reply) }))
  const isFound = replies.some(({ refused }) => refused === undefined)
  const whole = () => factsOf(input) ?? context.askModel(selection(input, input.prompt))
  const chosen = isFound ? replies : [requireAccepted(await whole())]
  return {
    ...intentOf(input),
    confidence: Math.min(...chosen.map(({ confidence }) => toUnitInterval(confidence))),
    priorities: [...new Set(chosen.flatMap(quotedHits))].map((id) => ({ id, alignment: 1 })),
    ...(isFound && { parts: boundParts(parts) }),
  }
}

const quotedHits = ({ citations }: ModelReply) => [...new Set(citations.map(({ document }) => hitIdOf({ document })))]

function fromObject(input: PhaseInput, reply: ModelReply): Intended {
  const said = parseReplyObject(intention, reply)
  const { explicitIntent, implicitIntent = '', goal, confidence, priorities = [] } = said
  const parts = partsNamed(said.parts ?? [], input)
  const bounds = outputBounds()
  const output = {
    explicitIntent: bounds.text('the intent', explicitIntent, MAX_INTENT_SIZE),
    implicitIntent: bounds.text('the implicit intent', implicitIntent, MAX_INTENT_SIZE),
    goal: goal ?? detectGoal(input.prompt),
    confidence: toUnitInterval(confidence),
    priorities: fitItems(priorities, 2000).map(({ id, alignment }) => ({ id, alignment: toUnitInterval(alignment) })),
    ...(hasParts(parts) && { parts }),
  }
  return { output, lacks: bounds.lacks }
}

/** The parts that a model names, else those that were searched for. Its own have hits once they are searched for. */
function partsNamed(named: readonly string[], input: PhaseInput): readonly QuestionPart[] {
  const known = partsOf(input)
  const questions = [...new Set(named.map((part) => truncate(part.trim(), MAX_PART_SIZE)).filter(Boolean))]
  if (questions.length < 2) return known
  const hitsOf = (question: string) => known.find((part) => part.question === question)?.hits ?? []
  return boundParts(questions.slice(0, MAX_PARTS).map((question) => ({ question, hits: hitsOf(question) })))
}

function intentOf({ prompt }: PhaseInput): Pick<Output, 'explicitIntent' | 'implicitIntent' | 'goal'> {
  // prompts also have the whole question
  return { explicitIntent: truncate(prompt, MAX_INTENT_SIZE), implicitIntent: '', goal: detectGoal(prompt) }
}

/** The form of answer that the words of a prompt ask for. */
export function detectGoal(prompt: string): Goal {
  if (/\b(?:summari[sz]e|summary|overview|tl;?dr|in short)\b/i.test(prompt)) return 'summarise'
  return /^\s*(?:please )?(?:list|enumerate)\b/i.test(prompt) ? 'list' : 'answer'
}

function resultOf(state: PhaseStates['intention'], { output, lacks }: Intended): PhaseResult<'intention'> {
  const { explicitIntent } = output
  return {
    state: {
      ...state,
      userIntents: keepLast([...state.userIntents, explicitIntent], MAX_REMEMBERED_INTENTS),
      currentIntent: explicitIntent,
    },
    output,
    text: explicitIntent,
    status: 'completed',
    ...(lacks.length > 0 && { lacks }),
  }
}
