import type { Engine } from '../../../engine/engine.ts'
import type { ValueStore } from '../../../run/values.ts'
import { codeOfDefinition } from '../../context/changed-code.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { findStartOf } from '../../protocol/start.ts'
import { goalsInFlight } from './adopt-code.ts'
import type { GoalNeeds } from './documents.ts'

/** The code that goals in flight need, by definition. Goals without code of a program are left out. */
export async function neededCodes(
  view: Engine['view'],
  values: ValueStore,
  { owner }: { readonly owner?: string } = {},
): Promise<GoalNeeds> {
  const found = new Map<string, GoalNeeds['needs'][number]>()
  for await (const { goal, agent } of goalsInFlight(view, owner === undefined ? {} : { owner })) {
    const start = await findStartOf(goal, view.parts)
    if (!start) continue
    const { definition: hash, ofStep } = start
    const known = found.get(hash)
    const definition = known?.definition ?? codeOfDefinition((await values.get(hash)) as AgentDefinition)
    if (!('bound' in definition) && !('boundOutput' in definition)) continue
    const { goals = [] } = known ?? {}
    found.set(hash, { agent, definition, ...(ofStep && { ofStep }), goals: [...goals, goal] })
  }
  return { needs: [...found.values()] }
}
