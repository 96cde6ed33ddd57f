import { present } from '../../lib/json/present.ts'
import type { ModelTask } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import { truncate } from '../../model/text/strings.ts'
import type { PhaseStates } from '../../thread/protocol/phase-states.ts'
import type { AnsweredPart, Goal, PhaseInput, PhaseResult, QuestionPart } from '../../thread/protocol/phase-types.ts'
import { type Correction, corrected, enforceChecks } from '../checks/enforce.ts'
import { keepLast } from '../protocol/bounds.ts'
import type { Phase, PhaseContext } from '../protocol/phase.ts'
import { answeredParts, composeAnswer, lacksOfParts, type PartReply, partsInstruction } from '../questions/answer.ts'
import { hasParts, partsOf } from '../questions/parts.ts'
import { checkCitations } from '../retrieval/citations.ts'
import { replyFromFacts } from '../retrieval/fact-hits.ts'
import { citeQuotes, hitIdOf, placesIn } from '../retrieval/quotes.ts'
import { detectGoal } from './intention.ts'
import {
  conversationDocuments,
  firstAnswerDocuments,
  hitDocuments,
  noteDocuments,
  rankedHits,
  requireAccepted,
  selectableDocuments,
  synthesisDocuments,
  toAssignment,
} from './prompt.ts'

const INSTRUCTION =
  'Yield: give the final answer to the question, complete and to the point, in the language it was asked in.'
const CITE_INSTRUCTION =
  'After each statement taken from a document whose name is an id like v1, put that id in a tag, as in <vid>v1</vid>. Use no other ids and cite nothing else.'
const MAX_REMEMBERED_RESPONSES = 10
const MAX_RESPONSE_SIZE = 2000

/** The final answer, with its citations checked against the hits of this ask. */
export const yieldPhase: Phase<'yield'> = {
  name: 'yield',
  modality: 'default',
  initial: (modality) => ({ modality, finalResponses: [], currentResponse: null }),
  async run(state, input, context) {
    const first = await answer(state, input, context)
    if (!input.checks) return first
    // a model that only selects would select the same again
    const again = (correction: Correction) => answer(state, input, context, correction)
    return enforceChecks(first, input, rankedHits(input), context.offline ? undefined : again)
  },
}

async function answer(
  state: PhaseStates['yield'],
  input: PhaseInput,
  context: PhaseContext,
  correction?: Correction,
): Promise<PhaseResult<'yield'>> {
  const parts = partsOf(input)
  const selected = context.offline && hasParts(parts) ? await selectByParts(input, parts, context) : undefined
  if (selected) return resultOf(state, input, selected.reply, () => selected.parts)
  const facts = context.offline ? replyFromFacts(rankedHits(input)) : undefined
  const assignment = corrected(assignmentFor(input, context), correction)
  const reply = facts ?? requireAccepted(await context.askModel(assignment, { aloud: true }))
  const isWhole = context.offline || !hasParts(parts)
  return resultOf(state, input, reply, (cited) => (isWhole ? [] : answeredParts(parts, reply.text, cited)))
}

function assignmentFor(input: PhaseInput, context: PhaseContext) {
  if (context.offline)
    return toAssignment({
      input,
      task: taskFor(input.prompt, input.outputs.intention?.goal),
      documents: selectableDocuments(input),
      instruction: INSTRUCTION,
    })
  const found = hitDocuments(input, context)
  const documents = [
    ...found,
    ...conversationDocuments(input),
    ...firstAnswerDocuments(input),
    ...noteDocuments(input),
    ...synthesisDocuments(input),
  ]
  const parts = partsOf(input)
  const instruction = [
    INSTRUCTION,
    ...(hasParts(parts) && found.length > 0 ? [partsInstruction(parts)] : []),
    ...(found.length > 0 ? [CITE_INSTRUCTION] : []),
  ].join(' ')
  return toAssignment({ input, task: { kind: 'answer', question: input.prompt }, documents, instruction })
}

/** A model that only selects gets the requested kind of selection. */
function taskFor(prompt: string, kind: Goal = 'answer'): ModelTask {
  return kind === 'summarise' ? { kind, focus: prompt } : { kind, question: prompt }
}

type ByParts = { readonly reply: ModelReply; readonly parts: readonly AnsweredPart[] }

/** One selection for each part; undefined if nothing answers any of them. */
async function selectByParts(
  input: PhaseInput,
  parts: readonly QuestionPart[],
  context: PhaseContext,
): Promise<ByParts | undefined> {
  const documents = selectableDocuments(input)
  const hits = rankedHits(input)
  const replies: PartReply[] = []
  const quoted: ModelReply[] = []
  for (const { question } of parts) {
    const task = taskFor(question, detectGoal(question))
    const assignment = toAssignment({ input, task, documents, instruction: INSTRUCTION })
    const reply = replyFromFacts(hits, question) ?? (await context.askModel(assignment))
    if (reply.refused === undefined) quoted.push(reply)
    const cites = [...new Set(reply.citations.map(hitIdOf))]
    const text = reply.refused === undefined ? { text: citeQuotes(reply.text, reply.citations, hits) } : {}
    replies.push({ question, cites, ...text })
  }
  const [first] = quoted
  if (!first) return undefined
  return {
    reply: {
      ...first,
      text: composeAnswer(replies),
      citations: quoted.flatMap(({ citations }) => citations),
      ...(quoted.some(({ unsure }) => unsure) && { unsure: true }),
    },
    parts: replies.map(({ question, text, cites }) => ({ question, answered: text !== undefined, cites })),
  }
}

function resultOf(
  state: PhaseStates['yield'],
  input: PhaseInput,
  reply: ModelReply,
  partsWith: (cited: readonly string[]) => readonly AnsweredPart[],
): PhaseResult<'yield'> {
  const hits = rankedHits(input)
  const cited = citeQuotes(reply.text, reply.citations, hits)
  const checked = checkCitations(cited, hits)
  const { text } = checked
  const parts = partsWith(checked.cited.map(({ vid }) => vid))
  const lacks = lacksOfParts(parts)
  const length = text.length > MAX_RESPONSE_SIZE ? { length: text.length } : {}
  const beginning = { text: truncate(text, MAX_RESPONSE_SIZE), ...length }
  const citations = checked.cited.map((hit) => {
    const { vid, source, file, record, prior, tool } = hit
    return { vid, source, file, ...placesIn(text, hit, reply.citations), ...present({ record, prior, tool }) }
  })
  return {
    state: {
      ...state,
      finalResponses: keepLast([...state.finalResponses, { ask: input.ask, ...beginning }], MAX_REMEMBERED_RESPONSES),
      currentResponse: beginning.text,
    },
    output: {
      answer: text,
      citations,
      invalidCitations: checked.invalid,
      ...(reply.unsure && { unsure: true }),
      ...(parts.length > 0 && { parts }),
    },
    text,
    status: 'completed',
    ...(lacks.length > 0 && { lacks }),
  }
}
