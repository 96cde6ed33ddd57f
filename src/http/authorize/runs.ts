import type { Json } from '../../kernel/schema.ts'
import { cursorOfItem, type InboxItem, type InboxQuery, isStep } from '../../runtime/ports/inbox.ts'
import type { WhichPipeline } from '../../runtime/ports/pipelines.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { type Page, pageOf } from '../schemas/basic.ts'
import { checkFile, type Sight } from './access.ts'

type OfPipelines = 'validate' | 'plan' | 'putPipeline' | 'pipelines' | 'getPipeline' | 'removePipeline'
type OfRuns =
  | 'startRun'
  | 'fork'
  | 'changes'
  | 'runs'
  | 'run'
  | 'step'
  | 'artifact'
  | 'runEvents'
  | 'runEnded'
  | 'resume'
  | 'cancel'
  | 'signal'

/** Pipelines and runs as a caller sees them. */
export type OwnedRuns = Pick<Runtime, OfPipelines | OfRuns> &
  Pick<Sight, 'checkRun'> & {
    inbox(query: InboxQuery & { readonly limit: number }): Promise<Page<InboxItem>>
    /** What models write for a run, as it comes. */
    runDeltas(run: string, signal: AbortSignal): AsyncIterable<Json>
  }

export function ownedRuns({ runtime, caller, isAdmin, checkRun, nameOfThread }: Sight): OwnedRuns {
  const { owner } = caller
  const only = isAdmin ? {} : { owner }
  /** An admin acts on a run for its owner. */
  const ownerFor = async (run: string) => (await runtime.ownerOf(run)) ?? owner

  const shownItem = (item: InboxItem) =>
    isStep(item) ? item : { ...item, thread: nameOfThread(item.thread, item.owner) }

  return {
    checkRun,
    async validate(which, options) {
      checkFile(caller, fileOf(which))
      return runtime.validate(which, { ...options, owner })
    },
    async plan(which, options) {
      checkFile(caller, fileOf(which))
      return runtime.plan(which, { ...options, owner })
    },
    putPipeline: (name, source, options) => runtime.putPipeline(name, source, { ...options, owner }),
    pipelines: (query) => runtime.pipelines({ ...query, ...only }),
    getPipeline: (name, options) => runtime.getPipeline(name, { ...options, owner }),
    removePipeline: (name) => runtime.removePipeline(name, { owner }),
    async startRun(request) {
      checkFile(caller, request.file)
      return runtime.startRun({ ...request, owner, trusted: caller.local })
    },
    async fork(run, request = {}) {
      checkFile(caller, request.file)
      await checkRun(run)
      return runtime.fork(run, { ...request, owner: await ownerFor(run), trusted: caller.local })
    },
    async changes(run) {
      await checkRun(run)
      return runtime.changes(run)
    },
    runs: (query) => runtime.runs({ ...query, ...only }),
    async inbox(query) {
      const { items, ...more } = pageOf(await runtime.inbox({ ...query, ...only }), query.limit, cursorOfItem)
      return { items: items.map(shownItem), ...more }
    },
    async run(run) {
      await checkRun(run)
      return runtime.run(run)
    },
    async step(run, id) {
      await checkRun(run)
      return runtime.step(run, id)
    },
    async artifact(run, step, options) {
      await checkRun(run)
      return runtime.artifact(run, step, options)
    },
    async *runEvents(run, from) {
      await checkRun(run)
      yield* runtime.runEvents(run, from)
    },
    async runEnded(run, after) {
      await checkRun(run)
      return runtime.runEnded(run, after)
    },
    async *runDeltas(run, signal) {
      // they are listened to from now on
      const deltas = runtime.inspector.deltas(run, signal)
      await checkRun(run)
      yield* deltas
    },
    async resume(run) {
      // one that nobody has taken up yet is known to no list
      if (!isAdmin) await checkRun(run)
      return runtime.resume(run)
    },
    async cancel(run, reason, options) {
      await checkRun(run)
      return runtime.cancel(run, reason, options)
    },
    async signal(run, name, value, options) {
      if (!isAdmin) await checkRun(run)
      return runtime.signal(run, name, value, options)
    },
  }
}

const fileOf = (which: string | WhichPipeline) => (typeof which === 'string' ? which : which.file)
