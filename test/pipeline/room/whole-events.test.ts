import { expect, test } from 'vitest'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { createObserver } from '../../../src/observe/create-observer.ts'
import { NOOP_OBSERVER } from '../../../src/observe/observer.ts'
import type { ObservedEvent } from '../../../src/observe/semantic-conventions.ts'
import { wholeEngine, wholeObserver } from '../../../src/run/room/report/whole-events.ts'
import { actor } from '../../../trials/conformance/actors.ts'

const SHORT = [['a'], ['a', 7], { type: 'run-end', status: 'completed' }]
const WHOLE = [
  { type: 'step-start', step: 'a' },
  { type: 'step-end', step: 'a', status: 'completed', attempts: 1, ms: 7 },
  { type: 'run-end', status: 'completed' },
]
const told = { run: WHOLE, other: SHORT } as const
const kinds = Object.keys(told) as readonly (keyof typeof told)[]
const teller = (kind: string) => actor(kind, 0, () => ({ state: 1, events: SHORT }))

test('events of runs are read and observed with all their fields, those of other actors as they were emitted', async () => {
  const observed: ObservedEvent[] = []
  const observer = wholeObserver(createObserver([{ ended() {}, tell: (fact) => void observed.push(fact) }]))
  const engine = wholeEngine(inlineEngine({ actors: kinds.map(teller), observer }))
  await engine.start()
  for (const kind of kinds) {
    await engine.tell({ kind, key: '1' }, null)
    const seen: unknown[] = []
    for await (const { n, body } of engine.view.events({ kind, key: '1' })) if (seen.push([n, body]) === 3) break
    expect(seen).toEqual(told[kind].map((body, place) => [place + 1, body]))
    const facts = observed.flatMap((fact) => (fact.name === 'event-keep' && fact.of === `${kind}/1` ? [fact.body] : []))
    expect(facts).toEqual(told[kind])
  }
  await engine.stop()
})

test('nothing is decoded without listeners', () => {
  expect(wholeObserver(NOOP_OBSERVER)).toBe(NOOP_OBSERVER)
})
