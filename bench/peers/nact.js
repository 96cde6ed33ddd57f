import nact from 'nact'
import { measureTells } from '../tells.ts'

/** A million messages to one actor of nact. */
export function measure() {
  const system = nact.start()
  const counter = nact.spawn(
    system,
    (total = 0, { add, asker }) => {
      if (asker) nact.dispatch(asker, total + add)
      return total + add
    },
    'counter',
  )
  return measureTells({
    tell: (add) => nact.dispatch(counter, { add }),
    ask: (add) => nact.query(counter, (asker) => ({ add, asker }), 20_000),
  })
}
