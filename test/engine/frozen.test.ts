import { expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { inlineOpener, libsqlOpener } from '../../src/testing/index.ts'
import { READ, recorderActor, ref } from '../../trials/conformance/actors.ts'

const change = (state: Json[]) => state.push('changed by who looked')

test.each([
  ['libsql', libsqlOpener({ writer: 'main', synchronous: 'NORMAL' })],
  ['inline', inlineOpener()],
] as const)('who looks at an actor cannot change it, not after a crash either: %s', async (_name, open) => {
  const first = await open([recorderActor()])
  await first.engine.start()
  await first.engine.ask(ref('recorder'), { a: 1 })
  const second = await first.crash()
  await second.engine.start()
  const seen = (await second.engine.view.peek(ref('recorder'))) as Json[]
  expect(() => change(seen)).toThrow(TypeError)
  expect(await second.engine.ask(ref('recorder'), READ)).toEqual([{ a: 1 }])
  await second.close()
})
