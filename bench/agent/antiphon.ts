import { join } from 'node:path'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AgentDefinition } from '../../src/agent/definition/definition.ts'
import type { Config } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import type { OpenGoals } from './goals.ts'

/** The scripted model of the agents here. */
export const MODEL = 'bench/counter'

/** The agent that calls the tool. */
export const AGENT: AgentDefinition = {
  name: 'counter',
  description: 'Counts',
  instructions: 'Count.',
  tools: ['add-one'],
  skills: [],
  model: MODEL,
}

/** Goals of antiphon, in a data folder with its defaults: each round is synced to the disk. */
export const openGoals: OpenGoals = async (rounds, { folder }) => {
  const runtime = await createRuntime(configOf(folder), { models: { [MODEL]: counter(rounds) } })
  return async (id) => {
    await runtime.goals.start({ agent: AGENT, goal: 'Count to ten.', id })
    for await (const { body } of runtime.goals.events(id)) {
      const event = body as { readonly type: string; readonly status?: string; readonly answer?: string }
      if (event.type === 'goal-end') return Number(event.answer)
    }
    throw new Error(`goal ${id} has no end`)
  }
}

/** The settings of a data folder of its own. */
export function configOf(folder: string): Config {
  return {
    folder,
    data: join(folder, 'data'),
    roots: [folder],
    providers: {},
    embedder: 'none',
    model: MODEL,
    models: [{ id: MODEL, cost: { input: 1, output: 1 } }],
    plugins: [join(import.meta.dirname, 'add-one.ts')],
    pool: { workers: 1000, queue: 1000 },
    retention: { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
    environment: {},
  }
}

/** A model that calls the tool in so many rounds, and answers with the number of its results. */
function counter(rounds: number): LanguageModelV4 {
  return {
    ...scriptedModel([]),
    async doGenerate(options: LanguageModelV4CallOptions) {
      const done = options.prompt.filter(({ role }) => role === 'tool').length
      const usage = { input: 10, output: 1 }
      const turn =
        done < rounds ? { calls: [{ name: 'add-one', input: { value: done } }], usage } : { reply: String(done), usage }
      return scriptedModel([turn]).doGenerate(options)
    },
  }
}
