import type { Config } from '../../config/config.ts'
import { systemClock } from '../../engine/engine.ts'
import { RetryableError } from '../../errors.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { describeDegradation, watchHealth } from '../../observe/metrics/health.ts'
import type { CacheCounts } from '../../store/cache/cache.ts'
import { watchDiskSpace } from '../../store/data-folder/disk-space.ts'
import { watchPresence } from '../../store/data-folder/presence.ts'
import { makeFolder } from '../../store/files/durable-file.ts'
import { createAccessPort } from '../access/access.ts'
import { runtimeRequests } from '../access/idempotency-keys.ts'
import { createActivity, stillAtWork } from '../activity/activity.ts'
import { createAdmission } from '../activity/admission.ts'
import { createGoals } from '../agents/goals.ts'
import { createPlaybooks } from '../agents/learned-playbooks.ts'
import { readAgent } from '../agents/read-agent.ts'
import { runtimeBudgets } from '../budgets/budgets.ts'
import { createLender, standingLimits } from '../budgets/reservations.ts'
import { claimData } from '../data-folder/claim.ts'
import { createEnvironments } from '../environments/environments.ts'
import { environmentsForTools } from '../environments/for-tools.ts'
import { runtimeInbox } from '../inbox/inbox.ts'
import { createInspector } from '../inspect/inspector.ts'
import { noRun } from '../inspect/run-not-found.ts'
import { lastWritten } from '../maintenance/retention/clock-trust.ts'
import { createCompiler } from '../pipelines/compiler.ts'
import { createPipelines } from '../pipelines/pipelines.ts'
import { findUploaded } from '../pipelines/uploads.ts'
import type { InboxPort } from '../ports/inbox.ts'
import type { RunsPort } from '../ports/runs.ts'
import type { ServingPort } from '../ports/serving.ts'
import type { ServedRuntime } from '../ports.ts'
import { runtimeArtifacts } from '../runs/artifacts.ts'
import { createTools } from '../runs/calls.ts'
import { readBasis, runtimeForks } from '../runs/fork.ts'
import { runtimeRuns } from '../runs/runs.ts'
import { cacheControl } from '../services/cache.ts'
import { createCatalogue } from '../services/catalogue.ts'
import { describePools, STEPS } from '../services/pools.ts'
import { runtimeSecrets } from '../services/secrets.ts'
import { wholeEngine, wholeObserver } from '../telemetry/decode-events.ts'
import { observedEngine } from '../telemetry/instrument.ts'
import { type Observing, openObserving } from '../telemetry/telemetry.ts'
import { runtimeAsks } from '../threads/asks.ts'
import { createThreads } from '../threads/threads.ts'
import { openOnLibsql } from './libsql.ts'
import type { EngineParts, InternalParts, OpenedEngine } from './parts.ts'
import { type ComposedParts, createActors, createServices, openIn, type StepReads, stepServices } from './services.ts'

/** Opens the runtime of a data folder. It claims the folder first unless `owner` did that; see `createRuntime`. */
export async function openRuntime(config: Config, parts: InternalParts = {}): Promise<ServedRuntime> {
  const owner = parts.owner ?? (await claimData(config.data))
  let observing: Observing | undefined
  try {
    const secrets = runtimeSecrets(config)
    observing = await openObserving(config, secrets.redact)
    return await compose(config, { ...parts, secrets }, observing, parts.owner ? () => {} : owner.release)
  } catch (error) {
    await observing?.close()
    if (!parts.owner) owner.release()
    throw error
  }
}

