import { problemOf } from '../../errors.ts'
import type { ModelReply } from '../../model/request/request.ts'
import { truncate } from '../../model/text/strings.ts'
import type { PhaseStates } from '../../thread/protocol/phase-states.ts'
import type { HistoryEntry, PhaseInput, PhaseResult } from '../../thread/protocol/phase-types.ts'
import { answerWithTools } from '../calls/tool-rounds.ts'
import { historyEntry } from '../context/project.ts'
import { keepLast, MAX_PROSE_SIZE, outputBounds, toUnitInterval } from '../protocol/bounds.ts'
import type { Phase } from '../protocol/phase.ts'
import { answerDocuments, conversationDocuments, pinnedDocuments, requireAccepted, toAssignment } from './prompt.ts'

type State = PhaseStates['action']

const INSTRUCTION =
  'Action: give a first, direct answer to the question from what you know and from the conversation, without looking anything up. Say where you are not sure. Cite nothing.'
const MAX_MESSAGES = 20
const MAX_MESSAGE_SIZE = 1000

/** A first answer from model and conversation alone. If it declines, the files decide; without any it is degraded. */
export const actionPhase: Phase<'action'> = {
  name: 'action',
  modality: 'default',
  initial: (modality) => ({ modality, messages: [], currentInput: null }),
  async run(state, input, context) {
    const documents = context.offline
      ? answerDocuments(input)
      : [...pinnedDocuments(input), ...conversationDocuments(input)]
    const task = { kind: 'answer', question: input.prompt } as const
    const { reply, calls, lacks } = await answerWithTools(
      context,
      toAssignment({ input, task, documents, instruction: INSTRUCTION }),
    )
    const result = reply.refused === undefined ? answered(state, input, reply) : declined(state, input, reply)
    if (calls.length + lacks.length === 0) return result
    const output = calls.length === 0 ? result.output : { ...result.output, calls }
    return { ...result, output, lacks: [...(result.lacks ?? []), ...lacks] }
  },
}

function answered(state: State, input: PhaseInput, { text, confidence }: ModelReply): PhaseResult<'action'> {
  const bounds = outputBounds()
  const response = bounds.text('the first answer', text, MAX_PROSE_SIZE)
  const { lacks } = bounds
  const messages = [...state.messages, said('user', input.prompt), said('assistant', response)]
  return {
    state: {
      ...state,
      messages: keepLast(messages, MAX_MESSAGES),
      currentInput: truncate(input.prompt, MAX_MESSAGE_SIZE),
    },
    output: { response, confidence: toUnitInterval(confidence, 0.5) },
    text: response,
    status: 'completed',
    ...(lacks.length > 0 && { lacks }),
  }
}

function declined(state: State, input: PhaseInput, reply: ModelReply): PhaseResult<'action'> {
  return {
    state: { ...state, currentInput: truncate(input.prompt, MAX_MESSAGE_SIZE) },
    output: input.outputs.action ?? { response: '', confidence: 0 },
    text: '',
    // with texts to read, the answer comes from them: nothing is wrong
    status: input.sources.length > 0 || input.memory || input.web ? 'skipped' : 'degraded',
    problem: whyDeclined(reply),
  }
}

function whyDeclined(reply: ModelReply) {
  try {
    requireAccepted(reply)
  } catch (error) {
    return problemOf(error)
  }
  throw new TypeError('the model did not decline')
}

const said = (role: HistoryEntry['role'], text: string): HistoryEntry => historyEntry(role, text, MAX_MESSAGE_SIZE)
