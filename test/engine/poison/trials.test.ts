import { expect, test } from 'vitest'
import type { Mail } from '../../../src/engine/mailbox.ts'
import { type BootRecord, createPoisonGuard, POISON_CRASHES, SUSPECT_CRASHES } from '../../../src/engine/poison.ts'
import { nameOf } from '../../../src/kernel/ref.ts'
import { simulatedClock } from '../../../src/testing/index.ts'
import { envelope } from '../../kernel/fixtures.ts'

/** What trials do with mail of whose ids so many processes died, in order. */
function open(held: Readonly<Record<string, number>>) {
  const clock = simulatedClock()
  const steps: string[] = []
  const saved: (BootRecord | undefined)[] = []
  const note = (what: string) => (who: string | Mail) =>
    void steps.push(`${what} ${typeof who === 'string' ? who : nameOf(who.envelope.to)}`)
  const court = {
    clock,
    probation: 100,
    save: async (record: BootRecord | undefined) => {
      steps.push('save')
      saved.push(record)
    },
    recorded: () => 0,
    deliver: (mail: Mail) => {
      note('deliver')(mail)
      return true
    },
    hold: note('hold'),
    admit: note('admit'),
    release: note('release'),
    giveUp: note('give up'),
  }
  return { clock, steps, saved, trials: createPoisonGuard<Mail>(court, { exposed: {}, held }, () => true) }
}

const mailFor = (key: string): Mail => ({ envelope: envelope({ id: key, to: { kind: 'counter', key } }) })

test('a suspect waits until the others have lived, and is tried then; poison is given up', async () => {
  const { clock, steps, trials } = open({ suspect: SUSPECT_CRASHES, poison: POISON_CRASHES })
  expect(await trials.release(['suspect', 'poison', 'other'].map(mailFor))).toBe(2)
  const atFirst = ['hold counter/suspect', 'save', 'deliver counter/suspect', 'deliver counter/other']
  expect(steps).toEqual([...atFirst, 'give up counter/poison'])
  await clock.advance(99)
  expect(steps).toHaveLength(5)
  await clock.advance(1)
  expect(steps.slice(5)).toEqual(['save', 'admit counter/suspect'])
  trials.ended('suspect', async () => {})
  await clock.advance(0)
  expect(steps.slice(7)).toEqual(['release counter/suspect', 'save'])
})

test('a released message is recorded first, and a normal end of the process does not count against it', async () => {
  const { steps, saved, trials } = open({})
  await trials.release(['one', 'two'].map(mailFor))
  expect(steps).toEqual(['save', 'deliver counter/one', 'deliver counter/two'])
  expect(saved).toEqual([{ exposed: { one: 0, two: 0 }, held: {} }])
  trials.end()
  expect(saved.slice(1)).toEqual([undefined])
})
