import { errorOf, type Problem, problemOf } from '../../errors.ts'
import type { EffectCall } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import type { ModelFacts } from '../../model/choose/model-facts.ts'
import { type Probe, probesOf } from '../../model/probe/probes.ts'
import { type ProbeEnd, reportOf } from '../../model/probe/report.ts'
import type { ModelReply, ModelRequest } from '../../model/request/request.ts'
import { mustPropagate } from '../../work/suspension.ts'
import type { PhaseContext } from '../protocol/phase.ts'

/** The services of `probe` for one phase in one turn. */
type ProbeScope = {
  readonly memo: { once<T>(entry: string, act: () => Promise<T>): Promise<T> }
  /** The descriptions of the models; absent: nothing is known of them. */
  facts?(): readonly ModelFacts[]
  /** Journals an effect. */
  perform(name: string, act: (call: EffectCall) => Promise<Outcome>): Promise<Outcome>
  /** One paid call. `mayWait`: its provider is worth a wait. */
  ask(request: ModelRequest, call: EffectCall, mayWait: boolean): Promise<ModelReply>
  report(spent: Pick<ModelReply, 'usage' | 'cost'>): void
}

/** The recorded outcome of one probe, and what it used. `problem`: no call ended. */
type Outcome = ({ readonly end: ProbeEnd } & Pick<ModelReply, 'usage' | 'cost'>) | { readonly problem: Problem }

/** Its input is the line that the probe of tools asks for. */
const ECHO = {
  name: 'echo',
  description: 'Returns the text after the first word of a line such as `echo ready`',
  schema: { type: 'object', properties: { action: { type: 'string' } }, required: ['action'] },
} as const

export function createProbes({ memo, facts, perform, ask, report }: ProbeScope): PhaseContext['probe'] {
  return async (model) => {
    const known = facts?.().find(({ id }) => id === model) ?? { id: model }
    const probes = probesOf(known)
    const ends = new Map<string, ProbeEnd>()
    for (const probe of probes) {
      const outcome = await memo.once(`probe.${probe.id}`, () => attempt(probe, model, ends.size > 0))
      if ('problem' in outcome) {
        // a model that answers nothing is asked no more
        if (ends.size === 0) throw errorOf(outcome.problem)
        ends.set(probe.id, { fault: outcome.problem.message })
        continue
      }
      ends.set(probe.id, outcome.end)
      report(outcome)
    }
    return reportOf(known, probes, ends)
  }

  async function attempt(probe: Probe, model: string, hasAnswered: boolean): Promise<Outcome> {
    try {
      return await perform(`probe.${probe.id}`, async (call) => {
        const begun = performance.now()
        const reply = await ask(requestOf(probe, model), call, hasAnswered)
        const seconds = Math.max(1, Math.round(performance.now() - begun)) / 1000
        return { end: endOf(reply, model, seconds), usage: reply.usage, ...present({ cost: reply.cost }) }
      })
    } catch (error) {
      if (mustPropagate(error)) throw error
      return { problem: problemOf(error) }
    }
  }
}

function requestOf({ step, parameters }: Probe, model: string): ModelRequest {
  const { prompt, schema, max_tokens: maxTokens } = parameters
  const more = present({ maxTokens, schema: schema as ModelRequest['schema'] })
  const about = { task: { kind: 'write' }, instruction: prompt, documents: [], model } as const
  return step.tools ? { ...about, ...more, tools: [ECHO] } : { ...about, ...more }
}

function endOf({ model: by, text, object, refused, calls = [], usage }: ModelReply, model: string, seconds: number) {
  if (by !== model) return { fault: `${by} answered instead` }
  if (refused !== undefined) return { fault: `it declined: ${refused}` }
  const tools = calls.map(({ name }) => name)
  return { answer: { value: object ?? text, tools, seconds, written: usage.output } }
}
