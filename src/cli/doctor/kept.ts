import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import { isNode } from '../../runtime/data-folder/node-record.ts'
import type { Collected, RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { type Cli, configureHere } from '../cli.ts'
import { lacksNode, NOT_LOOKED_AT } from '../connect/cluster.ts'
import { look } from '../connect/reader.ts'
import { count, size } from '../terminal/format.ts'

/** Says how much lies in the data folder and what of it is kept no longer; a TerminalError tells why that could not be removed. */
export async function describeKept(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await configureHere(cli, data)
  if (!isNode(setup.data) && !existsSync(join(setup.data, 'engine.db'))) return 'nothing yet'
  if (await lacksNode(setup.data)) return `${blobsOf(setup.data)}; what is kept no longer: ${NOT_LOOKED_AT}`
  const found: { collected?: Collected; status?: RuntimeStatus } = {}
  await look(cli, { command: 'antiphon doctor', data }, async ({ client }) => {
    found.status = await client.status()
    found.collected = await client.gc({ dryRun: true })
    return 0
  })
  const problem = found.status?.retention
  if (problem?.code === 'clock_ahead') throw new TerminalError(problem.message, { hint: problem.hint })
  if (problem) throw new TerminalError(`what is kept no longer could not be removed: ${problem.message}`)
  return `${sizesOf(setup.data)}; ${freeable(found.collected?.items ?? [])}`
}

function freeable(items: Collected['items']): string {
  if (items.length === 0) return 'all of it is kept'
  const counts = items.map(({ what, count: number }) => count(number, what)).join(', ')
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
  return `antiphon gc would remove ${counts}: ${size(bytes)}`
}

function sizesOf(data: string): string {
  if (isNode(data)) return blobsOf(data)
  const database = ['engine.db', 'engine.db-wal'].reduce((sum, name) => sum + sizeOf(join(data, name)), 0)
  return `database ${size(database)}, ${blobsOf(data)}`
}

function blobsOf(data: string): string {
  const blobs = blobsIn(join(data, 'blobs'))
  const bytes = blobs.reduce((sum, path) => sum + sizeOf(path), 0)
  return `${count(blobs.length, 'blob')} ${size(bytes)}`
}

function blobsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  // beside them lie marks, and what is being written
  const isBlob = (entry: Dirent) => entry.isFile() && /^[0-9a-f]{2}$/.test(basename(entry.parentPath))
  return entries.filter(isBlob).map(({ parentPath, name }) => join(parentPath, name))
}

// what is removed in this moment has no size
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
