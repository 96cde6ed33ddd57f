import { expect, it } from 'vitest'
import { requestActor } from '../../src/access/idempotency.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { simulatedClock } from '../../src/testing/index.ts'

const DAY = 24 * 60 * 60 * 1000
const of = { kind: 'request', key: 'a' }
const claim = (asked: string) => ({ type: 'claim', asked })

it('remembers a request for a day', async () => {
  const clock = simulatedClock()
  const engine = inlineEngine({ actors: [requestActor()], clock })
  expect(await engine.ask(of, claim('one'))).toBe('new')
  expect(await engine.ask(of, claim('one'))).toBe('again')
  await expect(engine.ask(of, claim('two'))).rejects.toMatchObject({ code: 'key_reused' })
  await clock.advance(DAY - 1)
  expect(await engine.ask(of, claim('one'))).toBe('again')
  await clock.advance(1)
  expect(await engine.view.peek(of)).toBeUndefined()
  expect(await engine.ask(of, claim('two'))).toBe('new')
})
