// A process that works on a run until its end, or until a step of it kills the process.
import { until } from '../../../../src/testing/until.ts'
import { openShaky } from './program.ts'

const { folder, admin } = JSON.parse(process.argv[2]!) as { readonly folder: string; readonly admin?: string }
const runtime = await openShaky({ folder, ...(admin && { admin }) })
const { runs } = runtime
await runs.start({ workflow: 'shaky', input: { folder, dies: true }, id: 'r' })
await until(async () => (await runs.get('r')).completed_at !== null)
await runtime.stop({ grace: 0 })
