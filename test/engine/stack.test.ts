import { expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { inlineOpener, libsqlOpener } from '../../src/testing/index.ts'
import { actor, eventualDeadLetters, ref } from '../../trials/conformance/actors.ts'

function slip(): never {
  throw new RangeError('out of range')
}

/** Fails in its turn, or in an effect. */
const clerk = () =>
  actor<null, string>(
    'clerk',
    null,
    (_state, where, { run }) => (where === 'effect' ? run('slip', slip).then((reply: Json) => ({ reply })) : slip()),
    {
      supervise: () => ({ type: 'fail' }),
    },
  )

test.each([
  ['libsql', libsqlOpener({ writer: 'main', synchronous: 'NORMAL' })],
  ['inline', inlineOpener()],
] as const)(
  'the dead letter of an error in an actor has the stack of the actor, after a crash too: %s',
  async (_name, open) => {
    const first = await open([clerk()])
    await first.engine.start()
    for (const where of ['turn', 'effect'])
      await expect(first.engine.ask(ref('clerk'), where)).rejects.toThrow('out of range')
    const second = await first.crash()
    await second.engine.start()
    for (const { problem } of await eventualDeadLetters(second.engine, 2)) {
      expect(problem.stack).toMatch(/^at (?:slip|Object\.slip \[as effect\]) \(.*stack\.test\.ts:\d+:\d+\)/)
      expect(problem.stack).not.toMatch(/\/src\/|node:|out of range/)
    }
    await second.close()
  },
)
