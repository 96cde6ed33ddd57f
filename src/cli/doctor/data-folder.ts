import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TerminalError } from '../../errors.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import { isNode, isOwnEngine } from '../../runtime/data-folder/node-record.ts'
import type { Collected, RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { folderStore } from '../../store/blobs/folder-store.ts'
import { openSharedStore } from '../../store/blobs/shared-store.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { checkDeep } from '../../store/integrity-check.ts'
import { type Cli, loadSetup, type Setup } from '../cli.ts'
import { isWithoutNode, NOT_EXAMINED } from '../connect/cluster.ts'
import { withReader } from '../connect/session.ts'
import { formatCount, formatDuration, localTime } from '../terminal/format.ts'
import { type Check, failedCheck } from './check.ts'

/** Reports whether an actor is stuck, and the number of dead letters; a TerminalError names the stuck actors. */
export async function checkStrandedActors(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await loadSetup(cli, data)
  if (await isWithoutNode(setup.data)) return NOT_EXAMINED
  if (isOwnEngine(setup.data)) return 'they are in an engine of the program, which is not examined'
  if (!isNode(setup.data) && !existsSync(join(setup.data, 'engine.db'))) return 'there are no actors yet'
  const { stranded, letters } = await findStranded(cli, data)
  if (stranded.length === 0) return `no actor waits for something that will never come${tellLetters(letters)}`
  const named = stranded.slice(0, MAX_NAMED).join(', ')
  throw new TerminalError(
    `${formatCount(stranded.length, 'actor')} that nothing will wake: ${named}. See: antiphon why REF`,
  )
}

const MAX_NAMED = 5

function tellLetters(letters: number): string {
  return letters === 0 ? '' : `; ${formatCount(letters, 'dead letter')}, see: antiphon deadletters list`
}

/** The stuck actors, and the number of dead letters. */
type Found = { readonly stranded: readonly string[]; readonly letters: number }

async function findStranded(cli: Cli, data: string | undefined): Promise<Found> {
  let found: Found | undefined
  const asked = withReader(cli, { command: 'antiphon doctor', data }, async ({ client: { inspector } }) => {
    found = {
      stranded: await inspector.stranded(),
      letters: (await inspector.deadLetters.list({ limit: 1000 })).length,
    }
    return 0
  })
  await Promise.race([asked, sleep(ANSWER_TIMEOUT_MS, undefined, { ref: false })])
  if (found) return found
  throw new TerminalError(`No answer in ${formatDuration(ANSWER_TIMEOUT_MS)}: a release does not answer, see above.`)
}

/** An actor without a node answers only when a node is back. */
const ANSWER_TIMEOUT_MS = 30_000

/** Reports the size of the data folder and of the data to be removed; a TerminalError says why a removal failed. */
export async function describeRetention(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await loadSetup(cli, data)
  if (isOwnEngine(setup.data)) return 'nothing is removed, since the engine is one of the program'
  if (!isNode(setup.data) && !existsSync(join(setup.data, 'engine.db'))) return 'no data yet'
  if (await isWithoutNode(setup.data)) return `${blobsOf(setup.data)}; old data: ${NOT_EXAMINED}`
  const found: { collected?: Collected; status?: RuntimeStatus } = {}
  await withReader(cli, { command: 'antiphon doctor', data }, async ({ client }) => {
    found.status = await client.status()
    found.collected = await client.maintenance.gc({ dryRun: true })
    return 0
  })
  const problem = found.status?.retention
  if (problem?.code === 'clock_ahead') throw new TerminalError(problem.message, { hint: problem.hint })
  if (problem) throw new TerminalError(`Old data could not be removed: ${problem.message}`)
  return `${sizesOf(setup.data)}; ${freeable(found.collected?.items ?? [])}`
}

function freeable(items: Collected['items']): string {
  if (items.length === 0) return 'nothing is old enough to be removed'
  const counts = items.map(({ what, count: number }) => formatCount(number, what)).join(', ')
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
  return `antiphon gc would remove ${counts}: ${formatSize(bytes)}`
}

function sizesOf(data: string): string {
  if (isNode(data)) return blobsOf(data)
  const database = ['engine.db', 'engine.db-wal'].reduce((sum, name) => sum + sizeOf(join(data, name)), 0)
  const memory = ['memory.db', 'memory.db-wal'].reduce((sum, name) => sum + sizeOf(join(data, name)), 0)
  return `database ${formatSize(database)}, ${memory > 0 ? `memory ${formatSize(memory)}, ` : ''}${blobsOf(data)}`
}

function blobsOf(data: string): string {
  const blobs = blobsIn(join(data, 'blobs'))
  const bytes = blobs.reduce((sum, path) => sum + sizeOf(path), 0)
  return `${formatCount(blobs.length, 'blob')} ${formatSize(bytes)}`
}

function blobsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  // the folder also holds marks and unfinished files
  const isBlob = (entry: Dirent) => entry.isFile() && /^[0-9a-f]{2}$/.test(basename(entry.parentPath))
  return entries.filter(isBlob).map(({ parentPath, name }) => join(parentPath, name))
}

