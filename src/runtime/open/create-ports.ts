import { PUBLIC, publicOwner } from '../../commons/share.ts'
import type { Config } from '../../config/config.ts'
import type { Clock, Engine } from '../../engine/engine.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import { type Ownership, sortOwnership } from '../../rooms/owned.ts'
import type { House } from '../../rooms/room.ts'
import { forgetByRooms, openRooms } from '../../rooms/rooms.ts'
import { createAccessPort, runtimeRequests } from '../access/access.ts'
import { knownKeys } from '../access/keys.ts'
import type { Activity } from '../activity/activity.ts'
import type { Admit } from '../activity/admission.ts'
import { createGoals } from '../agents/goals.ts'
import { resumeForCode } from '../agents/resume-for-code.ts'
import { resumeForSettings, tryOtherSettings } from '../agents/resume-for-settings.ts'
import { openStoredAgents } from '../agents/stored-agents.ts'
import { isPaidModel } from '../budgets/unbounded.ts'
import { createConversations } from '../conversations/conversations.ts'
import { itemsBelow, runtimeInbox } from '../inbox/inbox.ts'
import { forgetWork } from '../maintenance/retention/runs.ts'
import { createCompiler } from '../pipelines/compiler.ts'
import { createPipelines } from '../pipelines/pipelines.ts'
import { findUploaded } from '../pipelines/uploads.ts'
import type { InboxPort } from '../ports/inbox.ts'
import type { RunsPort } from '../ports/runs.ts'
import { runtimeArtifacts } from '../runs/artifacts.ts'
import { createTools } from '../runs/calls.ts'
import { runtimeForks } from '../runs/fork.ts'
import { runtimeRuns } from '../runs/runs.ts'
import { createCatalogue } from '../services/catalogue.ts'
import { openIn } from '../services/open-folders.ts'
import { pathOpener } from '../services/open-path.ts'
import { STEPS } from '../services/pools.ts'
import { runtimeAsks } from '../threads/asks.ts'
import { threadChanges } from '../threads/change.ts'
import { createThreads } from '../threads/threads.ts'
import type { Services } from './services.ts'

type Parts = {
  readonly config: Config
  readonly services: Services
  /** the services of steps */
  readonly steps: PipelineServices
  readonly engine: Engine
  readonly clock: Clock
  readonly activity: Activity
  readonly admit: Admit
  readonly health: House['health']
  readonly secret: House['secret']
  readonly encoder: House['encoder']
  readonly cleaning: House['cleaning']
  readonly ownership: readonly Ownership[]
  readonly trustedNow: House['trustedNow']
  /** Removes cached replies to an owner; resolves with their number. */
  dropCached(owner: string): Promise<number>
  whyDegraded(): Promise<string>
}

export type OpenPorts = ReturnType<typeof createPorts>

