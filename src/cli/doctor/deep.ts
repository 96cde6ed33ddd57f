import { placesIn } from '../../runtime/data-folder/layout.ts'
import { folderStore } from '../../store/blobs/folder-store.ts'
import { sharedStore } from '../../store/blobs/shared-store.ts'
import { checkDeep } from '../../store/integrity-check.ts'
import type { Cli, Setup } from '../cli.ts'
import { count } from '../terminal/format.ts'
import { type Check, failed } from './check.ts'

/** What the doctor finds when it reads everything that is stored: one line, or one for each thing that is damaged. */
export async function examineDeep(cli: Cli, { data, restate }: Setup): Promise<readonly Check[]> {
  const { database, blobs } = placesIn(data)
  const { environment, folder } = cli.terminal
  try {
    const shared = restate?.shared
    const store = shared === undefined ? folderStore(blobs) : sharedStore(shared, environment)
    const found = await checkDeep(database, store)
    const read = `${count(found.rows, 'row')} and ${count(found.blobs, 'blob')}`
    if (found.damaged.length === 0) return [{ name: 'deep', ok: true, text: `${read} were read; all are whole` }]
    return [...found.damaged.map(damagedCheck), summary(read, found.damaged.length)]
  } catch (error) {
    return [failed('deep', error, folder)]
  }
}

const damagedCheck = (text: string): Check => ({ name: 'deep', ok: false, text })

function summary(read: string, damaged: number): Check {
  const text = `${read} were read; ${damaged} damaged. Stop a damaged actor to begin anew, or restore a backup.`
  return { name: 'deep', ok: false, text }
}
