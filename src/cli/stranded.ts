import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TerminalError } from '../errors.ts'
import { isNode } from '../runtime/engines/node.ts'
import { type Cli, configureHere } from './cli.ts'
import { lacksNode, NOT_LOOKED_AT } from './cluster-place.ts'
import { look } from './look.ts'
import { count, duration } from './words.ts'

/** Says that no actor of the data folder waits in vain; a TerminalError names those that do. */
export async function describeStranded(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await configureHere(cli, data)
  if (await lacksNode(setup.data)) return NOT_LOOKED_AT
  if (!isNode(setup.data) && !existsSync(join(setup.data, 'engine.db'))) return 'there are none yet'
  const stranded = await findStranded(cli, data)
  if (stranded.length === 0) return 'nobody waits in vain'
  const named = stranded.slice(0, NAMED).join(', ')
  throw new TerminalError(
    `${count(stranded.length, 'actor')} that nothing will ever wake: ${named}. See: antiphon why REF`,
  )
}

const NAMED = 5

async function findStranded(cli: Cli, data: string | undefined): Promise<readonly string[]> {
  let stranded: readonly string[] | undefined
  const asked = look(cli, { command: 'antiphon doctor', data }, async ({ client }) => {
    stranded = await client.inspector.stranded()
    return 0
  })
  await Promise.race([asked, sleep(PATIENCE, undefined, { ref: false })])
  if (stranded) return stranded
  throw new TerminalError(`they gave no answer in ${duration(PATIENCE)}: see which release does not answer`)
}

/** An actor whose nodes are gone answers when they are back. */
const PATIENCE = 30_000
