import { createActor, fromTransition } from 'xstate'
import { measureTells } from '../tells.ts'

/** A million messages to one actor of XState, which takes each at once, within the call that sends it. */
export async function measure() {
  const logic = fromTransition(({ total }, { add }) => ({ total: total + add }), { total: 0 })
  const counter = createActor(logic).start()
  const tell = (add) => counter.send({ type: 'add', add })
  return measureTells({
    tell,
    async ask(add) {
      tell(add)
      return counter.getSnapshot().context.total
    },
  })
}
