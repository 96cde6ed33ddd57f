import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { createIds } from '../engine/antiphon.ts'
import { runner, startOf } from '../engine/pipeline.ts'
import { configOf } from './antiphon.ts'
import type { OpenGoals } from './goals.ts'

/** The two steps of a round as a pipeline of antiphon, without an agent: what stands for the model, and the tool. */
export const openGoals: OpenGoals = async (rounds, { folder }) => {
  const { model: _, models: __, ...config } = configOf(folder)
  const plugins = [...config.plugins!, join(import.meta.dirname, 'think.ts')]
  const runtime = await createRuntime({ ...config, plugins })
  const path = join(folder, 'goal.yaml')
  await writeFile(path, textOf(rounds))
  const perform = runner(runtime.engine, await startOf(runtime, path), createIds())
  // the loop counts as a step, and so do the last thought and the call that it does not ask for
  return async (id) => ((await perform(id)) - 2) / 2
}

const textOf = (rounds: number) => `name: goal
steps:
  - id: rounds
    until: "{{ think.isOver }}"
    max_iterations: ${rounds + 1}
    steps:
      - { id: think, tool: think, parameters: { results: "{{ iteration }}", rounds: ${rounds} } }
      - { id: add-one, tool: add-one, condition: "{{ not think.isOver }}", parameters: { value: "{{ think.value }}" } }
`
