import { expect, test } from 'vitest'
import { inlineDisk, pendingMail } from '../../src/engine/inline/disk.ts'
import { nameOf } from '../../src/kernel/ref.ts'
import type { Envelope } from '../../src/kernel/types.ts'
import { setUp } from './fixture.ts'

function recorded() {
  const disk = inlineDisk()
  const sent: Envelope[] = []
  const commit: typeof disk.commit = (name, turn, envelopes) => {
    sent.push(...envelopes)
    return disk.commit(name, turn, envelopes)
  }
  return { sent, disk: { ...disk, commit } }
}

test('messages have ids of their own, one correlation id per ask, and causes that lead from the answer back to the ask', async () => {
  const { sent, disk } = recorded()
  const { ask } = setUp({ disk })
  await Promise.all(Array.from({ length: 20 }, (_, at) => ask('why?', { id: `ask_${at}` })))
  expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length)
  const byId = new Map(sent.map((envelope) => [envelope.id, envelope]))
  for (const answer of sent.filter(({ to }) => to.kind === 'reply')) {
    const path: Envelope[] = [answer]
    while (byId.has(path.at(-1)!.cause!)) path.push(byId.get(path.at(-1)!.cause!)!)
    const own = path.filter(({ correlationId }) => correlationId === answer.correlationId)
    expect(own.map(({ to }) => nameOf(to))).toEqual(expect.arrayContaining(['phase/t.yield', 'phase/t.action']))
    expect(path.at(-1)!.cause).toMatch(/^ask_/)
  }
})

test('no id holds words of the prompt', async () => {
  const { sent, disk } = recorded()
  await setUp({ disk }).ask('PRIVATE words')
  const ids = sent.flatMap(({ id, correlationId, to }) => [id, correlationId, to.key])
  expect(ids.join(' ')).not.toContain('PRIVATE')
})

test('at the end only the chain and its phases exist, and only a timer is still to be delivered', async () => {
  const { disk } = recorded()
  await setUp({ disk }).ask('why?')
  expect([...disk.cells.keys()].sort()).toEqual([
    'chain/t',
    'phase/t.action',
    'phase/t.experience.vectors',
    'phase/t.experience.web',
    'phase/t.intention',
    'phase/t.observation',
    'phase/t.understanding',
    'phase/t.yield',
  ])
  expect(pendingMail(disk).map(({ timer }) => timer)).toEqual(['deadline'])
  expect(disk.outcomes.size).toBe(0)
})
