import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RestateConfig } from '../../config/engine.ts'
import { findPorts } from '../../engine/restate/ports.ts'
import { TerminalError } from '../../errors.ts'
import { writeWhole } from '../../store/durable.ts'
import { placesIn } from '../backup.ts'

/** What a data folder keeps of its node on a Restate server, which sends turns under way back to where they began. */
export type NodeRecord = { readonly namespace: string; readonly port: number }

/** The record of the node in a data folder, as configured, as it was, or new; kept when this resolves. */
export async function keepNode(data: string, restate: RestateConfig): Promise<NodeRecord> {
  const record = {
    namespace: (await namespaceOf(data, restate)) ?? newNamespace(),
    port: restate.port ?? (await readNode(data))?.port ?? (await findPorts(1))[0]!,
  }
  await writeWhole(recordOf(data), `${JSON.stringify(record)}\n`, data)
  return record
}

/** What the application of a data folder is called on the server; undefined: it was never there. */
export async function namespaceOf(data: string, { namespace, address }: RestateConfig): Promise<string | undefined> {
  return namespace ?? (address === undefined ? (await readNode(data))?.namespace : 'antiphon')
}

/** Throws a TerminalError if what lies in the data folder is another engine's. */
export function checkEngineOf(data: string, engine: 'libsql' | 'restate'): void {
  if (engine === 'restate' && existsSync(placesIn(data).database))
    throw new TerminalError(`The data folder ${data} is one of the engine libsql. Give another one: --data DIR`, OTHER)
  if (engine === 'libsql' && isNode(data))
    throw new TerminalError(
      `The data folder ${data} is one of the engine restate. Start its server with "antiphon cluster dev", or name it: --engine restate --restate URL`,
      OTHER,
    )
}

const OTHER = { code: 'other_engine' }

/** Whether a data folder is that of a node on a Restate server. */
export const isNode = (data: string): boolean => existsSync(recordOf(data))

const recordOf = (data: string) => join(data, 'restate.json')

async function readNode(data: string): Promise<NodeRecord | undefined> {
  return isNode(data) ? (JSON.parse(await readFile(recordOf(data), 'utf8')) as NodeRecord) : undefined
}

const newNamespace = () => `antiphon-${randomBytes(5).toString('hex')}`
