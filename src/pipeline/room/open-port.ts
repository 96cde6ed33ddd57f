import type { Engine } from '../../engine/engine.ts'
import type { Models } from '../../model/models.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { Admit } from '../../work/activity.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { checkInputs } from '../language/parse/inputs/given-inputs.ts'
import type { Compiler } from './compile/compiler.ts'
import { makePlan } from './plan.ts'
import type { PipelinesPort } from './port.ts'
import { runtimeUploads } from './uploads.ts'

type Parts = {
  readonly engine: Engine
  readonly values: Blobs
  readonly compiler: Compiler
  readonly models: Models
  /** the pool in which steps run */
  readonly pool: WorkPool
  readonly admit: Admit
  readonly changes: PipelinesPort['changes']
}

export function createPipelines({ engine, values, compiler, models, pool, admit, changes }: Parts): PipelinesPort {
  return {
    ...runtimeUploads({ engine, values, compiler, admit }),
    validate: compiler.validate,
    async plan(which, request = {}) {
      const named = typeof which === 'string' ? { file: which } : which
      const { pipeline } = await compiler.compile(named, request)
      checkInputs(pipeline, request.inputs ?? {})
      return makePlan({ engine, models, pool }, pipeline, request.owner)
    },
    changes,
  }
}
