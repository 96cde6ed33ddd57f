import type { Phase, PhaseContext } from '../../../src/chain/protocol/phase.ts'
import { reportOf } from '../../../src/model/probe/report.ts'
import type { Assignment } from '../../../src/model/prompt/task.ts'
import type { ModelReply } from '../../../src/model/request/request.ts'
import type { Hit, PhaseInput, PhaseName, Retrieval } from '../../../src/thread/protocol/phase-types.ts'

export const hit = (vid: string, text = 'text'): Hit => ({
  vid,
  text,
  source: 's1',
  file: 'a.md',
  line: 1,
  endLine: 1,
  heading: '',
  score: 1,
})

export function inputOf(given: Partial<PhaseInput> = {}): PhaseInput {
  return {
    ask: 1,
    cycle: 1,
    maxCycles: 3,
    modality: 'text',
    domain: 'general',
    prompt: 'why?',
    continuation: '',
    history: [],
    sources: [],
    outputs: {},
    loops: [],
    models: {},
    ...given,
  }
}

export const withHits = (...hits: Hit[]): Partial<PhaseInput> => ({
  sources: [{ id: 's1', kind: 'file', ref: 'a.md' }],
  outputs: { 'experience.vectors': { summary: '', hits, sources: [] } },
})

/** A context whose model gives this reply, and the calls it received. */
export function contextOf(
  reply: Partial<ModelReply> | Error,
  found: Retrieval = { hits: [], sources: [] },
  offline = false,
) {
  const asked: Assignment[] = []
  const context: PhaseContext = {
    offline,
    async askModel(assignment) {
      asked.push(assignment)
      if (reply instanceof Error) throw reply
      return { text: '', citations: [], usage: { input: 1, output: 1 }, model: 'a/b', ...reply }
    },
    files: async () => [],
    retrieve: async () => found,
    run: async (_name, work) => work({ signal: new AbortController().signal, idempotencyKey: 'k', attempt: 1 }),
    recall: async () => [],
    probe: async (model) => reportOf({ id: model }, [], new Map()),
    call: async () => ({ results: [], backend: 'none' }),
  }
  return { context, asked }
}

export function runOnce<Name extends PhaseName>(phase: Phase<Name>, input: PhaseInput, context: PhaseContext) {
  return phase.run(phase.initial(input.modality), input, context)
}
