/**
 * How a runtime comes alive. `compose` lists the steps in their order, and the files beside it do one each:
 * services, actors, the engine, ports. Look here for what is shared by all parts of a runtime.
 */

import { programCode } from '../../agent/room/agents/program-code.ts'
import type { Config } from '../../config/config.ts'
import { type Clock, checkEngine, systemClock, type TypedEngine } from '../../engine/engine.ts'
import { InvalidError, RetryableError } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { sortOwnership } from '../../house/owned.ts'
import type { BackgroundWork } from '../../house/room.ts'
import { version } from '../../lib/package/manifest.ts'
import { findPackagesFrom } from '../../lib/package/optional.ts'
import { createEncoder } from '../../model/embed/encoder.ts'
import { describeDegradation, watchHealth } from '../../observe/metrics/health.ts'
import { processUse } from '../../observe/metrics/process-use.ts'
import { beginRooms, closeRooms, type RoomPorts } from '../../rooms/rooms.ts'
import { wholeEngine, wholeObserver } from '../../run/room/report/whole-events.ts'
import type { CacheCounts } from '../../store/cache/report.ts'
import { watchDiskSpace } from '../../store/data-folder/disk-space.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { watchPresence } from '../../store/data-folder/presence.ts'
import { makeFolder } from '../../store/files/durable-file.ts'
import { observedEngine } from '../../telemetry/instrument.ts'
import { type Observing, openObserving } from '../../telemetry/telemetry.ts'
import { type Activity, createActivity, createAdmission, stillAtWork } from '../../work/activity.ts'
import { keepAttempts } from '../../worker/offload/attempts.ts'
import { listWorkflows } from '../../workflow/definition/workflow-list.ts'
import { openWorkflowServices } from '../../workflow/live/open-services.ts'
import type { WorkflowServices } from '../../workflow/live/services.ts'
import { addressesAt } from '../../workflow/operations/signal-address.ts'
import { childOrder } from '../../workflow/room/first-message.ts'
import { resumeWorkflows } from '../../workflow/room/resume.ts'
import { claimData } from '../data-folder/claim.ts'
import { keepOwnEngine } from '../data-folder/node-record.ts'
import { createInspector } from '../inspect/inspector.ts'
import { sayWhy } from '../inspect/say-why.ts'
import { lastWritten, openTrust } from '../maintenance/retention/clock-trust.ts'
import type { ServingPort } from '../ports/serving.ts'
import type { ServedRuntime } from '../ports.ts'
import { cacheControl, forgetReplies } from '../services/cache.ts'
import { describePools } from '../services/pools.ts'
import { runtimeSecrets } from '../services/secrets.ts'
import { createActors, ownershipOf } from './actors.ts'
import type { AgentSteps } from './agent-services.ts'
import { createPorts } from './create-ports.ts'
import { openOnLibsql } from './libsql.ts'
import type { Live } from './live.ts'
import type { EngineFactory, EngineParts, InternalParts, OpenedEngine } from './parts.ts'
import { type ComposedParts, createServices, type Services } from './services.ts'
import { stepServices } from './step-services.ts'

/** Opens the runtime of a data folder. It claims the folder first unless `owner` did that; see `createRuntime`. */
export async function openRuntime(config: Config, parts: InternalParts = {}): Promise<ServedRuntime> {
  const owner = parts.owner ?? (await claimData(config.data))
  if (config.file !== undefined) findPackagesFrom(config.folder)
  let observing: Observing | undefined
  try {
    const secrets = runtimeSecrets(config)
    observing = await openObserving(config, secrets)
    return await compose(config, { ...parts, secrets }, observing, parts.owner ? () => {} : owner.release)
  } catch (error) {
    await observing?.close()
    if (!parts.owner) owner.release()
    throw error
  }
}

/**
 * Brings a runtime alive, in this order:
 * 1. services, which need the configuration alone
 * 2. actors, with services of their effects that read `live`
 * 3. the engine that runs the actors; it takes no turn yet
 * 4. ports, which work through the engine
 * 5. `live` gets the engine and the ports, so effects have all of it
 * 6. the engine begins, and then the rooms that work in the background
 */
