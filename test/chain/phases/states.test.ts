import { expect, test } from 'vitest'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import { problemOf } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { setUp } from '../fixture.ts'

const PHASES = ['action', 'experience.vectors', 'experience.web', 'intention', 'observation', 'understanding', 'yield']

/** Asks some questions and puts another state under a phase of that thread. */
async function withState(
  phase: string,
  change: (state: { readonly [field: string]: Json }) => Json,
  questions = ['why?'],
) {
  const disk = inlineDisk()
  for (const question of questions) await setUp({ disk }).ask(question)
  const name = `phase/t.${phase}`
  const cell = disk.cells.get(name)!
  disk.cells.set(name, { ...cell, state: change(cell.state as { readonly [field: string]: Json }) })
  return setUp({ disk })
}

test.each(PHASES)('the state that %s keeps is read again', async (phase) => {
  const { ask } = await withState(phase, (state) => state)
  expect((await ask('and now?')).status).toBe('completed')
})

test.each([
  ['action', { modality: 'text', messages: [{ role: 'robot', text: 'x' }], currentInput: null }, 'messages.0.role'],
  ['understanding', { modality: 'text', verdicts: [] }, 'decisions'],
  ['yield', 'an old answer', 'yield state: '],
] as const)('an old shape of the state of %s quarantines it, with the reason', async (phase, old, says) => {
  const { ask, engine } = await withState(phase, () => old as Json)
  const heard = JSON.stringify(await ask('and now?').catch(problemOf))
  const [{ cell } = {}] = await engine.view.inspect({ kind: 'phase', key: `t.${phase}` })
  expect(cell).toMatchObject({ status: 'quarantined', problem: { code: 'unreadable' } })
  expect(cell?.problem?.message).toContain(says)
  expect(heard).toContain(says)
  expect(await engine.view.peek({ kind: 'phase', key: `t.${phase}` })).toEqual(old)
})

test.each(PHASES)(
  '%s continues with the state before its newest one, if that is damaged, and tells it',
  async (phase) => {
    const { ask, engine } = await withState(phase, () => ({ modality: 7 }), ['why?', 'how?'])
    const { status, degraded } = await ask('and now?')
    expect(status).toBe('completed')
    expect(degraded).toContainEqual({
      phase,
      completed: true,
      reason: 'its newest state was damaged, so it continued with the state before it',
    })
    expect(await engine.view.peek({ kind: 'phase', key: `t.${phase}` })).not.toHaveProperty('isOlder')
    expect((await ask('and then?')).degraded.filter((one) => one.phase === phase)).toEqual([])
  },
)
