import type { Engine } from '../../../engine/engine.ts'
import type { ValueStore } from '../../../step/values.ts'
import { codeOfDefinition } from '../../context/changed-code.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { needsNoAnswer } from '../../goal/think/await-code.ts'
import { findStartOf } from '../../protocol/messages.ts'
import { goalsInFlight } from './adopt-code.ts'
import type { GoalNeeds } from './documents.ts'

/** The code that goals in flight need, by definition. Goals without code of a program are left out. */
export async function neededCodes(
  view: Engine['view'],
  values: ValueStore,
  { owner }: { readonly owner?: string } = {},
): Promise<GoalNeeds> {
  const found = new Map<string, GoalNeeds['needs'][number]>()
  for await (const { goal, agent, state } of goalsInFlight(view, owner === undefined ? {} : { owner })) {
    const start = await findStartOf(goal, view.parts)
    if (!start) continue
    const { definition: hash, ofStep } = start
    const noAnswer = needsNoAnswer(state)
    const key = `${hash} ${noAnswer}`
    const known = found.get(key)
    const definition = known?.definition ?? codeOfDefinition((await values.get(hash)) as AgentDefinition)
    if (!('bound' in definition) && !('boundOutput' in definition)) continue
    const { goals = [] } = known ?? {}
    const about = { ...(ofStep && { ofStep }), ...(noAnswer && { noAnswer }) }
    found.set(key, { agent, definition, ...about, goals: [...goals, goal] })
  }
  return { needs: [...found.values()] }
}