async function compose(
  config: Config,
  parts: ComposedParts,
  observing: Observing,
  release: () => void,
): Promise<ServedRuntime> {
  const { data } = config
  const { clock = systemClock } = parts
  const about = { version: version(), ...programOf(parts), startedAt: Date.now() }
  const writtenAt = lastWritten(data)
  const observer = wholeObserver(observing.observer)
  await makeFolder(data)
  const trust = openTrust(data, parts.retentionClock ?? systemClock, writtenAt)
  const space = watchDiskSpace(data, config)
  const program = listWorkflows(parts.workflows)
  const services = await createServices(config, parts, observer, space)
  const { store, values, models, cache, pools } = services
  const activity = createActivity()
  const health = watchHealth(data, config.health)
  const whyDegraded = async () => describeDegradation(await health.look())

  const live = {} as Live
  const forSteps = stepServices(config, parts, services, live)
  const own = { order: childOrder(values, program), addressOf: addressesAt(config.serve?.publicUrl) }
  const ofWorkflows = openWorkflowServices(program, values, own, live, forSteps.secrets, parts.notice)
  const workflows = (parts.watchWorkflows?.(ofWorkflows) ?? ofWorkflows) as WorkflowServices
  const steps = { ...forSteps, workflows }
  const ofView: Pick<AgentSteps, 'isFollowed' | 'peek' | 'memory' | 'operator'> = {
    peek: (of) => live.engine.view.peek(of),
    memory: (owner) => live.ports.memory(owner),
    operator: () => live.ports.memory.operator(),
    isFollowed: (topic) => live.engine.view.isFollowed(topic),
  }
  const { actors, goals: ofGoals } = createActors(config, parts, services, { ...steps, ...ofView, whyDegraded }, live)
  const ownership = ownershipOf(parts)
  const { ofRuns } = sortOwnership(ownership)
  const opened = await openEngine({ config, parts, actors, store, values, activity, observer, trust, ofRuns, space })
  const engine = observedEngine(wholeEngine(opened.engine), observer)
  const admit = createAdmission({ activity, space, checkOwner: (owner) => live.ports.house.checkOwner(owner) })
  const seen = {
    metrics: observing.metrics,
    series: ({ span }: { readonly span?: 'hour' | 'day' } = {}) => observing.series(span),
  }
  const inspector = inspectorOf(services, { engine, activity, ...seen })
  const ports = createPorts({
    explain: async (run) => sayWhy(await inspector.why(`${KIND.run}/${run}`)),
    config,
    services,
    steps,
    ofGoals,
    engine,
    clock,
    activity,
    admit,
    whyDegraded,
    health: health.look,
    secret: parts.secrets.get,
    onEnd: parts.onEnd,
    encoder: createEncoder(() => pools.find({ phase: 'experience', modality: 'text' }).pool, steps.models),
    cleaning: opened.cleaning,
    changes: opened.changes,
    ownership,
    trustedNow: () => trust.limit(clock.now()),
    dropCached: (owner) => forgetReplies(cache, config, owner),
  })
  Object.assign(live, { engine, ports } satisfies Live)
  const { forSteps: _, resumeForCode, resumeForSettings, house, ...shown } = ports

  const unwatch = watchPresence(data, opened.fail)
  const endAttempts = keepAttempts(placesIn(data).readings)
  let background: BackgroundWork | undefined
  const stop = once(async (grace: number | undefined) => {
    unwatch()
    health.stop()
    await background?.end(grace)
    await closeRooms(ports, 'close')
    await ports.serving.closeLists()
    await opened.stop(grace)
    await closeLast(ports, services, clock, grace)
    endAttempts()
    activity.end()
    await observing.close()
    release()
  })
  try {
    await opened.begin()
    const isAwaited = services.rules.names.length > 0 || parts.strategies !== undefined
    if (parts.agents?.length || parts.tools?.length || isAwaited)
      await resumeForCode(parts.notice ?? ((line) => process.emitWarning(line)))
    if (program.all.length > 0 || isAwaited) await resumeWorkflows(engine, program, ports.runs.resume)
    if (parts.background !== false) background = await beginRooms(house)
  } catch (error) {
    await stop(0)
    throw error
  }

  const status = () => ({
    pid: process.pid,
    ...about,
    use: processUse(),
    data,
    model: models.default,
    ...opened.status(),
    pools: pools.all().map((pool) => pool.stats()),
    ...cached(cache.counts()),
    ...background?.status(),
    active: activity.list(),
  })
  const handOver: ServingPort['handOver'] = async (wait, signal = new AbortController().signal) => {
    if (!(await opened.rest(wait, signal))) throw stillAtWork(activity.list())
    activity.fail(new RetryableError('The data folder is being moved to another engine.', { code: 'moving' }))
  }
  observing.count(status, () => describePools(pools))
  return {
    data,
    engine: {
      ...engine,
      async start(options) {
        const left = await engine.start(options)
        if (options?.only === undefined) await resumeForSettings()
        return left
      },
    } as TypedEngine,
    observer,
    status,
    ...shown,
    inspector,
    maintenance: { backup: opened.backup, gc: opened.gc, cache: cacheControl(cache, models) },
    serving: { ...ports.serving, handOver, shown: parts.secrets.shown, commits: () => opened.status().engine?.commits },
    idle: () => untilIdle(activity, opened),
    broken: activity.broken,
    async ready() {
      activity.check()
      await space.check()
      await values.check()
    },
    stop: ({ grace } = {}) => stop(grace),
  }
}

