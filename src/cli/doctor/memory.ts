import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import { type Cli, loadSetup, type Setup } from '../cli.ts'
import { isWithoutNode, NOT_EXAMINED } from '../connect/cluster.ts'
import { withReader } from '../connect/session.ts'
import { formatCount } from '../terminal/format.ts'

/** The host of the libSQL server on which all memories are; undefined: they are in the data folder. */
export function memoryServerOf({ memory }: Pick<Setup, 'memory'>): string | undefined {
  return memory?.url === undefined ? undefined : new URL(memory.url).host
}

/** Reports on the memories, wherever they are. A server is asked once; its error is the finding. */
export async function describeMemories(cli: Cli, given: string | undefined): Promise<string> {
  const setup = await loadSetup(cli, given)
  const server = memoryServerOf(setup)
  if (server === undefined) {
    if (setup.restate) return 'not available: nodes of a cluster share it on a libSQL server, memory: { url: … }'
    return `${await describeMemory(setup.data)}${await describeMirror(cli, given, setup)}`
  }
  const what = `on the libSQL server at ${server}, which antiphon backup and doctor --deep do not cover`
  if (await isWithoutNode(setup.data)) return `${what}; ${NOT_EXAMINED}`
  await withReader(
    cli,
    { command: 'antiphon memory', ...(given !== undefined && { data: given }) },
    async ({ client }) => {
      await client.memory.stats()
      return 0
    },
  )
  return `${what}; it answers${await describeMirror(cli, given, setup)}`
}

/** Reports on the copies on Redis; a TerminalError says why they are not up to date. */
async function describeMirror(cli: Cli, given: string | undefined, { memory }: Setup): Promise<string> {
  if (memory?.redis === undefined) return ''
  let said = ''
  const where = { command: 'antiphon memory', ...(given !== undefined && { data: given }), without: () => 0 }
  await withReader(cli, where, async ({ client }) => {
    const { redis } = await client.memory.stats()
    if (redis?.state === 'degraded')
      throw new TerminalError(`Copies on Redis are not up to date: ${redis.error}`, {
        hint: 'Nothing is lost. Erasures are finished when Redis is back.',
      })
    said = '; copies on Redis are up to date'
    return 0
  })
  return said
}

/** Reports on the memories of a data folder; a TerminalError names damaged records. */
export async function describeMemory(data: string): Promise<string> {
  const path = join(data, 'memory.db')
  if (!existsSync(path)) return 'nothing is remembered'
  const { readHealth } = await import('../../memory/store/upkeep/health.ts')
  const { records, quarantined, pending } = readHealth(path)
  if (quarantined > 0)
    throw new TerminalError(`${formatCount(quarantined, 'record')} of ${records} damaged and left out of searches.`, {
      hint: 'antiphon memory stats counts those of an owner. Restore a backup, or forget them.',
    })
  const waiting =
    pending === 0 ? '' : `; ${formatCount(pending, 'erasure')} not finished, see antiphon why memory/OWNER`
  return `${formatCount(records, 'record')}${waiting}`
}
