import { expect, test } from 'vitest'
import { type CompletedGoal, NoPlaybook } from '../../../src/agent/playbook/learn/completed-goal.ts'
import { matchForm } from '../../../src/agent/playbook/learn/form.ts'
import { type MadePlaybook, playbookOf } from '../../../src/agent/playbook/learn/playbook-of.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createRehearsals } from '../../../src/runtime/agents/rehearse.ts'
import { fc, runs } from '../../property.ts'
import { act, cases, goalOf, INSTRUCTIONS, type Mind, STORE } from './scripted-minds.ts'

const { rehearse } = createRehearsals({ toolbox: STORE, findModel: () => undefined })
const definition = {
  ...{ name: 'keeper', description: 'Keeps the store', instructions: INSTRUCTIONS, tools: ['store'], skills: [] },
  approve: 'none' as const,
}

/** The playbook of a goal; undefined: it teaches nothing. */
function learn(goal: CompletedGoal): MadePlaybook | undefined {
  try {
    return playbookOf(goal)
  } catch (error) {
    if (error instanceof NoPlaybook) return undefined
    throw error
  }
}

const callsOf = ({ calls }: CompletedGoal) => calls.map(({ tool, parameters }) => ({ tool, parameters }))
const acts = ({ calls }: CompletedGoal) => calls.some(({ tool }) => /write|order|flag/.test(tool))

/** The calls of a playbook that reads no results. */
async function follow({ document, form }: MadePlaybook, goal: string) {
  const inputs = matchForm(form, goal)
  if (!inputs) return undefined
  const rehearsal = await rehearse(document, { inputs, results: {} as { [step: string]: Json }, definition })
  if ('lacks' in rehearsal) throw new Error(rehearsal.lacks)
  return Object.values(rehearsal.calls)
}

/** It decides something, and copies nothing that it read. */
function onlyDecides({ deeds, looks, looksLate, below, turnsAt, answer }: Mind): boolean {
  const kinds = deeds.flatMap(({ tool: _, ...values }) => Object.values(values))
  const copies = [...kinds, answer].some((kind) => kind.startsWith('from-'))
  const decides = below !== null || turnsAt !== null || kinds.some((kind) => kind.startsWith('by-'))
  return !copies && (kinds.includes('by-sum') || (looks.length > 0 && !looksLate && decides))
}

test('a learned playbook never does what the model would not have done', async () => {
  const seen = { taught: 0, followed: 0, cases: 0 }
  await fc.assert(
    fc.asyncProperty(cases, async ({ mind, first, second, before, after }) => {
      seen.cases++
      const done = act(mind, first, before)
      const made = learn(done)
      if (made && acts(done) && onlyDecides(mind)) throw new Error('a decision was taught')
      if (made) seen.taught++
      // all others wait for a person
      if (!made?.isCertain) return
      const calls = await follow(made, goalOf(second))
      if (!calls) return
      seen.followed++
      expect(calls).toEqual(callsOf(act(mind, second, after)))
    }),
    runs(1000),
  )
  // the property says something only if playbooks are learned and followed
  expect(seen.taught).toBeGreaterThan(seen.cases / 20)
  expect(seen.followed).toBeGreaterThan(seen.cases / 50)
})
