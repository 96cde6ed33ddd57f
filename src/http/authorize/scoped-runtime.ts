import { viewAudit } from '../../access/room/audit.ts'
import type { Links } from '../../access/room/port.ts'
import { noRound } from '../../agent/room/goals/errors.ts'
import type { GoalDocument, GoalsPort } from '../../agent/room/goals/port.ts'
import { type Method, viewPorts } from '../../house/guard.ts'
import { narrowed } from '../../house/list-seen.ts'
import { adminsOnly, allows, localOnly } from '../../house/scope.ts'
import type { Json } from '../../kernel/json.ts'
import { joined } from '../../lib/own.ts'
import { CONTRACT } from '../../rooms/contract.ts'
import { ROOMS, type RoomViews, viewRooms } from '../../rooms/rooms.ts'
import { writePage } from '../../run/page/run-page.ts'
import { sumCounts } from '../../run/room/list/counts.ts'
import type { RunCountsQuery, RunsPort } from '../../run/room/port.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import type { ServingPort } from '../../runtime/ports/serving.ts'
import type { Runtime, ServedRuntime } from '../../runtime/ports.ts'
import { scopedActors } from './actors.ts'
import type { Caller } from './caller.ts'
import { type ScopedConversations, scopedConversations } from './conversations.ts'
import { type ScopedInbox, scopedInbox, scopedSignal } from './inbox.ts'
import { hideCalls } from './shown-calls.ts'
import { shownPorts } from './shown-ports.ts'
import { type ScopedThreads, scopedThreads } from './threads.ts'
import { type RuntimeViewer, viewerOf } from './viewer.ts'
import { inVisitorWords, isVisitor, whyForVisitor } from './visitor-words.ts'
import { checkOffered, shownGoal, shownSource, withoutContext } from './visitors.ts'

/**
 * The runtime as a caller sees it: only items of its owner, and new items belong to it. An admin
 * sees everything. Each method is guarded as the table of operations says.
 */
export type ScopedRuntime = Omit<RoomViews, 'access'> &
  Pick<Runtime, 'ready' | 'catalogue' | 'pipelines' | 'agents' | 'tools' | 'maintenance'> & {
    readonly runs: RunsPort & {
      /** Checks that the caller sees the run. NotFoundError when not. */
      check(run: string): Promise<unknown>
      /** Text deltas of models for a run. */
      deltas(run: string, signal: AbortSignal): AsyncIterable<Json>
    }
    readonly goals: GoalsPort & {
      /** Checks that the caller sees the goal. NotFoundError when not. */
      check(goal: string): Promise<void>
      /** Text deltas of models for a goal. */
      deltas(goal: string, signal: AbortSignal): AsyncIterable<Json>
    }
    readonly threads: ScopedThreads
    readonly conversations: ScopedConversations
    readonly inbox: ScopedInbox
    readonly access: RoomViews['access'] & { readonly links: Pick<Links, 'read'> }
    readonly inspector: Omit<Runtime['inspector'], 'deltas' | 'pools' | 'metrics' | 'series'>
    readonly serving: ScopedServing
    status(): Promise<RuntimeStatus>
  }

/** The serving port as a caller may use it. */
type ScopedServing = Omit<
  ServingPort,
  'ownerOfRun' | 'ownerOfGoal' | 'ownerOfThread' | 'threadOfAsk' | 'fetchFile' | 'isPaid' | 'shown' | 'inboxMark'
> & {
  /** A text that differs when the inbox of the caller has changed. */
  inboxMark(): Promise<string>
}

/** Number of cached views; the oldest is dropped first. */
const MAX_CACHED_VIEWS = 256

/** Makes the view of each caller: the only place that checks owners. The same rights and owner share a view. */
export function createScopedRuntimes(runtime: ServedRuntime): (caller: Caller) => ScopedRuntime {
  const made = new Map<string, ScopedRuntime>()
  return (caller) => {
    const { key: _, keyName: __, ...rights } = caller
    const like = JSON.stringify(rights)
    const found = made.get(like)
    if (found) return found
    const view = shownRuntime(runtime, rights)
    if (made.size >= MAX_CACHED_VIEWS) made.delete(made.keys().next().value!)
    made.set(like, view)
    return view
  }
}

