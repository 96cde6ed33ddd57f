import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../kernel/schema.ts'
import type { EffectCall } from '../../kernel/types.ts'
import { NEEDS_HANDS } from '../../worker/work-pool.ts'
import type { AgentServices } from '../services.ts'
import { NoPlaybook } from './learn/completed-goal.ts'
import { matchForm } from './learn/form.ts'
import { playbookOf } from './learn/playbook-of.ts'
import type { LearnedPlaybook } from './learned.ts'

/** The result of learning: a playbook, or the reason why there is none. */
export type Learning = { readonly learned: LearnedPlaybook } | { readonly reason: string }

/** Learns from a goal in the pool of steps, behind all work that somebody waits for. */
export function learnInPool(
  services: AgentServices,
  goal: string,
  { signal, idempotencyKey: key }: EffectCall,
): Promise<Learning> {
  const { pool } = services.pools.find({ phase: 'step', modality: 'text' })
  const run = () => learn(services, goal)
  return pool.submit({ signal, key, share: goal, needs: NEEDS_HANDS, priority: 'low', run })
}

/** A playbook is kept only if it makes the same calls again when it is rehearsed over the recorded results. */
async function learn({ learning }: AgentServices, id: string): Promise<Learning> {
  const done = await learning.readCompleted(id)
  if ('lacks' in done) return { reason: done.lacks }
  const { goal, definition } = done
  try {
    const { form, document, steps } = playbookOf(goal)
    const inputs = matchForm(form, goal.goal)
    if (!inputs) return { reason: 'its values cannot be told apart from its words' }
    const calls = goal.calls.filter(({ outcome }) => outcome === 'succeeded')
    const results = Object.fromEntries(steps.map(({ id: step, call }) => [step, calls[call]!.result]))
    const rehearsal = await learning.rehearse(document, { inputs, results, definition })
    if ('lacks' in rehearsal) return { reason: rehearsal.lacks }
    const same = steps.every(({ id: step, call }) => isSameCall(rehearsal.calls[step], calls[call]!))
    const effects = calls.filter(({ isPure }) => !isPure).length
    const repeated = steps.filter(({ call }) => !calls[call]!.isPure).length
    if (!same || effects !== repeated) return { reason: 'the playbook would not make the same calls' }
    return { learned: { form, document, instructions: digestOf(definition) } }
  } catch (error) {
    if (error instanceof NoPlaybook) return { reason: error.message }
    throw error
  }
}

function isSameCall(
  made: { readonly tool: string; readonly parameters: Json } | undefined,
  { tool, parameters }: { readonly tool: string; readonly parameters: Json },
): boolean {
  return made !== undefined && made.tool === tool && isDeepStrictEqual(made.parameters, parameters)
}

/** The digest of the instructions of an agent. */
export const digestOf = ({ instructions }: { readonly instructions: string }): string =>
  hash('sha256', instructions).slice(0, 16)
