import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Figures } from '../task.ts'
import { counter } from './actors.ts'

/** A million messages to one actor of the inline engine, until it has taken the last. */
export async function measure(): Promise<Figures> {
  const engine = inlineEngine({ actors: [counter] })
  await engine.start()
  const to = { kind: counter.kind, key: 'one' }
  await tellAll(100_000, 100_000)
  const perSecond = await tellAll(1_000_000, 1_100_000)
  await engine.stop()
  return { perSecond }

  async function tellAll(messages: number, expected: number): Promise<number> {
    const start = performance.now()
    for (let n = 1; n < messages; n++) void engine.tell(to, { add: 1 })
    const total = await engine.ask(to, { add: 1 })
    const elapsed = performance.now() - start
    if (total !== expected) throw new Error(`the total was ${total} instead of ${expected}`)
    return (messages / elapsed) * 1000
  }
}