/** The view without secrets. A program of the user goes on with its runs, so it reads them as they are. */
function shownRuntime(runtime: ServedRuntime, { whole, ...rights }: Caller): ScopedRuntime {
  const view = scopedRuntime(runtime, rights)
  const { serving, ready } = view
  const shown = joined(shownPorts(view, runtime.serving.shown), { serving, ready })
  // a client of MCP behind that program is somebody else
  if (!whole || rights.offered) return shown
  const results = Object.fromEntries(WHOLE_RUNS.map((name) => [name, view.runs[name as 'get']]))
  const runs = { ...shown.runs, ...results }
  const workflows = { ...shown.workflows, ask: view.workflows.ask, history: view.workflows.history }
  return joined(shown, { runs, workflows, inbox: { ...shown.inbox, list: view.inbox.list } })
}

/** Operations whose results a program goes on with. Events and pages are for people. */
const WHOLE_RUNS = ['start', 'get', 'list', 'step', 'fork', 'replay']

/** The operations of the ports that are not rooms. */
const OPERATIONS = CONTRACT.filter(({ name }) => !Object.hasOwn(ROOMS, name.split('.')[0]!))

export function scopedRuntime(runtime: ServedRuntime, caller: Caller): ScopedRuntime {
  const viewer = viewerOf(runtime, caller)
  const threads = scopedThreads(viewer)
  const inbox = scopedInbox(viewer)
  const own = {
    ...named('threads', threads),
    ...named('conversations', scopedConversations(viewer)),
    ...named('inbox', inbox),
    ...named('inspector', scopedActors(viewer)),
    ...ownMethods(viewer),
  }
  const guarded = viewPorts(OPERATIONS, runtime, viewer, own) as Omit<ScopedRuntime, 'ready' | 'serving'>
  const rooms = viewRooms(runtime, viewer)
  const { findAsk, open, askDeltas } = threads
  const scoped: Omit<ScopedRuntime, Exclude<keyof RoomViews, 'access'>> = {
    ...guarded,
    runs: { ...guarded.runs, check: viewer.checkRun, deltas: deltasOf(viewer, viewer.checkRun) },
    goals: { ...guarded.goals, check: viewer.checkGoal, deltas: deltasOf(viewer, viewer.checkGoal) },
    threads: { ...guarded.threads, findAsk, open, askDeltas },
    conversations: {
      ...guarded.conversations,
      check: async (name) => void (await viewer.findThread(name)),
      hasBegun: async (name) => (await viewer.findThread(name)).hasBegun,
    },
    access: {
      ...rooms.access,
      audit: viewAudit(runtime.access.audit, viewer),
      // whoever has its token may read a link
      links: { ...rooms.access.links, read: (token) => runtime.access.links.read(token) },
    },
    serving: scopedServing(viewer),
    ready: runtime.ready,
    catalogue: { ...runtime.catalogue, health: guarded.catalogue.health },
  }
  const view: ScopedRuntime = joined(rooms, scoped)
  if (!isVisitor(caller)) return view
  const { runs, inspector, goals } = view
  const worded = { conversations: view.conversations, threads: view.threads, inbox: view.inbox, runs }
  // the scope `read` shows all of a visitor's own work
  const hide = allows(caller.scopes, 'read') ? (goal: GoalDocument) => goal : hideCalls
  const get: GoalsPort['get'] = async (goal) => hide(await goals.get(goal))
  const said = Object.fromEntries(Object.entries(worded).map(([port, one]) => [port, inVisitorWords<object>(one)]))
  const { why } = inVisitorWords({ why: async (ref: string) => whyForVisitor(await inspector.why(ref)) })
  const read = inVisitorWords({ get: runs.get, step: runs.step })
  const page = async (run: string) => writePage(await read.get(run), (step) => read.step(run, step))
  return joined(view, {
    ...said,
    runs: { ...said.runs, page },
    goals: inVisitorWords({ ...goals, get }),
    inspector: { ...inspector, why },
  } as object)
}

const named = (port: string, methods: object): { readonly [operation: string]: Method } =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [`${port}.${name}`, method]))

