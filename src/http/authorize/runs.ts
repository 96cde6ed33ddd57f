import type { Json } from '../../kernel/schema.ts'
import type { PipelinesPort, WhichPipeline } from '../../runtime/ports/pipelines.ts'
import type { RunsPort } from '../../runtime/ports/runs.ts'
import type { ToolsPort } from '../../runtime/ports/tools.ts'
import { checkFile, type Sight } from './access.ts'

/** Runs as a caller sees them. */
export type ScopedRuns = RunsPort & {
  /** Checks that the caller sees the run. NotFoundError when not. */
  check(run: string): Promise<void>
  /** Text deltas of models for a run. */
  deltas(run: string, signal: AbortSignal): AsyncIterable<Json>
}

export function scopedRuns({ runtime, caller, isAdmin, checkRun }: Sight): ScopedRuns {
  const { runs } = runtime
  const { owner } = caller
  /** An admin acts on a run for its owner. */
  const ownerFor = async (run: string) => (await runtime.serving.ownerOfRun(run)) ?? owner

  return {
    check: checkRun,
    async start(request) {
      checkFile(caller, request.file)
      return runs.start({ ...request, owner, trusted: caller.local })
    },
    async fork(run, request = {}) {
      checkFile(caller, request.file)
      await checkRun(run)
      return runs.fork(run, { ...request, owner: await ownerFor(run), trusted: caller.local })
    },
    list: (query) => runs.list({ ...query, ...(!isAdmin && { owner }) }),
    async get(run) {
      await checkRun(run)
      return runs.get(run)
    },
    async step(run, id) {
      await checkRun(run)
      return runs.step(run, id)
    },
    async whole(run, step, field) {
      await checkRun(run)
      return runs.whole(run, step, field)
    },
    async artifact(run, step, options) {
      await checkRun(run)
      return runs.artifact(run, step, options)
    },
    async *events(run, from) {
      await checkRun(run)
      yield* runs.events(run, from)
    },
    async *deltas(run, signal) {
      // deltas are followed from now on
      const deltas = runtime.inspector.deltas(run, signal)
      await checkRun(run)
      yield* deltas
    },
    async cancel(run, reason, options) {
      await checkRun(run)
      return runs.cancel(run, reason, options)
    },
    async resume(run) {
      // no list contains a run that no process has resumed yet
      if (!isAdmin) await checkRun(run)
      return runs.resume(run)
    },
    async signal(run, name, value, options) {
      if (!isAdmin) await checkRun(run)
      return runs.signal(run, name, value, options)
    },
    async settle(run, ...given) {
      if (!isAdmin) await checkRun(run)
      return runs.settle(run, ...given)
    },
  }
}

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

/** Tool calls of a caller: only the local user of the machine is trusted. */
export function scopedTools({ runtime, caller }: Sight): ToolsPort {
  return {
    call: (calls, options = {}) =>
      runtime.tools.call(calls, { ...options, owner: caller.owner, trusted: caller.local }),
  }
}
