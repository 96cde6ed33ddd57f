import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import { formatCount } from '../terminal/format.ts'

/** Reports on the memories of a data folder; a TerminalError names damaged records. */
export async function describeMemory(data: string): Promise<string> {
  const path = join(data, 'memory.db')
  if (!existsSync(path)) return 'nothing is remembered'
  const { readHealth } = await import('../../memory/store/upkeep/health.ts')
  const { records, quarantined, pending } = readHealth(path)
  if (quarantined > 0)
    throw new TerminalError(`${formatCount(quarantined, 'record')} of ${records} damaged and left out of searches`, {
      hint: 'antiphon memory stats counts those of an owner. Restore a backup, or forget them.',
    })
  const waiting =
    pending === 0 ? '' : `; ${formatCount(pending, 'erasure')} not finished, see antiphon why memory/OWNER`
  return `${formatCount(records, 'record')}${waiting}`
}
