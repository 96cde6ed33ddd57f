// A process that works on the goal until it dies. It approves the calls of the given runs. When a person has to answer something else, it ends by SIGKILL.
import { openLife } from './life.ts'

const { folder, approve = [] } = JSON.parse(process.argv[2]!) as {
  readonly folder: string
  readonly approve?: readonly string[]
}
const runtime = await openLife(folder)
for (;;) {
  await runtime.idle()
  for (const item of await runtime.inbox.list()) {
    if (!('run' in item) || !approve.includes(item.run)) process.kill(process.pid, 'SIGKILL')
    else await runtime.runs.signal(item.run, item.signal, 'approve', { id: `approve-${item.run}` })
  }
}
