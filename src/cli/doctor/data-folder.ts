import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TerminalError } from '../../errors.ts'
import { isNode } from '../../runtime/data-folder/node-record.ts'
import { type Cli, configureHere } from '../cli.ts'
import { lacksNode, NOT_LOOKED_AT } from '../connect/cluster.ts'
import { look } from '../connect/reader.ts'
import { count, duration } from '../terminal/format.ts'

/** Says that no actor of the data folder waits in vain, and how many dead letters there are; a TerminalError names the actors that do. */
export async function describeStranded(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await configureHere(cli, data)
  if (await lacksNode(setup.data)) return NOT_LOOKED_AT
  if (!isNode(setup.data) && !existsSync(join(setup.data, 'engine.db'))) return 'there are none yet'
  const { stranded, letters } = await findStranded(cli, data)
  if (stranded.length === 0) return `nobody waits in vain${tellLetters(letters)}`
  const named = stranded.slice(0, NAMED).join(', ')
  throw new TerminalError(
    `${count(stranded.length, 'actor')} that nothing will ever wake: ${named}. See: antiphon why REF`,
  )
}

const NAMED = 5

function tellLetters(letters: number): string {
  return letters === 0 ? '' : `; ${count(letters, 'dead letter')}, see: antiphon deadletters list`
}

/** The actors that wait in vain, and the number of dead letters. */
type Found = { readonly stranded: readonly string[]; readonly letters: number }

async function findStranded(cli: Cli, data: string | undefined): Promise<Found> {
  let found: Found | undefined
  const asked = look(cli, { command: 'antiphon doctor', data }, async ({ client: { inspector } }) => {
    found = { stranded: await inspector.stranded(), letters: (await inspector.letters({ limit: 1000 })).length }
    return 0
  })
  await Promise.race([asked, sleep(PATIENCE, undefined, { ref: false })])
  if (found) return found
  throw new TerminalError(`they gave no answer in ${duration(PATIENCE)}: see which release does not answer`)
}

/** An actor whose nodes are gone answers when they are back. */
const PATIENCE = 30_000
