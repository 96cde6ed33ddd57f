import type { Task } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import { ANSWER_SIZE, clip, keepLast } from '../protocol/bounds.ts'
import type { Hands, Phase } from '../protocol/phase.ts'
import type { PhaseInput, PhaseResult, PhaseStates } from '../protocol/phase-types.ts'
import { checkCitations } from '../retrieval/citations.ts'
import { citeQuotes, quotedLines } from '../retrieval/quotes.ts'
import {
  accepted,
  assign,
  conversation,
  firstAnswer,
  hitDocuments,
  hitsOf,
  notes,
  selectable,
  synthesis,
} from './prompt.ts'

const INSTRUCTION =
  'Yield: give the final answer to the question, complete and to the point, in the language it was asked in.'
const CITE =
  'After each statement taken from a document whose name is an id like v1, put that id in a tag, as in <vid>v1</vid>. Use no other ids and cite nothing else.'
const KEPT = 10
const RESPONSE_SIZE = 2000

/** The final answer, its citations checked against what was retrieved in this ask. */
export const yieldPhase: Phase<'yield'> = {
  name: 'yield',
  modality: 'default',
  initial: (modality) => ({ modality, finalResponses: [], currentResponse: null }),
  async run(state, input, hands) {
    const reply = accepted(await hands.think(assignmentFor(input, hands), { aloud: true }))
    return resultOf(state, input, reply)
  },
}

function assignmentFor(input: PhaseInput, hands: Hands) {
  if (hands.offline)
    return assign({ input, task: taskFor(input), documents: selectable(input), instruction: INSTRUCTION })
  const found = hitDocuments(input, hands)
  const documents = [...found, ...conversation(input), ...firstAnswer(input), ...notes(input), ...synthesis(input)]
  const instruction = found.length > 0 ? `${INSTRUCTION} ${CITE}` : INSTRUCTION
  return assign({ input, task: { kind: 'answer', question: input.prompt }, documents, instruction })
}

/** A model that selects is told which kind of selection is wanted. */
function taskFor({ prompt, outputs }: PhaseInput): Task {
  const kind = outputs.intention?.goal ?? 'answer'
  return kind === 'summarise' ? { kind, focus: prompt } : { kind, question: prompt }
}

function resultOf(state: PhaseStates['yield'], input: PhaseInput, reply: ModelReply): PhaseResult<'yield'> {
  const hits = hitsOf(input)
  const cited = citeQuotes(clip(reply.text, ANSWER_SIZE), reply.citations, hits)
  const checked = checkCitations(cited, hits)
  const { text } = checked
  const citations = checked.cited.map((hit) => {
    const { vid, source, file } = hit
    return { vid, source, file, ...quotedLines(hit, reply.citations) }
  })
  return {
    state: {
      ...state,
      finalResponses: keepLast([...state.finalResponses, { ask: input.ask, text: clip(text, RESPONSE_SIZE) }], KEPT),
      currentResponse: clip(text, RESPONSE_SIZE),
    },
    output: { answer: text, citations, invalidCitations: checked.invalid, ...(reply.unsure && { unsure: true }) },
    text,
    status: 'completed',
  }
}
