import type { Config } from '../../config/config.ts'
import type { Engine } from '../../engine/engine.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import { createThreads } from '../../thread/room/follow-threads.ts'
import type { Activity } from '../../work/activity.ts'
import type { Admit } from '../../work/admission.ts'
import { createGoals } from '../agents/goals.ts'
import { resumeForCode } from '../agents/resume-for-code.ts'
import { resumeForSettings, tryOtherSettings } from '../agents/resume-for-settings.ts'
import { openStoredAgents } from '../agents/stored-agents.ts'
import { createCompiler } from '../pipelines/compiler.ts'
import { findUploaded } from '../pipelines/uploads.ts'
import type { RunsPort } from '../ports/runs.ts'
import { runtimeArtifacts } from '../runs/artifacts.ts'
import { runtimeForks } from '../runs/fork.ts'
import { runtimeRuns } from '../runs/runs.ts'
import { openIn } from '../services/open-folders.ts'
import type { Services } from './services.ts'

export type WorkParts = {
  readonly config: Config
  readonly services: Services
  /** the services of steps */
  readonly steps: PipelineServices
  readonly engine: Engine
  readonly activity: Activity
  readonly admit: Admit
  whyDegraded(): Promise<string>
}

/** The work of a runtime: its runs, goals and threads, each of which may start and wait for the others. */
export function createWork({ config, services, steps, engine, activity, admit, whyDegraded }: WorkParts) {
  const { folder, roots } = config
  const { values, toolbox, models } = services
  const compiler = createCompiler({
    values,
    toolbox,
    openTools: config.serve?.tools ?? [],
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
  async function resumeGoal(id: string): Promise<void> {
    await engine.start({ only: id })
    await goals.goOn(id)
    await openRuns.goingOn.goOnAboveGoal(id)
  }
  return {
    compiler,
    threads,
    forks,
    openRuns,
    runs,
    agents: stored.port,
    goals,
    resumeForCode: () => resumeForCode({ engine, toolbox, resumeRun: runs.resume, resumeGoal }),
    resumeForSettings: () => resumeForSettings({ engine, resumeGoal }),
  }
}
