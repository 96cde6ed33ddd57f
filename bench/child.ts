// Measures one thing, again and again, in a process that does nothing else.
import { type OpenGoals, openGoals } from './agent/goals.ts'
import { findGoalLoad } from './agent/loads.ts'
import { answer } from './children.ts'
import { uncountedOf } from './count/subjects.ts'
import { openLoaded } from './engine/loaded.ts'
import { LOADS, type LoadName } from './engine/loads.ts'
import type { OpenTarget } from './engine/target.ts'
import { findLoad } from './pipeline/loads.ts'
import { type OpenRuns, openRuns } from './pipeline/runs.ts'
import type { Figures, Task } from './task.ts'

/** What loads are put on. */
const TARGETS: { readonly [subject: string]: string } = {
  ceiling: './engine/ceiling.ts',
  antiphon: './engine/antiphon.ts',
  pipeline: './engine/pipeline.ts',
  'pipeline-door': './engine/pipeline.ts',
  ledger: './engine/ledger.ts',
  'ledger-direct': './engine/ledger.ts',
  node: './cluster/target.ts',
  nodes: './cluster/target.ts',
  'pipeline-node': './cluster/pipeline.ts',
  'pipeline-nodes': './cluster/pipeline.ts',
  hand: './cluster/hand-target.ts',
  'hand-plain': './cluster/hand-target.ts',
  restate: './peers/restate-target.ts',
  dbos: './peers/dbos.js',
  workflow: './workflow/target.ts',
  'workflow-message': './workflow/target.ts',
  openworkflow: './peers/openworkflow.js',
}

/** What is measured in a way of its own. */
const MEASURES: { readonly [name: string]: string } = {
  'antiphon/tell': './engine/tell.ts',
  'antiphon/memory': './engine/memory.ts',
  'antiphon/recovery': './engine/recovery.ts',
  'pipeline/step-cost': './engine/step-cost.ts',
  'pipeline/file-size': './engine/file-size.ts',
  'chain/asks': './engine/asks.ts',
  'http/asks': './http/asks.ts',
  'http/cheap': './http/cheap.ts',
  'http/starts': './http/starts.ts',
  'http/streams-of-1': './http/streams-of-1.ts',
  'http/streams-of-100': './http/streams-of-100.ts',
  'http/threads-waiting': './http/threads-waiting.ts',
  'http/threads-in-model': './http/threads-in-model.ts',
  'claimed/actors': './http/claimed.ts',
  'claimed/graph': './http/claimed.ts',
  'goals/waiting': './agent/waiting.ts',
  'call/run': './tools/call.ts',
  'call/step': './tools/call.ts',
  'sandbox/bubblewrap': './tools/sandbox.ts',
  'sandbox/quickjs': './tools/sandbox.ts',
  'sandbox/quickjs-ready': './tools/sandbox.ts',
  ...Object.fromEntries([1, 2, 4, 8].map((size) => [`pool/mixed-${size}`, './pool/mixed.ts'])),
  'nact/tell': './peers/nact.js',
  'effect/tell': './peers/effect.js',
  'xstate/tell': './peers/xstate.js',
}

/** Who does tasks in pools. */
const DOERS: { readonly [subject: string]: string } = {
  pool: './pool/antiphon.ts',
  piscina: './pool/piscina.ts',
  tinypool: './peers/tinypool.js',
  'p-queue': './peers/p-queue.js',
}

/** Who does runs of so many steps. */
const RUNNERS: { readonly [subject: string]: string } = {
  steps: './pipeline/antiphon.ts',
  'steps-process': './pipeline/antiphon.ts',
  'steps-one-by-one': './pipeline/antiphon.ts',
  langgraph: './peers/langgraph.js',
  dbos: './peers/dbos.js',
  mastra: './peers/mastra.js',
}

/** The agents that work on goals. */
const AGENTS: { readonly [subject: string]: string } = {
  goals: './agent/antiphon.ts',
  'two-steps': './agent/two-steps.ts',
  'langgraph-agent': './peers/langgraph-agent.js',
  'langgraph-sync': './peers/langgraph-agent.js',
  dbos: './peers/dbos-agent.js',
  'dbos-agent': './peers/dbos-agent/agent.js',
  mastra: './peers/mastra-agent.js',
}

let measureAgain: (() => Promise<Figures>) | undefined

answer(async (task: Task) => {
  measureAgain ??= await prepare(task)
  return measureAgain()
})

// only what is measured is loaded
async function prepare(task: Task): Promise<() => Promise<Figures>> {
  const [subject, load] = task.name.split('/') as [string, string]
  const own = MEASURES[task.name] ?? DOERS[subject]
  if (own !== undefined) {
    const { measure } = await import(own)
    return () => measure(task)
  }
  const runs = findLoad(load)
  if (runs && subject === 'compile') return (await import('./pipeline/compile.ts')).openCompiler(runs, task)
  if (runs) {
    const runner: { readonly openRuns: OpenRuns } = await import(RUNNERS[subject]!)
    return openRuns(runner.openRuns, runs, task)
  }
  const goals = findGoalLoad(load)
  if (goals) {
    const agent: { readonly openGoals: OpenGoals } = await import(AGENTS[uncountedOf(subject)]!)
    return openGoals(agent.openGoals, goals, task)
  }
  const { openTarget }: { readonly openTarget: OpenTarget } = await import(TARGETS[uncountedOf(subject)]!)
  return openLoaded(openTarget, LOADS[load as LoadName], task)
}
