import { join } from 'node:path'
import { fileLog, LEDGER } from './log.ts'
import { toolsOn } from './tools.ts'

/** The tools of the table, for processes; long enough for the flush of another step to fall into a call. */
export default toolsOn(({ root }) => fileLog(join(root, LEDGER)), 3)
