import { loadConfig } from '../../src/config/config.ts'
import type { CheckpointLimits } from '../../src/engine/libsql/log/checkpoint.ts'
import { createRuntime, type Runtime } from '../../src/runtime.ts'
import { until } from '../../src/testing/index.ts'

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

/** The thread of a journal. */
export const THREAD = 'notes'
const TEXT = 'The lighthouse on the north cape was built in 1871. Its keeper is called Ada. The lamp burns oil.'

/** Opens the runtime of a journal, which has all that it needs in its folder. */
export async function openJournal(folder: string, checkpoint?: CheckpointLimits): Promise<Runtime> {
  const config = await loadConfig({ folder, environment: {} })
  return createRuntime({ ...config, embedder: 'none' }, checkpoint ? { checkpoint } : {})
}

/** Has all happen that a journal holds: when this resolves, one run waits for a person, one is interrupted, and the others are over. */
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

/** What was said on the thread. */
export async function messagesOf(runtime: Runtime) {
  return (await runtime.threads.messages(THREAD)).map(({ role, text }) => ({ role, text }))
}
