import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { GoalDocument } from '../../../src/agent/room/goals/port.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'
import { unansweredIn } from '../../agent/context/unanswered.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a data folder that works on the goals, and when it dies; `asks`: an unknown outcome is asked of a person. */
export type Life = { readonly folder: string; readonly kill?: Kill; readonly asks?: true }

/** The goals as they are at the end: the first one, the one that took it over, and one that fails. */
export type Lived = { readonly chores: GoalDocument; readonly closed: GoalDocument; readonly move: GoalDocument }

/** The file of a folder's every flush, and of every call of the model. */
const WITNESS = 'witness'
const THOUGHTS = 'thoughts'

const SETTINGS = {
  model: 'lab/one',
  models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
  plugins: [join(import.meta.dirname, '../kinds/plugin.ts')],
  roots: ['.'],
  writes: ['.'],
}

const CLOSER = `---
description: Finishes chores
tools: [look, keep, post, filesystem:read]
approve: none
on_unknown: tell
---
You are the closer.`

const PORTER: AgentDefinition = {
  name: 'porter',
  description: 'Does chores',
  instructions: 'You are the porter.',
  tools: ['look', 'book', 'keep', 'post', 'stumble', 'crumble', 'filesystem:write', 'filesystem:append'],
  skills: [],
  agents: [{ name: 'closer' }],
  approve: ['post'],
  onUnknown: 'tell',
}

const MOVER: AgentDefinition = {
  name: 'mover',
  description: 'Moves things',
  instructions: 'You are the mover.',
  tools: ['book', 'keep', 'filesystem:write'],
  skills: [],
  approve: 'none',
  onFailure: 'undo',
}

/** A folder with the settings and the agents of all processes. */
export function makeFolder(folder: string): string {
  mkdirSync(join(folder, 'agents'), { recursive: true })
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(SETTINGS))
  writeFileSync(join(folder, 'agents/closer.md'), CLOSER)
  return folder
}

const ask = (tool: string, v: string, more = {}) => ({ name: tool, input: { of: 'goal', v, ...more } })
const write = (path: string, content: string) => ({ name: 'filesystem_write', input: { path, content } })

/** The calls of each agent by rounds, and its last turn. */
const SCRIPTS: { readonly [agent: string]: readonly ScriptedTurn[] } = {
  porter: [
    { calls: [ask('look', 'seen'), ask('book', 'booked'), ask('keep', 'kept')] },
    { calls: [ask('post', 'sent')] },
    { calls: [ask('crumble', 'fails'), { name: 'no_such_tool', input: {} }] },
    { calls: [write('a.txt', 'one'), write('b.txt', 'two')] },
    { calls: [ask('look', 'left'), ask('look', 'right')] },
    { calls: [ask('stumble', 'stumbled', { fails: 1 })] },
    { calls: [{ name: 'filesystem_append', input: { path: 'log.txt', content: 'x' } }] },
    { calls: [{ name: 'hand_off_closer', input: { note: 'The rest is yours.' } }] },
  ],
  closer: [
    { calls: [{ name: 'filesystem_read', input: { path: 'a.txt' } }, ask('look', 'again')] },
    { calls: [ask('keep', 'closed')] },
    { calls: [ask('post', 'told')] },
    { reply: 'done' },
  ],
  mover: [
    { calls: [ask('book', 'moved'), write('a.txt', 'moved')] },
    { calls: [write('c.txt', 'new'), ask('keep', 'stays')] },
    { finish: 'content-filter', reply: '' },
  ],
}

/** What the model is asked for in a life without a kill, in order. */
export const ALL_THOUGHTS = Object.entries(SCRIPTS).flatMap(([agent, turns]) =>
  turns.map((_, round) => `${agent} ${round + 1}`),
)

/** A model that goes by what it was told so far. It writes down each call, so that nobody is paid twice unseen. */
function modelIn(folder: string): LanguageModelV4 {
  return {
    ...scriptedModel([]),
    async doGenerate(options: LanguageModelV4CallOptions) {
      const [, agent = ''] = /You are the (\w+)\./.exec(JSON.stringify(options.prompt)) ?? []
      const round = options.prompt.filter(({ role }) => role === 'tool').length
      const thought = `${agent} ${round + 1}\n`
      appendFileSync(join(folder, THOUGHTS), thought)
      appendFileSync(join(folder, LEDGER), `thought ${thought}`)
      if (unansweredIn(options).length > 0) throw new Error('a call of the request has no result')
      const turn = SCRIPTS[agent]![round]!
      return scriptedModel([{ ...turn, usage: { input: 10, output: 1 } }]).doGenerate(options)
    },
  }
}

/** Works on the goals in this process, answers what waits, and resolves with the goals as they are then. */
export async function live({ folder, kill, asks }: Life): Promise<Lived> {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    {
      openDatabase: (options) => openWitnessed(options, notes, kill),
      models: { 'lab/one': modelIn(folder) },
      notice: () => {},
    },
  )
  try {
    const agent: AgentDefinition = asks ? { ...PORTER, onUnknown: 'ask' } : PORTER
    await runtime.goals.start({ agent, goal: 'Do the chores.', id: 'chores' })
    await untilNobodyWaits(runtime, folder)
    await runtime.goals.start({ agent: MOVER, goal: 'Move.', id: 'move' })
    await runtime.idle()
    const [chores, move] = await Promise.all([runtime.goals.get('chores'), runtime.goals.get('move')])
    return { chores, closed: await runtime.goals.get(chores.handedTo!.goal), move }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** The result that a person gives to a call that was made. */
export const LOOKED = 'It was made.'

/** A person approves each call, and looks after each that may have been made or not. */
async function untilNobodyWaits(runtime: ServedRuntime, folder: string): Promise<void> {
  for (;;) {
    await runtime.idle()
    const [item] = await runtime.inbox.list()
    if (!item) return
    if ('run' in item && item.kind === 'unknown') {
      const isMade = /^start .* goal sent$/m.test(readFileSync(join(folder, LEDGER), 'utf8'))
      const settlement = isMade ? { outcome: 'done' as const, result: LOOKED } : { outcome: 'not-done' as const }
      await runtime.goals.settle('chores', item.step, settlement)
    } else if ('run' in item) await runtime.runs.signal(item.run, item.signal, 'approve')
    else throw new Error(`it waits: ${item.title}`)
  }
}

/** The agents and rounds that the model was asked for, in order. */
export const thoughtsIn = (folder: string): readonly string[] => linesIn(join(folder, THOUGHTS))

export const flushesIn = (folder: string): number => linesIn(join(folder, WITNESS)).length

const linesIn = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])
