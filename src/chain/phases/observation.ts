import { z } from 'zod'
import type { ModelReply } from '../../model/request/request.ts'
import { clip, fitItems, keepLast, share } from '../protocol/bounds.ts'
import type { Phase } from '../protocol/phase.ts'
import type { Connection, PhaseInput, PhaseOutputs, PhaseResult, PhaseStates } from '../protocol/phase-types.ts'
import {
  accepted,
  assign,
  conversation,
  firstAnswer,
  hitDocuments,
  notes,
  readObject,
  selectable,
  shown,
} from './prompt.ts'

type State = PhaseStates['observation']
type Output = PhaseOutputs['observation']

const observation = z.object({
  observations: z.array(z.string()).optional().describe('what is worth keeping beyond this question, a sentence each'),
  connections: z
    .array(z.object({ source: z.string(), target: z.string(), type: z.string(), confidence: z.number() }))
    .optional()
    .describe('how things named in the documents relate'),
})
const SCHEMA = shown(observation)

const INSTRUCTION =
  'Observation: note what of this is worth keeping beyond this question, and how the things it names are connected. Do not answer the question.'
/** Weaker connections are not kept. */
const SURE = 0.6
const KEPT = 40
const OBSERVATION_SIZE = 400

/** What must outlive this ask: observations, and connections between what was found. Nothing of it is for the reader. */
export const observationPhase: Phase<'observation'> = {
  name: 'observation',
  modality: 'default',
  initial: (modality) => ({ modality, semanticConnections: [], observations: [] }),
  async run(state, input, hands) {
    if (hands.offline) return resultOf(state, fromLines(await hands.think(selection(input))))
    const documents = [...hitDocuments(input, hands), ...conversation(input), ...firstAnswer(input), ...notes(input)]
    const task = { kind: 'fill', question: input.prompt } as const
    const reply = await hands.think(assign({ input, task, documents, instruction: INSTRUCTION, schema: SCHEMA }))
    return resultOf(state, fromObject(reply))
  },
  fallback: (state, input, problem) => ({
    state,
    output: input.outputs.observation ?? { observations: [], connections: [] },
    text: '',
    status: 'degraded',
    problem,
  }),
}

function selection(input: PhaseInput) {
  const documents = selectable(input)
  const task = { kind: 'list', question: input.prompt, count: 5 } as const
  return assign({ input, task, documents, instruction: INSTRUCTION })
}

function fromLines(reply: ModelReply): Output {
  const lines = accepted(reply)
    .text.split('\n')
    .map((line) => line.replace(/^- /, '').trim())
  return { observations: boundedLines(lines), connections: [] }
}

function fromObject(reply: ModelReply): Output {
  const { observations = [], connections = [] } = readObject(observation, reply)
  const sure = connections.filter(({ source, target, confidence }) => source !== target && confidence > SURE)
  const bounded = sure.map(({ source, target, type, confidence }) => ({
    source: clip(source, 100),
    target: clip(target, 100),
    type: clip(type, 60),
    confidence: share(confidence),
  }))
  return { observations: boundedLines(observations), connections: fitItems(bounded, 3000) }
}

function boundedLines(lines: readonly string[]): readonly string[] {
  const whole = lines.filter(Boolean).map((line) => clip(line, OBSERVATION_SIZE))
  return fitItems(whole, 3000)
}

function resultOf(state: State, output: Output): PhaseResult<'observation'> {
  return {
    state: {
      ...state,
      semanticConnections: keepLast(merge(state.semanticConnections, output.connections), KEPT),
      observations: keepLast([...new Set([...state.observations, ...output.observations])], KEPT),
    },
    output,
    text: output.observations.join('\n'),
    status: 'completed',
  }
}

/** One connection of a type between two things: the newer one counts. */
function merge(known: readonly Connection[], found: readonly Connection[]): readonly Connection[] {
  const key = ({ source, target, type }: Connection) => JSON.stringify([source, target, type])
  return [...new Map([...known, ...found].map((connection) => [key(connection), connection])).values()]
}
