// A process that makes a call as a run and a call as a goal. It ends by SIGKILL when both are under way.
import { readFileSync } from 'node:fs'
import { until } from '../../../src/testing/until.ts'
import { openOnce } from './once.ts'

const { folder, file } = JSON.parse(process.argv[2]!) as { readonly folder: string; readonly file: string }
const { runtime, begin } = await openOnce(folder, file)
await begin()
await runtime.goals.start({ agent: 'clerk', goal: 'Act.', id: 'goal' })
await until(() => readFileSync(file, 'utf8').split('\n').length === 3)
process.kill(process.pid, 'SIGKILL')
