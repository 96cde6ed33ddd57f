import type { Json } from '../../kernel/schema.ts'
import type { RunsPort } from '../../runtime/ports/runs.ts'
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
  }
}
