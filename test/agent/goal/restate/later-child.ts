// A node that starts the goals, and ends by SIGKILL while the first one asks its model.
import { until } from '../../../../src/testing/until.ts'
import { openLater, startLater } from './later.ts'

const { folder } = JSON.parse(process.argv[2]!) as { readonly folder: string }
let isAsked = false
const runtime = await openLater(folder, () => {
  isAsked = true
  return new Promise(() => {})
})
await startLater(runtime)
await until(async () => isAsked && (await runtime.goals.list({ status: 'waiting' })).length === 4)
process.kill(process.pid, 'SIGKILL')
