import type { PipelinesPort, WhichPipeline } from '../../runtime/ports/pipelines.ts'
import { checkFile, type Sight } from './access.ts'

/** Pipelines as a caller sees them: the caller's own. An admin lists all. */
export function scopedPipelines({ runtime, caller, isAdmin, checkRun }: Sight): PipelinesPort {
  const { pipelines } = runtime
  const { owner } = caller

  return {
    async validate(which, options) {
      checkFile(caller, fileOf(which))
      return pipelines.validate(which, { ...options, owner })
    },
    async plan(which, options) {
      checkFile(caller, fileOf(which))
      return pipelines.plan(which, { ...options, owner })
    },
    put: (name, source, options) => pipelines.put(name, source, { ...options, owner }),
    list: (query) => pipelines.list({ ...query, ...(!isAdmin && { owner }) }),
    get: (name, options) => pipelines.get(name, { ...options, owner }),
    remove: (name) => pipelines.remove(name, { owner }),
    async changes(run) {
      await checkRun(run)
      return pipelines.changes(run)
    },
  }
}

const fileOf = (which: string | WhichPipeline) => (typeof which === 'string' ? which : which.file)