// a file that is being removed has no size
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Reports that no acknowledged work is known to be missing; a TerminalError names missing work. */
export async function describeLoss(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await loadSetup(cli, data)
  if (setup.restate || isNode(setup.data)) return 'the Restate server stores acknowledged work'
  if (!existsSync(join(setup.data, 'engine.db'))) return 'no data yet'
  const { loss } = await statusOf(cli, data)
  if (loss) throw new TerminalError(loss.message, { code: 'corrupt' })
  return 'no acknowledged work is known to be missing'
}

/** Reports how far the replica is behind the folder; a TerminalError says why it gets nothing. */
export async function describeReplica(cli: Cli, data: string | undefined): Promise<string> {
  const { data: folder, replica: configured } = await loadSetup(cli, data)
  if (!configured) return 'none is configured'
  if (!existsSync(join(folder, 'engine.db'))) return 'no data yet'
  const { replica } = await statusOf(cli, data)
  if (!replica) return 'no process works on the folder, so nothing is copied'
  const { target, behind, at, problem } = replica
  if (problem) throw new TerminalError(`${target} gets nothing: ${problem.message}`, { hint: problem.hint })
  return `${target} is ${formatDuration(behind)} behind, ${at === undefined ? 'and has no base yet' : `whole at ${localTime(at)}`}`
}

async function statusOf(cli: Cli, data: string | undefined): Promise<RuntimeStatus> {
  const found: RuntimeStatus[] = []
  await withReader(cli, { command: 'antiphon doctor', data }, async ({ client }) => {
    found.push(await client.status())
    return 0
  })
  return found[0]!
}

/** Opens the data folder without the missing work, and names it. */
export async function acceptLoss(cli: Cli, data: string | undefined): Promise<void> {
  const setup = await loadSetup(cli, data)
  const runtime = await setup.open(undefined, { acceptLoss: true })
  const { loss } = runtime.status()
  await runtime.stop()
  cli.terminal.say(
    loss ? `Continuing without the missing work: ${loss.message}` : 'No acknowledged work is known to be missing.',
  )
}

/** Reads everything that is stored: one line, or one line for each damaged item. */
export async function examineDeep(cli: Cli, { data, restate }: Setup): Promise<readonly Check[]> {
  const { database, blobs, memory } = placesIn(data)
  const { environment, folder } = cli.terminal
  try {
    const shared = restate?.shared
    const store = shared === undefined ? folderStore(blobs) : openSharedStore(shared, environment, blobs)
    const found = await checkDeep(database, store, memory)
    const read = `${formatCount(found.rows, 'row')} and ${formatCount(found.blobs, 'blob')}`
    if (found.damaged.length === 0) return [{ name: 'deep', ok: true, text: `${read} were read; none is damaged` }]
    return [...found.damaged.map((text) => ({ name: 'deep', ok: false, text })), summary(read, found.damaged.length)]
  } catch (error) {
    return [failedCheck('deep', error, folder)]
  }
}

function summary(read: string, damaged: number): Check {
  const text = `${read} were read; ${damaged} damaged. Stop a damaged actor to start it afresh, or restore a backup.`
  return { name: 'deep', ok: false, text }
}
