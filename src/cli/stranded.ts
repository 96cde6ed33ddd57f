import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../errors.ts'
import { isNode } from '../runtime/engines/node.ts'
import { type Cli, configureHere } from './cli.ts'
import { look } from './look.ts'
import { count } from './words.ts'

/** Says that no actor of the data folder waits in vain; a TerminalError names those that do. */
export async function describeStranded(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await configureHere(cli, data)
  if (!isNode(setup.data) && !existsSync(join(setup.data, 'engine.db'))) return 'there are none yet'
  let stranded: readonly string[] = []
  await look(cli, { command: 'antiphon doctor', data }, async ({ client }) => {
    stranded = await client.inspector.stranded()
    return 0
  })
  if (stranded.length === 0) return 'nobody waits in vain'
  const named = stranded.slice(0, NAMED).join(', ')
  throw new TerminalError(
    `${count(stranded.length, 'actor')} that nothing will ever wake: ${named}. See: antiphon why REF`,
  )
}

const NAMED = 5
