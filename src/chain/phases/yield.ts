import type { ModelTask } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import { truncate } from '../../model/text/strings.ts'
import { keepLast } from '../protocol/bounds.ts'
import type { Phase, PhaseContext } from '../protocol/phase.ts'
import type { PhaseInput, PhaseResult, PhaseStates } from '../protocol/phase-types.ts'
import { checkCitations } from '../retrieval/citations.ts'
import { replyFromFacts } from '../retrieval/fact-hits.ts'
import { citeQuotes, placeOfQuote, quotedLines } from '../retrieval/quotes.ts'
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
    const facts = context.offline ? replyFromFacts(rankedHits(input)) : undefined
    const reply = facts ?? requireAccepted(await context.askModel(assignmentFor(input, context), { aloud: true }))
    return resultOf(state, input, reply)
  },
}

function assignmentFor(input: PhaseInput, context: PhaseContext) {
  if (context.offline)
    return toAssignment({
      input,
      task: taskFor(input),
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
  const instruction = found.length > 0 ? `${INSTRUCTION} ${CITE_INSTRUCTION}` : INSTRUCTION
  return toAssignment({ input, task: { kind: 'answer', question: input.prompt }, documents, instruction })
}

/** A model that only selects gets the requested kind of selection. */
function taskFor({ prompt, outputs }: PhaseInput): ModelTask {
  const kind = outputs.intention?.goal ?? 'answer'
  return kind === 'summarise' ? { kind, focus: prompt } : { kind, question: prompt }
}

function resultOf(state: PhaseStates['yield'], input: PhaseInput, reply: ModelReply): PhaseResult<'yield'> {
  const hits = rankedHits(input)
  const cited = citeQuotes(reply.text, reply.citations, hits)
  const checked = checkCitations(cited, hits)
  const { text } = checked
  const length = text.length > MAX_RESPONSE_SIZE ? { length: text.length } : {}
  const beginning = { text: truncate(text, MAX_RESPONSE_SIZE), ...length }
  const citations = checked.cited.map((hit) => {
    const { vid, source, file, record, at } = hit
    const quoted = quotedLines(hit, reply.citations)
    const place = { ...(record !== undefined && { record }), ...(at !== undefined && { at: placeOfQuote(at, quoted) }) }
    return { vid, source, file, ...quoted, ...place }
  })
  return {
    state: {
      ...state,
      finalResponses: keepLast([...state.finalResponses, { ask: input.ask, ...beginning }], MAX_REMEMBERED_RESPONSES),
      currentResponse: beginning.text,
    },
    output: { answer: text, citations, invalidCitations: checked.invalid, ...(reply.unsure && { unsure: true }) },
    text,
    status: 'completed',
  }
}
