import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentDefinition } from '../../../../src/agent/definition/definition.ts'
import type { Clock } from '../../../../src/engine/engine.ts'
import type { ScriptedTurn } from '../../../../src/testing/scripted-model.ts'
import { callsIn, fileLog, LEDGER } from '../../../chaos/kinds/log.ts'
import { openGoals } from '../folder.ts'

/** An agent whose tools note their calls outside of antiphon. Nothing waits for a person, so that only its definition bounds it. */
const PORTER: AgentDefinition = {
  name: 'porter',
  description: 'Does chores',
  instructions: 'Do the chores.',
  tools: [
    'look',
    'keep',
    'flood',
    'spill',
    'filesystem:read',
    'filesystem:write',
    'filesystem:append',
    'filesystem:edit',
  ],
  skills: [],
  approve: 'none',
}

const PLUGIN = join(import.meta.dirname, 'plugin.ts')

/** A folder with such tools, and a goal that goes on by a script until nothing is left to do. */
export async function openFaults(script: readonly ScriptedTurn[], clock?: Clock) {
  const opened = await openGoals(script, `plugins: [${JSON.stringify(PLUGIN)}]\nroots: ['.']\n`, clock ? { clock } : {})
  const { folder, runtime, path } = opened
  mkdirSync(path('agents'))
  return {
    ...opened,
    async work(agent: Partial<AgentDefinition> = {}) {
      const { id } = await runtime.goals.start({ agent: { ...PORTER, ...agent }, goal: 'Do the chores.', id: 'chores' })
      await runtime.idle()
      return runtime.goals.get(id)
    },
    /** what each call of a tool was for, in order */
    made: () => callsIn(fileLog(path(LEDGER)).read()).flatMap(({ word, label }) => (word === 'start' ? [label] : [])),
    /** the files of the project with their texts */
    files: () => textsIn(folder),
  }
}

/** The files below a folder with their texts, without those that antiphon keeps for itself. */
function textsIn(folder: string): { readonly [path: string]: string } {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const texts = found.map(({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [path.slice(folder.length + 1), path] as const
  })
  const own = texts.filter(([path]) => !path.startsWith('.antiphon') && path !== LEDGER)
  return Object.fromEntries(own.map(([name, path]) => [name, readFileSync(path, 'utf8')]))
}
