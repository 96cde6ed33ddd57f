import { mkdirSync } from 'node:fs'
import type { Clock } from '../../../src/engine/engine.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { answer, openGoals } from '../goal/folder.ts'

/** A team of agents: each name with the lines of its front matter. The project has their files. */
export type Team = { readonly [name: string]: readonly string[] }

/** A lead, who may ask the others. */
export const TEAM: Team = {
  lead: ['description: Leads', 'tools: Read', 'agents: [reviewer, writer]'],
  reviewer: ['description: Reviews texts', 'tools: Read', 'agents: [writer, lead]'],
  writer: ['description: Writes texts', 'tools: [filesystem:read, filesystem:append]', 'agents: [lead]'],
}

/** A folder with a team whose models follow one script, turn by turn. */
export async function openTeam(script: readonly ScriptedTurn[], team: Team = TEAM, yaml = '', clock?: Clock) {
  const opened = await openGoals(script, yaml, clock && { clock })
  mkdirSync(opened.path('agents'))
  for (const [name, lines] of Object.entries(team))
    opened.write(`agents/${name}.md`, ['---', ...lines, '---', `You are the ${name}.`].join('\n'))
  return opened
}

/** The model answers once. */
export const once = (reply: string): ScriptedTurn => ({ ...answer(reply), times: 1 })
