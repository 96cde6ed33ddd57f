import { createRuntime, defineActor, loadConfig, supervisorActor } from 'antiphon'
import { z } from 'zod'

const reader = defineActor({
  kind: 'reader',
  message: z.object({ type: z.enum(['begin', 'stumble']) }),
  initial: () => ({ lives: 0 }),
  receive(state, { type }) {
    if (type === 'begin') return { state: { lives: state.lives + 1 } }
    return { escalate: { code: 'stumbled', name: 'TerminalError', message: 'it stumbled' } }
  },
})

const actors = [supervisorActor(), reader]
const owns = [{ kind: 'reader', stays: 'it counts its lives' }]
const config = await loadConfig({ folder: '.', environment: process.env })
const runtime = await createRuntime(config, { actors, owns })
const mail = { kind: 'reader', key: 'mail' }
const children = [{ actor: mail, start: { type: 'begin' } }]
await runtime.engine.ask({ kind: 'supervisor', key: 'team' }, { type: 'start', strategy: 'one-for-one', children })
await runtime.engine.tell(mail, { type: 'stumble' })
await runtime.idle()
console.log(await runtime.engine.view.peek(mail))   // { lives: 2 }
await runtime.stop()