/** Operations whose methods are those of others, or that check more. */
function ownMethods(viewer: RuntimeViewer): { readonly [operation: string]: Method } {
  const { runtime, caller } = viewer
  const { runs, goals } = runtime
  const fork: Method = (run, asked) => runs.fork(run as string, { ...(asked as object), ...agentsFor(caller) })
  return {
    'runs.get': async (run) => withoutContext(viewer, await runs.get(run as string)),
    'runs.source': async (run) => shownSource(viewer, await runs.source(run as string)),
    async 'runs.counts'(query) {
      const asked = query as RunCountsQuery
      const seen = narrowed(viewer.seen, asked)
      const counted = await ofOwners({ seen }, (owner) => runs.counts({ ...asked, ...owner }))
      return sumCounts(counted)
    },
    'goals.get': async (goal) => shownGoal(viewer, await goals.get(goal as string)),
    async 'goals.round'(goal, round) {
      if (isVisitor(caller)) throw noRound(goal as string, round as number)
      return goals.round(goal as string, round as number)
    },
    'runs.signal': scopedSignal(viewer),
    'runs.start': (asked) => runs.start({ ...(asked as Parameters<RunsPort['start']>[0]), ...agentsFor(caller) }),
    'runs.fork': fork,
    'runs.replay': fork,
    'runs.artifacts': async (run) => (await runs.get(run as string)).artifacts,
    async 'goals.tools'(agent, options) {
      if (!caller.local && /[/\\]/.test(agent as string)) throw localOnly()
      await checkOffered(viewer, agent as string)
      return goals.tools(agent as string, options as Parameters<GoalsPort['tools']>[1])
    },
    async 'goals.adopt'(asked) {
      const { goal, agent } = (asked ?? {}) as { readonly goal?: string; readonly agent?: string }
      if (goal !== undefined) await viewer.checkGoal(goal)
      if (goal !== undefined) return goals.adopt({ goal })
      const which = agent === undefined ? {} : { agent }
      const reports = await ofOwners(viewer, (owner) => goals.adopt({ ...which, ...owner }))
      return { changes: reports.flatMap(({ changes }) => changes) }
    },
    async 'goals.code'() {
      const found = await ofOwners(viewer, (owner) => goals.code(owner))
      return { needs: found.flatMap(({ needs }) => needs) }
    },
    async 'goals.start'(asked) {
      const request = asked as Parameters<GoalsPort['start']>[0]
      if (!caller.local && typeof request.agent === 'string' && /[/\\]/.test(request.agent)) throw localOnly()
      await checkOffered(viewer, request.agent)
      return goals.start(request)
    },
  }
}

/** The results of an operation for each owner that the caller sees, or one for all. */
async function ofOwners<Given>(
  { seen }: Pick<RuntimeViewer, 'seen'>,
  act: (of: { readonly owner?: string }) => Promise<Given>,
): Promise<readonly Given[]> {
  return seen === 'all' ? [await act({})] : Promise.all(seen.map((owner) => act({ owner })))
}

/** The agents that texts of a visitor may name. */
const agentsFor = ({ visitor }: Caller) => (visitor ? { agents: visitor.agents } : {})

function deltasOf(
  { runtime }: RuntimeViewer,
  check: (id: string) => Promise<unknown>,
): ScopedRuntime['runs']['deltas'] {
  return async function* (id, signal) {
    // deltas are followed from now on
    const deltas = runtime.inspector.deltas(id, signal)
    await check(id)
    yield* deltas
  }
}

function scopedServing(viewer: RuntimeViewer): ScopedServing {
  const { runtime, isAdmin, checkRun, checkGoal, seenThread } = viewer
  const { serving } = runtime
  const { claimRequest, claimedRequest, releaseRequest, commits } = serving
  return {
    claimRequest,
    claimedRequest,
    releaseRequest,
    commits,
    inboxMark: async () => (await ofOwners(viewer, ({ owner }) => serving.inboxMark(owner))).join(),
    async runEnded(run, after) {
      await checkRun(run)
      return serving.runEnded(run, after)
    },
    async goalEnded(goal, after) {
      await checkGoal(goal)
      return serving.goalEnded(goal, after)
    },
    async askEnded(thread, ask, after) {
      return serving.askEnded((await seenThread(thread)).key, ask, after)
    },
    handOver: async (...asked) => adminsOnly({ isAdmin }, serving).handOver(...asked),
  }
}
