import { openStoredAgents } from '../../agent/room/agents/stored-agents.ts'
import { type AdoptCode, codeAdopter } from '../../agent/room/code/adopt-code.ts'
import { codeLooker } from '../../agent/room/code/look-at-code.ts'
import { resumeForCode } from '../../agent/room/code/resume-for-code.ts'
import { agentNames } from '../../agent/room/files/agent-names.ts'
import { createGoals } from '../../agent/room/goals/open-port.ts'
import type { RequestServices } from '../../agent/room/goals/read-request.ts'
import { resumeForSettings, tryOtherSettings } from '../../agent/room/goals/resume-for-settings.ts'
import type { StoredFiles } from '../../agent/room/message-files.ts'
import { linksOf } from '../../inbox/room/waits-for.ts'
import { openPipelineWork } from '../../pipeline/room/open-work.ts'
import { asBegun } from '../../run/room/later.ts'
import type { ExplainRun } from '../../run/room/list/list.ts'
import { openRuns } from '../../run/room/open-port.ts'
import { openReading } from '../../run/room/report/reading.ts'
import { createRest } from '../../run/room/rest.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { createThreads } from '../../thread/room/follow-threads.ts'
import type { Admit } from '../../work/activity.ts'
import { compileThread } from '../services/compile-thread.ts'
import { openIn } from '../services/open-folders.ts'
import type { HouseParts } from './create-house.ts'
import { LANGUAGES } from './languages.ts'
import type { OpenedEngine } from './parts.ts'

export type WorkParts = Pick<HouseParts, 'config' | 'services' | 'steps' | 'engine' | 'clock' | 'activity'> & {
  readonly ofGoals: RequestServices
  readonly admit: Admit
  whyDegraded(): Promise<string>
  explain: ExplainRun
  readonly changes: OpenedEngine['changes']
  /** the port of files, which opens later */
  files(): StoredFiles
}

/** The work of a runtime: its runs, goals and threads, each of which may start and wait for the others. */
export function createWork({
  config,
  services,
  steps,
  ofGoals,
  engine,
  clock,
  activity,
  admit,
  whyDegraded,
  explain,
  changes,
  files,
}: WorkParts) {
  const { folder, roots } = config
  const { values, toolbox, models } = services
  const view = asBegun(engine.view, Object.assign({}, ...LANGUAGES.map(({ before }) => before)))
  const pipelines = openPipelineWork({
    engine,
    view,
    steps,
    values,
    toolbox,
    openTools: config.serve?.tools ?? [],
    models,
    roots,
    project: folder,
    strategies: Object.keys(services.strategies),
    thread: compileThread,
    agentNames: () => agentNames(folder),
    agentsWithoutFile: (owner) => stored.names(owner),
  })
  const takeUpGoal = (id: string): Promise<void> => tryOtherSettings(engine, id).then(() => goals.goOn(id))
  const threads = createThreads({
    engine,
    activity,
    goals: { untilRest: (goal) => goals.untilRest(goal), goOn: takeUpGoal },
    untilRunRests: (run) => runsHere.goingOn.untilRest(run),
  })
  const { compiler, forks } = pipelines
  const reading = { view, values, steps, pipelines }
  const executors = Object.fromEntries(LANGUAGES.map(({ name, executor }) => [name, executor(reading)]))
  const executor = openReading({ view, values, executors, reach: { roots, open: openIn(config) } })
  const rest = createRest(engine.view, linksOf(engine.view))
  const runsHere = openRuns({
    engine,
    clock,
    values,
    executor,
    rest,
    activity,
    admit,
    root: folder,
    files: {
      resolve: (ids, by) => files().resolve(ids, by),
      copyUses: (uses, of) => files().copyUses(uses, of),
    },
    explain,
    isQueued: (call) => services.pools.all().some((pool) => pool.placeOf(call) !== undefined),
    ...(changes && { table: { path: placesIn(config.data).runs, ...changes } }),
    goOnThread: (thread) => threads.takeUp(thread),
    followGoal: (id) => goals.follow(id),
    goOnGoal: takeUpGoal,
  })
  const stored = openStoredAgents({ engine, values, admit, config, agents: services.agents })
  const adoption: AdoptCode = codeAdopter({
    engine,
    values,
    toolbox,
    lookAtCode: codeLooker(services.agents, values),
    runs: runsHere.port,
    resumeGoal,
  })
  const goals = createGoals({
    engine,
    clock,
    services: ofGoals,
    adoption,
    values,
    activity,
    admit,
    files,
    whyDegraded,
    compiler,
    folder,
    runs: runsHere.goingOn,
    rest,
    closeFiles: services.loaded.add,
    readAgent: stored.readAgent,
    agents: services.agents,
    rules: services.rules.names,
  })
  async function resumeGoal(id: string): Promise<void> {
    await engine.start({ only: id })
    await goals.goOn(id)
    await runsHere.goingOn.goOnAboveGoal(id)
  }
  return {
    compiler,
    threads,
    forks,
    openRuns: runsHere,
    rest,
    agents: stored.port,
    goals,
    costOfRun: async (run: string) => (await executor.progress(run))?.usage?.cost,
    resumeForCode: (notice?: (line: string) => void) =>
      resumeForCode({ engine, toolbox, resumeRun: runsHere.port.resume, resumeGoal, adoption, notice }),
    resumeForSettings: () => resumeForSettings({ engine, resumeGoal }),
  }
}
