import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RestateConfig } from '../../config/engine.ts'
import { findPorts } from '../../engine/restate/server/ports.ts'
import { TerminalError } from '../../errors.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { writeWhole } from '../../store/files/durable-file.ts'
import { isMigrating } from './migration-record.ts'

/** The record of the node of a data folder. A Restate server returns running turns to the node on which they began. */
export type NodeRecord = { readonly namespace: string; readonly port: number }

/** The record of the node in a data folder: as configured, as stored, or new. It is stored when this resolves. */
export async function keepNode(data: string, restate: RestateConfig): Promise<NodeRecord> {
  const record = {
    namespace: (await namespaceOf(data, restate)) ?? newNamespace(),
    port: restate.port ?? (await readNode(data))?.port ?? (await findPorts(1))[0]!,
  }
  await writeNode(data, record)
  return record
}

/** The namespace of a data folder on the server. Undefined if it was never registered. */
export async function namespaceOf(data: string, { namespace, address }: RestateConfig): Promise<string | undefined> {
  return namespace ?? (await readNode(data))?.namespace ?? (address === undefined ? undefined : 'antiphon')
}

/** Makes the data folder that of a node; durable when this resolves. */
export function writeNode(data: string, record: NodeRecord): Promise<void> {
  return writeWhole(recordOf(data), `${JSON.stringify(record)}\n`, data)
}

/** Throws a TerminalError if the data folder holds data of another engine. */
export function checkEngineOf(data: string, engine: 'libsql' | 'restate' | 'own'): void {
  if (isMigrating(data))
    throw new TerminalError(
      `The data folder ${data} is in the middle of a move to another engine. To continue it: antiphon migrate. To go back: antiphon migrate --abort`,
      { code: 'moving' },
    )
  if (engine !== 'own' && isOwnEngine(data))
    throw new TerminalError(
      `The data folder ${data} belongs to an engine of a program, so only this program can open it. Choose another one with --data DIR`,
      OTHER,
    )
  if (engine !== 'libsql' && existsSync(placesIn(data).database))
    throw new TerminalError(
      `The data folder ${data} belongs to the engine libsql. Choose another one with --data DIR`,
      OTHER,
    )
  if (engine !== 'restate' && isNode(data))
    throw new TerminalError(
      `The data folder ${data} is one of the engine restate. Start its server with "antiphon cluster dev", or name it: --engine restate --restate URL`,
      OTHER,
    )
}

const OTHER = { code: 'other_engine' }

/** Makes the data folder that of an engine of a program; durable when this resolves. */
export async function keepOwnEngine(data: string): Promise<void> {
  checkEngineOf(data, 'own')
  await writeWhole(ownIn(data), '{"engine":"own"}\n', data)
}

const ownIn = (data: string) => join(data, 'engine.json')

/** Whether a data folder belongs to an engine of a program. */
export const isOwnEngine = (data: string): boolean => existsSync(ownIn(data))

/** Whether a data folder belongs to a node on a Restate server. */
export const isNode = (data: string): boolean => existsSync(recordOf(data))

export const recordOf = (data: string) => join(data, 'restate.json')

/** The folder for a server of this data folder, and for the nodes of its cluster. */
export const serverIn = (data: string) => join(data, 'restate')
export const nodesIn = (data: string) => join(data, 'nodes')

/** The record of the node, if the data folder belongs to one. */
export async function readNode(data: string): Promise<NodeRecord | undefined> {
  return isNode(data) ? (JSON.parse(await readFile(recordOf(data), 'utf8')) as NodeRecord) : undefined
}

/** A name that no other application has. */
export const newNamespace = () => `antiphon-${randomBytes(5).toString('hex')}`
