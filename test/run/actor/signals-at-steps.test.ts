import { expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { answerRepeated, noteJudged, remember } from '../../../src/run/actor/signals-at-steps.ts'

function run() {
  const parts = new Map<string, Json>()
  const part = async (name: string) => parts.get(name)
  const write = (writes: { readonly [name: string]: Json | null }) => {
    for (const [name, value] of Object.entries(writes)) value === null ? parts.delete(name) : parts.set(name, value)
  }
  const send = async (id: string) => write(await remember({ id, name: 'go', value: 1 }, undefined, part))
  return { parts, part, write, send }
}

it('a run remembers the ids of 1,000 signals, and forgets the oldest', async () => {
  const { parts, part, send } = run()
  for (let n = 0; n < 1000; n++) await send(`s${n}`)
  await send('s0')
  expect(await answerRepeated({ id: 's0' }, part)).toMatchObject({ reply: { status: 'kept' } })
  for (let n = 1000; n < 2500; n++) await send(`s${n}`)
  expect(await answerRepeated({ id: 's1499' }, part)).toBeUndefined()
  expect(await answerRepeated({ id: 's1500' }, part)).toMatchObject({ reply: { status: 'kept' } })
  expect(parts.size).toBe(2001)
})

it('a refused id leaves no trace, and its slot is used again', async () => {
  const { parts, part, write } = run()
  const judged = { type: 'await', step: 'a', name: 'go', title: '' } as const
  for (let n = 0; n < 1500; n++) {
    const id = `s${n}`
    write(await remember({ id, name: 'go', value: 1 }, 'a', part))
    write(await noteJudged({ ...judged, after: { id, isParked: false } }, part))
    expect(await answerRepeated({ id }, part)).toBeUndefined()
  }
  expect([...parts.keys()]).toEqual(['senders/next'])
})
