import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { SUITE_LIMITS } from './limits.ts'

// sleeps in a sandbox, also in a process of its own session, until it is killed
const seconds = process.argv[2]!
const sandbox = await bubblewrap.open({ limits: { ...SUITE_LIMITS, seconds: 600 } })
await sandbox.run(['sh', '-c', `setsid sleep ${seconds} & sleep ${seconds}`])
