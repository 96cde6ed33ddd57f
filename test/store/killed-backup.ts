import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

// A process of its own, which is killed when the draft of its backup is whole: DATA FILE
const [data = '', file = ''] = process.argv.slice(2)
promises.link = async () => void process.kill(process.pid, 'SIGKILL')
syncBuiltinESMExports()
const [{ writeBackup }, { claimFolder }] = await Promise.all([
  import('../../src/store/backup.ts'),
  import('../../src/store/data-folder/owner.ts'),
])
await claimFolder(data, { command: 'test' })
await writeBackup({ database: join(data, 'engine.db'), blobs: join(data, 'blobs') }, file)
