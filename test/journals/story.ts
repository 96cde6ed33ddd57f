import { loadConfig } from '../../src/config/config.ts'
import type { CheckpointLimits } from '../../src/engine/libsql/log/checkpoint.ts'
import { createRuntime, type Runtime } from '../../src/runtime/open/create-runtime.ts'
import { until } from '../../src/testing/index.ts'
import { type ScriptedTurn, scriptedModel } from '../../src/testing/scripted-model.ts'

/** The runs of a journal, by what became of them. */
export type Runs = { readonly [name in keyof typeof PIPELINES]: string }

const PIPELINES = {
  finished: `name: finished
inputs: { word: { default: red } }
steps:
  - { id: said, action: "echo {{ word }} and {{ word }}" }
  - { id: again, action: "echo {{ said }}!" }
outputs: { last: "{{ again }}" }`,
  waiting: `name: waiting
steps:
  - { id: before, action: echo ready }
  - { id: ok, tool: approval-gate, parameters: { title: "Send {{ before }}?" } }
  - { id: after, action: "echo {{ before }} and {{ ok.approved }}" }
outputs: { last: "{{ after }}" }`,
  undone: `name: undone
on_failure: undo
steps:
  - { id: made, tool: filesystem, action: mkdir, parameters: { path: made } }
  - { id: breaks, tool: terminal, action: execute, parameters: { command: exit 3 } }`,
  loop: `name: loop
steps:
  - id: each
    for_each: [one, two, three]
    max_parallel: 2
    steps: [{ id: say, action: "echo {{ item }} {{ index }}" }]
outputs: { all: "{{ each.results }}" }`,
  interrupted: `name: interrupted
steps:
  - { id: before, action: echo done }
  - { id: sleeps, tool: terminal, action: execute, parameters: { command: sleep 60 } }`,
} as const

const MODEL = 'lab/one'

/** The thread of a journal. */
export const THREAD = 'notes'
const TEXT = 'The lighthouse on the north cape was built in 1871. Its keeper is called Ada. The lamp burns oil.'

/** The agent of a journal, its goals, and the environment that the journal holds. */
const CLERK = {
  name: 'clerk',
  description: 'Keeps notes',
  instructions: 'You keep notes.',
  tools: ['filesystem:exists', 'filesystem:append'],
  skills: [],
  model: MODEL,
}
export const GOALS = { finished: 'goal-finished', waiting: 'goal-waiting' } as const
export const ENVIRONMENT = 'harbour'

/** The rounds of the agent until the journal is written: one goal ends, the other waits for a person. */
const WRITTEN: readonly ScriptedTurn[] = [
  { match: 'Look', calls: [{ name: 'filesystem_exists', input: { path: 'log.txt' } }], times: 1 },
  { match: 'Look', reply: 'there is none' },
  { match: 'Append', calls: [{ name: 'filesystem_append', input: { path: 'log.txt', content: 'tide' } }] },
]
/** Its answer to all that follows. */
export const READ: readonly ScriptedTurn[] = [{ reply: 'appended' }]

/** Opens the runtime of a journal. All that it needs is in its folder, except the model of its agent. */
export async function openJournal(
  folder: string,
  script: readonly ScriptedTurn[] = WRITTEN,
  checkpoint?: CheckpointLimits,
): Promise<Runtime> {
  const config = await loadConfig({ folder, environment: {} })
  const models = [{ id: MODEL, cost: { input: 1, output: 1 } }]
  const parts = { models: { [MODEL]: scriptedModel(script, MODEL) }, ...(checkpoint && { checkpoint }) }
  return createRuntime({ ...config, model: 'offline/extractive', models, embedder: 'none' }, parts)
}

/** Has all happen that a journal holds: when this resolves, one run and one goal wait for a person, one run is interrupted, and the others are over. */
export async function tellStory(runtime: Runtime): Promise<Runs> {
  const ids: { [name: string]: string } = {}
  for (const [name, text] of Object.entries(PIPELINES)) ids[name] = (await runtime.runs.start({ source: { text } })).id
  const runs = ids as Runs
  const statusOf = async (name: keyof Runs) => (await runtime.runs.get(runs[name])).status
  for (const name of ['finished', 'undone', 'loop'] as const)
    await until(async () => ['completed', 'failed'].includes(await statusOf(name)))
  await until(async () => (await statusOf('waiting')) === 'waiting')
  await until(async () => (await runtime.runs.get(runs.interrupted)).steps.sleeps?.status === 'running')
  await runtime.threads.ask({ thread: THREAD, prompt: 'Who is the keeper?', texts: [{ name: 'cape.md', text: TEXT }] })
  await runtime.threads.ask({ thread: THREAD, prompt: 'When was it built?' })
  await runtime.goals.start({ agent: CLERK, goal: 'Look for the log.', id: GOALS.finished })
  await runtime.goals.start({ agent: CLERK, goal: 'Append the tide.', id: GOALS.waiting })
  await until(async () => (await runtime.goals.get(GOALS.finished)).status === 'completed')
  await until(async () => (await runtime.inbox.list({})).length === 2)
  await runtime.environments.update(ENVIRONMENT, { tide: 'low' })
  await runtime.environments.update(ENVIRONMENT, { tide: 'high', ships: 2 })
  return runs
}

/** What a run and its steps came to. */
export async function summaryOf(runtime: Runtime, run: string) {
  const { status, outputs, steps } = await runtime.runs.get(run)
  const stepsOf = Object.entries(steps).map(([id, step]) => [
    id,
    step.status,
    ...('undone' in step ? [step.undone] : []),
  ])
  return { status, outputs, steps: stepsOf }
}

/** What a journal holds beside its runs. */
export async function contentOf(runtime: Runtime) {
  const { status, answer, rounds } = await runtime.goals.get(GOALS.finished)
  const { version, state } = await runtime.environments.get(ENVIRONMENT)
  return {
    messages: await messagesOf(runtime),
    goal: { status, answer, calls: rounds.map(({ calls }) => calls.map(({ tool, outcome }) => [tool, outcome])) },
    environment: { version, state },
  }
}

/** What was said on the thread. */
export async function messagesOf(runtime: Runtime) {
  return (await runtime.threads.messages(THREAD)).map(({ role, text }) => ({ role, text }))
}