/** The ports of a runtime that work through its engine, with operations for its steps and its server. */
export function createPorts(parts: Parts) {
  const { config, services, steps, engine, clock, activity, admit, health, secret, encoder, cleaning, whyDegraded } =
    parts
  const { folder, roots } = config
  const openTools = config.serve?.tools ?? []
  const { values, toolbox, models, pools } = services
  const compiler = createCompiler({
    values,
    toolbox,
    openTools,
    models,
    roots,
    project: folder,
    findUploaded: (name, owner) => findUploaded(engine, name, owner),
    agentsWithoutFile: (owner) => stored.names(owner),
  })
  async function takeUpGoal(id: string): Promise<void> {
    await tryOtherSettings(engine, id)
    await goals.goOn(id)
  }
  const threads = createThreads({
    engine,
    activity,
    goals: { untilRest: (goal) => goals.untilRest(goal), goOn: takeUpGoal },
    untilRunRests: (run) => openRuns.goingOn.untilRest(run),
  })
  const known = knownKeys({ engine, clock })
  const house: House = {
    config,
    engine,
    clock,
    trustedNow: parts.trustedNow,
    ...(encoder && { encoder }),
    health,
    inbox: (query) => inbox.list(query),
    secret,
    ...(cleaning && { cleaning }),
    owned() {
      const { forget } = forgetByRooms(rooms)
      return {
        ...sortOwnership(parts.ownership),
        async forget(owner, options) {
          const counts = await forget(owner, options)
          // the actors of its keys are gone, and the last of these calls is after that
          if (!options.dryRun) known.forgetAll()
          return options.dryRun ? counts : { ...counts, 'cached replies': await parts.dropCached(owner) }
        },
      }
    },
    checkOwner: (owner = LOCAL_OWNER) => rooms.erasures.check(owner),
    resumeErasures: () => rooms.erasures.resume(),
    web: () => services.toolServices.web(),
    openPath: pathOpener(folder, steps),
    async statusOfAsk(ask) {
      const thread = await asks.serving.threadOfAsk(ask)
      return thread === undefined ? undefined : (await asks.port.getAsk(thread, ask)).status
    },
    goOn: (of) => ('run' in of ? runs.resume(of.run) : threads.takeUp(of.thread)),
  }
  const rooms = openRooms(house)
  const forks = runtimeForks({ engine, values, models, compiler })
  const openRuns = runtimeRuns({
    engine,
    values,
    compiler,
    forks,
    activity,
    threads,
    admit,
    steps,
    followGoal: (id) => goals.follow(id),
    goOnGoal: takeUpGoal,
  })
  const stored = openStoredAgents({ engine, values, admit, config, agents: services.agents })
  const goals = createGoals({
    engine,
    values,
    activity,
    admit,
    whyDegraded,
    compiler,
    folder,
    runs: openRuns.goingOn,
    closeFiles: services.loaded.add,
    readAgent: stored.readAgent,
    fitContext: services.agents.fitContext,
  })
  const runs: RunsPort = {
    ...openRuns.port,
    ...runtimeArtifacts({ engine, get: openRuns.port.get, root: folder, roots, open: openIn(config) }),
  }
  const waiting = { view: engine.view, values }
  const asks = runtimeAsks({
    engine,
    activity,
    threads,
    values,
    budgets: rooms.budgets,
    models,
    toolbox,
    openTools,
    ...(config.ledger && { ledger: rooms.ledger }),
    ...(config.ledger?.sharing && { sharing: rooms.priors.sharing }),
    itemsBelow: (of) => itemsBelow(waiting, of),
    memory: rooms.memory,
    remember: config.memory?.remember ?? false,
    admit,
  })
  const conversations = createConversations({
    engine,
    activity,
    admit,
    threads,
    goals: { prepare: goals.prepare, cancel: goals.port.cancel },
  })
  const inbox: InboxPort = { list: runtimeInbox(waiting, rooms.memory), ...asks.inbox }
  const { pool } = pools.find(STEPS)
  const checkName = (owner: string) => {
    if (owner === PUBLIC && config.ledger?.sharing) throw publicOwner()
  }
  async function resumeGoal(id: string): Promise<void> {
    await engine.start({ only: id })
    await goals.goOn(id)
    await openRuns.goingOn.goOnAboveGoal(id)
  }
  return {
    pipelines: createPipelines({ engine, values, compiler, models, pool, admit, changes: forks.changes }),
    runs,
    tools: createTools({ runs: openRuns, values, toolbox, openTools, approve: config.tools?.approve ?? 'default' }),
    agents: stored.port,
    goals: goals.port,
    ...rooms,
    recordCitation: rooms.priors.recordCitation,
    threads: { ...asks.port, ...threadChanges(engine, (work) => forgetWork(engine, clock, work)) },
    conversations,
    inbox,
    access: createAccessPort({
      engine,
      clock,
      runs: { ...runs, inbox },
      known,
      checkOwner: house.checkOwner,
      checkName,
    }),
    catalogue: createCatalogue(services),
    serving: {
      checkName,
      ...openRuns.serving,
      ...goals.serving,
      ...asks.serving,
      ...runtimeRequests({ engine, checkOwner: house.checkOwner }),
      isPaid: (model?: string) => isPaidModel(models, model),
    },
    house,
    forSteps: { openThread: threads.open, orderGoal: goals.orderGoal },
    resumeForCode: () => resumeForCode({ engine, toolbox, resumeRun: runs.resume, resumeGoal }),
    resumeForSettings: () => resumeForSettings({ engine, resumeGoal }),
  }
}
