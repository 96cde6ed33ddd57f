import type { Json } from '../../kernel/schema.ts'
import type { GoalStartPart } from '../protocol/start.ts'
import type { GoalState } from '../protocol/state.ts'
import { fixedCharacters, matchForm } from './learn/form.ts'
import { digestOf, surroundingsOf } from './learn-playbook.ts'
import type { PlaybookServices } from './services.ts'

/** A learned playbook for a goal, and the message that starts its run. */
export type Recalled = { readonly id: string; readonly start: { readonly [field: string]: Json } }

/**
 * The learned playbook whose goal has the same form; null when there is none. If several have it, the most special one
 * counts.
 * One that does more than the definition of this goal allows, or that was learned under other instructions, is not
 * used. Neither is one that waits for a person.
 */
export async function recallPlaybook(
  { learning, readDefinition }: PlaybookServices,
  { agent, owner }: GoalState,
  { goal, definition: hash, learn }: GoalStartPart,
): Promise<Recalled | null> {
  if (learn === undefined) return null
  const matching = (await learning.readUsable(agent, owner)).flatMap(({ id, form, verdict }) => {
    if (verdict !== 'accepted' && learn !== 'on') return []
    const inputs = matchForm(form, goal)
    return inputs ? [{ id, inputs, fixed: fixedCharacters(form), isAccepted: verdict === 'accepted' }] : []
  })
  if (matching.length === 0) return null
  const definition = await readDefinition(hash)
  for (const { id, inputs } of matching.toSorted(bySpecial)) {
    const learned = await learning.readPlaybook(id, owner)
    if (learned?.instructions !== digestOf(definition)) continue
    if (learned.surroundings !== undefined && learned.surroundings !== surroundingsOf(definition)) continue
    const prepared = await learning.prepare(learned.document, { inputs, definition })
    if ('start' in prepared) return { id, start: prepared.start }
  }
  return null
}

type Match = { readonly fixed: number; readonly isAccepted: boolean }

/** The most specific form comes first. Among equal forms, an accepted playbook comes first. */
const bySpecial = (one: Match, other: Match) =>
  other.fixed - one.fixed || Number(other.isAccepted) - Number(one.isAccepted)
