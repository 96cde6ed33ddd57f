import { problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Parameters } from '../plan/compiled.ts'
import type { Deed, Job } from './context.ts'
import { renderAll } from './templates/render.ts'
import { Elsewhere } from './templates/render-in-thread.ts'

/** What the run hands back; an output that cannot be told is null, with a warning. */
export function renderOutputs(values: Parameters, { pipeline, scope }: Job): Deed {
  const outputs: [name: string, value: Json][] = []
  const warnings: string[] = []
  for (const [name, value] of Object.entries(values)) {
    try {
      outputs.push([name, renderAll(value, pipeline, scope, ['outputs', name])])
    } catch (error) {
      if (Elsewhere.is(error)) throw error
      outputs.push([name, null])
      const { message, hint } = problemOf(error)
      warnings.push(`output_unresolved: ${[message, ...(hint ? [hint] : [])].join('; ').slice(0, 500)}`)
    }
  }
  return { type: 'outputs', outputs: Object.fromEntries(outputs), warnings: warnings.slice(0, 100) }
}
