import { expect, it } from 'vitest'
import { z } from 'zod'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import { gate } from '../../../src/testing/index.ts'
import { hasBegun } from '../../../src/work/follow.ts'

const of = (key: string) => ({ kind: 'slow', key })

function openSlow() {
  const hold = gate()
  const slow = defineActor<string | null, string>({
    kind: 'slow',
    message: z.string(),
    initial: () => null,
    async receive(_state, said, effects) {
      await effects.run('hold', () => hold.pass())
      return { state: said, events: [{ said }] }
    },
  })
  return { hold, engine: inlineEngine({ actors: [slow] }) }
}

it('waits for an actor whose first message is on its way', async () => {
  const { hold, engine } = openSlow()
  await engine.tell(of('one'), 'hello')
  await hold.started
  expect(await engine.view.peek(of('one'))).toBeUndefined()
  const begun = hasBegun(engine.view, of('one'))
  hold.release()
  expect(await begun).toBe(true)
  expect(await engine.view.peek(of('one'))).toBe('hello')
  expect(await hasBegun(engine.view, of('one'))).toBe(true)
})

it('does not wait for an actor without messages, nor for a later timer', async () => {
  const { engine } = openSlow()
  expect(await hasBegun(engine.view, of('none'))).toBe(false)
  await engine.tell(of('later'), 'hello', { delay: 60_000 })
  expect(await hasBegun(engine.view, of('later'))).toBe(false)
  await engine.stop()
})
