// A process to be killed, with many goals that wait for an approval; or the one after it, which lists them and takes one.
import type { AgentDefinition } from '../../src/agent/definition/definition.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { answer } from '../children.ts'
import { AGENT, configOf, MODEL } from './antiphon.ts'

/** A person approves its calls. */
const WAITING_AGENT: AgentDefinition = { ...AGENT, approve: ['add-one'] }

const usage = { input: 10, output: 1 }

/** The first answer of each goal is a call, the next one is the end. */
const model = scriptedModel([
  { match: (prompt) => !prompt.includes('"value"'), calls: [{ name: 'add-one', input: { value: 1 } }], usage },
  { reply: 'done', usage },
])

/** Goals that begin at once. */
const CLIENTS = 64

const megabytes = () => process.resourceUsage().maxRSS / 1e3

async function makeWaiting(folder: string, goals: number) {
  const runtime = await createRuntime(configOf(folder), { models: { [MODEL]: model } })
  let started = 0
  const work = async () => {
    while (started < goals) await runtime.goals.start({ agent: WAITING_AGENT, goal: 'Count.', id: `goal-${started++}` })
  }
  await Promise.all(Array.from({ length: CLIENTS }, work))
  await runtime.idle()
  return { pid: process.pid, megabytes: megabytes() }
}

/** ms from the start of this process. */
async function takeOne(folder: string) {
  const runtime = await createRuntime(configOf(folder), { models: { [MODEL]: model } })
  // as a server does
  await runtime.engine.start()
  const opened = performance.now()
  const items = await runtime.inbox.list()
  const inbox = performance.now()
  const item = items.at(-1)
  if (!item || !('run' in item)) throw new Error(`the inbox has ${items.length} items, and no call`)
  const { status } = await runtime.runs.signal(item.run, item.signal, 'approve')
  const approval = performance.now()
  if (status !== 'taken') throw new Error(`the approval is ${status}`)
  const goal = item.run.replace(/\.1$/, '')
  for await (const _ of runtime.goals.events(goal));
  const end = await runtime.goals.get(goal)
  if (end.status !== 'completed') throw new Error(`the goal is ${end.status}`)
  return { opened, inbox, approval, ended: performance.now(), items: items.length, megabytes: megabytes() }
}

answer(({ folder, goals }: { readonly folder: string; readonly goals?: number }) =>
  goals === undefined ? takeOne(folder) : makeWaiting(folder, goals),
)
