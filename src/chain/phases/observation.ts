import { z } from 'zod'
import type { ModelReply } from '../../model/request/request.ts'
import { truncate } from '../../model/text/strings.ts'
import type { PhaseStates } from '../../thread/protocol/phase-states.ts'
import type { Connection, PhaseInput, PhaseOutputs, PhaseResult } from '../../thread/protocol/phase-types.ts'
import { keepLast, outputBounds, toUnitInterval } from '../protocol/bounds.ts'
import type { Phase } from '../protocol/phase.ts'
import { formAssignment, modelSchema, parseReplyObject, requireAccepted, selectionAssignment } from './prompt.ts'

type State = PhaseStates['observation']
type Output = PhaseOutputs['observation']
type Observed = { readonly output: Output; readonly lacks: readonly string[] }

const observation = z.object({
  observations: z.array(z.string()).optional().describe('what is worth keeping beyond this question, a sentence each'),
  connections: z
    .array(z.object({ source: z.string(), target: z.string(), type: z.string(), confidence: z.number() }))
    .optional()
    .describe('how things named in the documents relate'),
})
const SCHEMA = modelSchema(observation)

const INSTRUCTION =
  'Observation: note what of this is worth keeping beyond this question, and how the things it names are connected. Do not answer the question.'
/** Weaker connections are dropped. */
const MIN_CONFIDENCE = 0.6
const MAX_REMEMBERED = 40
const MAX_OBSERVATION_SIZE = 400
const MAX_LIST_SIZE = 3000

/** Observations and connections that outlive this ask. The reader does not see them. */
export const observationPhase: Phase<'observation'> = {
  name: 'observation',
  modality: 'default',
  initial: (modality) => ({ modality, semanticConnections: [], observations: [] }),
  async run(state, input, context) {
    if (context.offline) return resultOf(state, fromLines(await context.askModel(selection(input))))
    const reply = await context.askModel(formAssignment(input, { instruction: INSTRUCTION, schema: SCHEMA }))
    return resultOf(state, fromObject(reply))
  },
  fallback: (state, _, problem) => ({
    state,
    output: { observations: [], connections: [] },
    text: '',
    status: 'degraded',
    problem,
  }),
}

const selection = (input: PhaseInput) =>
  selectionAssignment(input, INSTRUCTION, { kind: 'list', question: input.prompt, count: 5 })

function fromLines(reply: ModelReply): Observed {
  const lines = requireAccepted(reply)
    .text.split('\n')
    .map((line) => line.replace(/^- /, '').trim())
  return bounded({ observations: lines, connections: [] })
}

function fromObject(reply: ModelReply): Observed {
  const { observations = [], connections = [] } = parseReplyObject(observation, reply)
  const sure = connections.filter(({ source, target, confidence }) => source !== target && confidence > MIN_CONFIDENCE)
  return bounded({
    observations,
    connections: sure.map((one) => ({ ...one, confidence: toUnitInterval(one.confidence) })),
  })
}

function bounded({ observations, connections }: Output): Observed {
  const bounds = outputBounds()
  const lines = observations.filter(Boolean)
  const output = {
    observations: bounds.items('observations', lines, MAX_LIST_SIZE, (line) => truncate(line, MAX_OBSERVATION_SIZE)),
    connections: bounds.items('connections', connections, MAX_LIST_SIZE, (one) => ({
      ...one,
      source: truncate(one.source, 100),
      target: truncate(one.target, 100),
      type: truncate(one.type, 60),
    })),
  }
  return { output, lacks: bounds.lacks }
}

function resultOf(state: State, { output, lacks }: Observed): PhaseResult<'observation'> {
  return {
    state: {
      ...state,
      semanticConnections: keepLast(merge(state.semanticConnections, output.connections), MAX_REMEMBERED),
      observations: keepLast([...new Set([...state.observations, ...output.observations])], MAX_REMEMBERED),
    },
    output,
    text: output.observations.join('\n'),
    status: 'completed',
    ...(lacks.length > 0 && { lacks }),
  }
}

/** One connection of a type between two things: the newer one counts. */
function merge(known: readonly Connection[], found: readonly Connection[]): readonly Connection[] {
  const key = ({ source, target, type }: Connection) => JSON.stringify([source, target, type])
  return [...new Map([...known, ...found].map((connection) => [key(connection), connection])).values()]
}
