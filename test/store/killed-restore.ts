import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

// A process of its own, which restores a backup and is killed at a call: FILE FOLDER CALL NUMBER
const [file = '', folder = '', name = '', number = '1'] = process.argv.slice(2)
const owner = (name in promises ? promises : fs) as unknown as Record<string, (...args: unknown[]) => unknown>
const real = owner[name]!
let calls = 0
owner[name] = (...args) => {
  if (++calls === Number(number)) process.kill(process.pid, 'SIGKILL')
  return real(...args)
}
syncBuiltinESMExports()
const { restoreBackup } = await import('../../src/store/backup/restore.ts')
await restoreBackup(file, folder)
