import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Figures } from '../task.ts'
import { measureTells } from '../tells.ts'
import { counter } from './actors.ts'

/** A million messages to one actor of the inline engine. */
export async function measure(): Promise<Figures> {
  const engine = inlineEngine({ actors: [counter] })
  await engine.start()
  const to = { kind: counter.kind, key: 'one' }
  return measureTells({
    tell: (add) => void engine.tell(to, { add }),
    ask: (add) => engine.ask(to, { add }),
  })
}