function programOf(parts: ComposedParts): { readonly program?: ReturnType<typeof programCode> } {
  const isProgram = parts.agents !== undefined || parts.tools !== undefined || parts.workflows !== undefined
  return isProgram ? { program: programCode(parts) } : {}
}

function inspectorOf(
  { values, toolbox, pools }: Services,
  parts: Pick<Parameters<typeof createInspector>[0], 'engine' | 'activity' | 'metrics' | 'series'>,
) {
  return createInspector({ ...parts, values, toolbox, pools: pools.all, describePools: () => describePools(pools) })
}

async function untilIdle(activity: Activity, opened: OpenedEngine): Promise<void> {
  do {
    await activity.idle()
    await Promise.race([opened.quiet(), activity.broken()])
  } while (activity.list().length > 0)
}

async function closeLast(ports: RoomPorts, services: Services, clock: Clock, grace: number | undefined): Promise<void> {
  await closeRooms(ports, 'closeLast')
  const { pools, models, cache, toolServices } = services
  const closed = Promise.all([pools.close(), models.close(), cache.close(), toolServices.close()])
  await (grace === undefined ? closed : atMost(clock, DEAF_WORK_MS, closed))
}

/** Time for interrupted work to end, in ms. Work that ignores its signal is left alone after that. */
const DEAF_WORK_MS = 1000

async function atMost(clock: Clock, delay: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const off = clock.after(delay, late.resolve)
  await Promise.race([work, late.promise]).finally(off)
}

/** Later calls get the outcome of the first. */
function once<Given, Result>(work: (given: Given) => Promise<Result>): (given: Given) => Promise<Result> {
  let outcome: Promise<Result> | undefined
  return (given) => {
    outcome ??= work(given)
    return outcome
  }
}

// a runtime on a file does not load the cluster code
async function openEngine(parts: EngineParts): Promise<OpenedEngine> {
  const { restate } = parts.config
  if (parts.parts.engine) return openOwn(parts, parts.parts.engine)
  if (!restate) return openOnLibsql(parts)
  const { openOnRestate } = await import('./restate.ts')
  return openOnRestate(parts, restate)
}

const NO_FUNCTION = 'Expected `engine` to be a function that opens an engine.'

/** The engine of a program keeps turns where it likes; values, memory and the cache stay in the data folder. */
async function openOwn({ config, ...parts }: EngineParts, open: EngineFactory): Promise<OpenedEngine> {
  const { data, restate, replica } = config
  const { actors, observer, activity } = parts
  const fault = restate ? '`engine` of the program and `engine: restate` exclude each other.' : NO_FUNCTION
  if (restate || typeof open !== 'function') throw new InvalidError(fault, { place: { path: 'engine' } })
  const refuse = (name: string) => async (): Promise<never> => {
    const why = `${name} needs the engine libsql, and this runtime has an engine of its program.`
    throw new InvalidError(why, { code: 'other_engine' })
  }
  if (replica) await refuse('replica')()
  await keepOwnEngine(data)
  const engine = checkEngine(await open({ data, actors, observer }))
  return {
    engine,
    backup: refuse('backup'),
    gc: refuse('gc'),
    status: () => ({}),
    quiet: async () => {},
    rest: async () => false,
    fail: activity.fail,
    begin: async () => {},
    stop: (grace) => engine.stop(grace === undefined ? {} : { grace }),
  }
}

const cached = (cache: CacheCounts | undefined) => (cache ? { cache } : {})
