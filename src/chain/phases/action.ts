import { problemOf } from '../../errors.ts'
import type { ModelReply } from '../../model/request/request.ts'
import { clip, keepLast, PROSE_SIZE, share } from '../protocol/bounds.ts'
import type { Phase } from '../protocol/phase.ts'
import type { PhaseInput, PhaseResult, PhaseStates } from '../protocol/phase-types.ts'
import { accepted, answers, assign, conversation } from './prompt.ts'

type State = PhaseStates['action']

const INSTRUCTION =
  'Action: give a first, direct answer to the question from what you know and from the conversation, without looking anything up. Say where you are not sure. Cite nothing.'
const MESSAGES = 20
const MESSAGE_SIZE = 1000

/** A first answer, from the model and the conversation alone. A model that declines leaves it to the files, or makes it a degraded one. */
export const actionPhase: Phase<'action'> = {
  name: 'action',
  modality: 'default',
  initial: (modality) => ({ modality, messages: [], currentInput: null }),
  async run(state, input, hands) {
    const documents = hands.offline ? answers(input) : conversation(input)
    const task = { kind: 'answer', question: input.prompt } as const
    const reply = await hands.think(assign({ input, task, documents, instruction: INSTRUCTION }), { aloud: true })
    return reply.refused === undefined ? answered(state, input, reply) : declined(state, input, reply)
  },
}

function answered(state: State, input: PhaseInput, { text, confidence }: ModelReply): PhaseResult<'action'> {
  const response = clip(text, PROSE_SIZE)
  const messages = [...state.messages, said('user', input.prompt), said('assistant', response)]
  return {
    state: { ...state, messages: keepLast(messages, MESSAGES), currentInput: clip(input.prompt, MESSAGE_SIZE) },
    output: { response, confidence: share(confidence, 0.5) },
    text: response,
    status: 'completed',
  }
}

function declined(state: State, input: PhaseInput, reply: ModelReply): PhaseResult<'action'> {
  return {
    state: { ...state, currentInput: clip(input.prompt, MESSAGE_SIZE) },
    output: input.outputs.action ?? { response: '', confidence: 0 },
    text: '',
    // with files to read the answer comes from those: nothing is amiss
    status: input.sources.length > 0 ? 'skipped' : 'degraded',
    problem: whyDeclined(reply),
  }
}

function whyDeclined(reply: ModelReply) {
  try {
    accepted(reply)
  } catch (error) {
    return problemOf(error)
  }
  throw new TypeError('the model did not decline')
}

function said(role: 'user' | 'assistant', text: string) {
  return { role, text: clip(text, MESSAGE_SIZE) }
}
