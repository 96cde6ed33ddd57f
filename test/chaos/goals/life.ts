import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { GoalDocument } from '../../../src/runtime/ports/goals.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a data folder that works on the goal, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

/** The goal of all processes. */
export const GOAL = 'chores'

/** The file of a folder's every flush, and of every call of the model. */
export const WITNESS = 'witness'
export const THOUGHTS = 'thoughts'

const AGENT: AgentDefinition = {
  name: 'porter',
  description: 'Does chores',
  instructions: 'Do the chores.',
  tools: ['look', 'book', 'keep', 'post', 'crumble'],
  skills: [],
  approve: ['post'],
  onUnknown: 'tell',
}

const ask = (tool: string, v: string) => ({ name: tool, input: { of: 'goal', v } })

/** The rounds of the goal: calls side by side of all classes, one that waits for a person, and one that fails. */
const ROUNDS = [
  [ask('look', 'seen'), ask('book', 'booked'), ask('keep', 'kept')],
  [ask('post', 'sent')],
  [ask('crumble', 'fails'), { name: 'no_such_tool', input: {} }],
]

/** A model that goes by what it was told so far. It writes down each call, so that nobody is paid twice unseen. */
function porter(folder: string): LanguageModelV4 {
  const usage = { input: 10, output: 1 }
  return {
    ...scriptedModel([]),
    async doGenerate(options: LanguageModelV4CallOptions) {
      const round = options.prompt.filter(({ role }) => role === 'tool').length
      appendFileSync(join(folder, THOUGHTS), `${round + 1}\n`)
      const calls = ROUNDS[round]
      const turn = calls ? { calls, usage } : { reply: 'done', usage }
      return scriptedModel([turn]).doGenerate(options)
    },
  }
}

/** Works on the goal in this process, approves what waits, and resolves with the goal as it is then. */
export async function live({ folder, kill }: Life): Promise<GoalDocument> {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    {
      openDatabase: (options) => openWitnessed(options, notes, kill),
      models: { 'lab/one': porter(folder) },
      notice: () => {},
    },
  )
  try {
    await runtime.goals.start({ agent: AGENT, goal: 'Do the chores.', id: GOAL })
    await runtime.idle()
    for (const item of await runtime.inbox.list()) {
      if (!('run' in item)) throw new Error(`the goal waits: ${item.title}`)
      await runtime.runs.signal(item.run, item.signal, 'approve')
    }
    await runtime.idle()
    return await runtime.goals.get(GOAL)
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** The rounds that the model was asked for, in order. */
export const thoughtsIn = (folder: string): readonly number[] => linesIn(join(folder, THOUGHTS)).map(Number)

export const flushesIn = (folder: string): number => linesIn(join(folder, WITNESS)).length

const linesIn = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])
