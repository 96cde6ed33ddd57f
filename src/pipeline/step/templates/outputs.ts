import { is } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Scope } from '../../../template/template.ts'
import { type CompiledPipeline, OUTPUTS } from '../../plan/compiled.ts'
import { renderAll } from './render.ts'

/** The outputs by name, each rendered when it is first read; one that cannot be told yet is not there. */
export function outputsIn(pipeline: CompiledPipeline, scope: Scope): object {
  const work = pipeline.steps[OUTPUTS]?.work
  const outputs = {}
  for (const [name, value] of Object.entries(work?.type === 'outputs' ? work.values : {})) {
    let told: Json | undefined
    const get = () => {
      told ??= tell(name, value, pipeline, scope)
      return told
    }
    Object.defineProperty(outputs, name, { enumerable: true, get })
  }
  return outputs
}

function tell(name: string, value: Json, pipeline: CompiledPipeline, scope: Scope): Json | undefined {
  try {
    return renderAll(value, pipeline, scope, ['outputs', name])
  } catch (error) {
    if (is(error) && error.code === 'unresolved_template') return undefined
    throw error
  }
}
