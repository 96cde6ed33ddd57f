import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../kernel/schema.ts'
import type { EffectCall } from '../../kernel/types.ts'
import { NEEDS_HANDS } from '../../worker/work-pool.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import { NoPlaybook } from './learn/completed-goal.ts'
import { matchForm } from './learn/form.ts'
import { playbookOf } from './learn/playbook-of.ts'
import type { LearnedPlaybook } from './learned.ts'
import type { PlaybookServices } from './services.ts'

/** The result of learning: a playbook and whether it may be used at once, or the reason why there is none. */
export type Learning = { readonly learned: LearnedPlaybook; readonly isUsable: boolean } | { readonly reason: string }

/** Learns from a goal in the pool of steps, behind all work that somebody waits for. */
export function learnInPool(
  services: PlaybookServices,
  goal: string,
  { signal, idempotencyKey: key }: EffectCall,
): Promise<Learning> {
  const { pool } = services.pools.find({ phase: 'step', modality: 'text' })
  const run = () => learn(services, goal)
  return pool.submit({ signal, key, share: goal, needs: NEEDS_HANDS, priority: 'low', run })
}

/** A playbook is kept only if it makes the same calls again when it is rehearsed over the recorded results. */
async function learn({ learning }: PlaybookServices, id: string): Promise<Learning> {
  const done = await learning.readCompleted(id)
  if ('lacks' in done) return { reason: done.lacks }
  const { goal, definition } = done
  try {
    const { form, document, steps, calls, isCertain } = playbookOf(goal)
    const inputs = matchForm(form, goal.goal)
    if (!inputs) return { reason: 'its values cannot be told apart from its words' }
    const results = Object.fromEntries(steps.map(({ id: step, call }) => [step, goal.calls[call]!.result]))
    const rehearsal = await learning.rehearse(document, { inputs, results, definition })
    if ('lacks' in rehearsal) return { reason: rehearsal.lacks }
    const same = steps.every(({ id: step, call }) => isSameCall(rehearsal.calls[step], goal.calls[call]!))
    if (!same) return { reason: 'the playbook would not make the same calls' }
    const digests = { instructions: digestOf(definition), surroundings: surroundingsOf(definition) }
    return { learned: { form, document, ...digests, calls }, isUsable: isCertain && definition.learn === 'on' }
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

/** The digest of everything else that the model of an agent has before its first call. */
export function surroundingsOf({ description, project, skills, model, agents }: AgentDefinition): string {
  return hash('sha256', JSON.stringify([description, project, skills, model, agents])).slice(0, 16)
}

/** The digest of a playbook. Playbooks that differ in anything have different digests. */
export const digestOfLearned = ({ form, document, instructions, surroundings }: LearnedPlaybook): string =>
  hash('sha256', JSON.stringify([form, document, instructions, surroundings])).slice(0, 8)