async function compose(
  config: Config,
  parts: ComposedParts,
  observing: Observing,
  release: () => void,
): Promise<ServedRuntime> {
  const { data } = config
  const { clock = systemClock } = parts
  const startedAt = Date.now()
  const writtenAt = lastWritten(data)
  const observer = wholeObserver(observing.observer)
  await makeFolder(data)
  const room = watchDiskSpace(data, config)
  const services = await createServices(config, parts, observer, room)
  const { store, values, toolbox, models, cache, pools } = services
  const activity = createActivity()
  const admit = createAdmission({ activity, room })
  // the engine runs the actors, and their effects read its durable data
  const reads: StepReads = {
    readParts: (of, page) => engine.view.parts(of, page),
    openThread: (name, owner) => threads.open({ name, owner: owner ?? LOCAL_OWNER }),
    findUploaded: (name, owner) => findUploaded(engine, name, owner),
    environments: environmentsForTools(() => environments),
    basisOf: (run) => readBasis(engine, values, run),
    orderGoal: (order) => goals.orderGoal(order),
    runs: {
      list: (owner) => runs.list({ owner, limit: 1000 }),
      async read(id, owner) {
        if ((await opening.serving.ownerOfRun(id)) !== owner) throw await noRun(id, engine.view, owner)
        return runs.get(id)
      },
    },
  }
  const lender = createLender(() => engine, standingLimits(config), values)
  const steps = stepServices(config, parts, services, reads, lender)
  const health = watchHealth(data, config.health)
  const whyDegraded = async () => describeDegradation(await health.look())
  const actors = createActors(config, parts, services, { ...steps, whyDegraded })
  const engineParts = { config, parts, actors, store, values, activity, observer, writtenAt, room }
  const opened = await openEngine(engineParts)
  const engine = observedEngine(wholeEngine(opened.engine), observer)
  const unwatch = watchPresence(data, opened.fail)
  const threads = createThreads({ engine, activity })
  const found = (name: string, owner: string) => findUploaded(engine, name, owner)
  const compiler = createCompiler({
    values,
    toolbox,
    models,
    project: config.folder,
    roots: config.roots,
    findUploaded: found,
  })
  const budgets = runtimeBudgets({
    engine,
    clock,
    goOn: (of) => ('run' in of ? runs.resume(of.run) : threads.takeUp(of.thread)),
  })
  const { pool } = pools.find(STEPS)
  const forks = runtimeForks({ engine, values, models, compiler })
  const opening = runtimeRuns({
    engine,
    values,
    compiler,
    forks,
    activity,
    threads,
    admit,
    steps,
    followGoal: (id) => goals.follow(id),
    goOnGoal: (id) => goals.goOn(id),
  })
  const goals = createGoals({
    ...{ engine, values, activity, admit, whyDegraded, compiler, folder: config.folder, runs: opening.goingOn },
    readAgent: (agent) => readAgent(agent, { folder: config.folder, toolbox, models }),
  })
  const environments = createEnvironments({ engine, clock, health: health.look })
  const runs: RunsPort = {
    ...opening.port,
    ...runtimeArtifacts({
      engine,
      get: opening.port.get,
      root: config.folder,
      roots: config.roots,
      open: openIn(config),
    }),
  }
  const asks = runtimeAsks({ engine, activity, threads, values, budgets, admit })
  const inbox: InboxPort = { list: runtimeInbox({ view: engine.view, values }), ...asks.inbox }
  let stopped: Promise<void> | undefined

  async function stop(grace: number | undefined): Promise<void> {
    unwatch()
    health.stop()
    await opened.stop(grace)
    await Promise.all([pools.close(), models.close(), cache.close(), services.toolServices.close()])
    activity.end()
    await observing.close()
    release()
  }

  await opened.begin().catch(async (error: unknown) => {
    await stop(0)
    throw error
  })
  const status = () => ({
    pid: process.pid,
    startedAt,
    data,
    model: models.default,
    ...opened.status(),
    pools: pools.all().map((pool) => pool.stats()),
    ...cached(cache.counts()),
    active: activity.ids(),
  })
  const handOver: ServingPort['handOver'] = async (wait, signal = new AbortController().signal) => {
    if (!(await opened.rest(wait, signal))) throw stillAtWork(activity.ids())
    activity.fail(new RetryableError('The data folder is being moved to another engine.', { code: 'moving' }))
  }
  observing.count(status, () => describePools(pools))
  return {
    data,
    engine,
    pipelines: createPipelines({ engine, values, compiler, models, pool, admit, changes: forks.changes }),
    runs,
    tools: createTools({ runs: opening, toolbox, approve: config.tools?.approve ?? 'default' }),
    goals: goals.port,
    playbooks: createPlaybooks(engine),
    environments,
    threads: asks.port,
    inbox,
    access: createAccessPort({ engine, clock, runs: { ...runs, inbox } }),
    budgets,
    inspector: createInspector({
      ...{ engine, values, pools: pools.all, activity },
      describePools: () => describePools(pools),
      metrics: observing.metrics,
    }),
    maintenance: { backup: opened.backup, gc: opened.gc, cache: cacheControl(cache, models) },
    catalogue: createCatalogue({ toolbox, models }),
    status,
    observer,
    serving: { ...opening.serving, ...goals.serving, ...asks.serving, ...runtimeRequests({ engine }), handOver },
    idle: activity.idle,
    broken: activity.broken,
    async ready() {
      activity.check()
      await room.check()
      await values.check()
    },
    stop({ grace } = {}) {
      stopped ??= stop(grace)
      return stopped
    },
  }
}

// a runtime on a file does not load the cluster code
async function openEngine(parts: EngineParts): Promise<OpenedEngine> {
  const { restate } = parts.config
  if (!restate) return openOnLibsql(parts)
  const { openOnRestate } = await import('./restate.ts')
  return openOnRestate(parts, restate)
}

const cached = (cache: CacheCounts | undefined) => (cache ? { cache } : {})
