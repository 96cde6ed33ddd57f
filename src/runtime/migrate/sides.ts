import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exportLibsql } from '../../engine/libsql/transfer/export.ts'
import { importLibsql, openAtRest } from '../../engine/libsql/transfer/import.ts'
import { askServers } from '../../engine/restate/admin/server-info.ts'
import { createClient, type RestateClient } from '../../engine/restate/client/client.ts'
import { checkFormat } from '../../engine/restate/format.ts'
import { serviceNames } from '../../engine/restate/names.ts'
import { addressOf } from '../../engine/restate/node/endpoint.ts'
import { startPersistent } from '../../engine/restate/server/persistent.ts'
import { markMoved } from '../../engine/restate/shared-storage.ts'
import { importMail, importRestate } from '../../engine/restate/transfer/import.ts'
import type { TransferNode } from '../../engine/restate/transfer/mover.ts'
import { checkNoNode, kindsOf, openTransferNode, removeDeployments } from '../../engine/restate/transfer/mover.ts'
import type { EngineContents } from '../../engine/transfer.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import type { RestateSide } from '../data-folder/migration-record.ts'
import { serverIn } from '../data-folder/node-record.ts'

/** A stopped engine with readable content. */
export interface Side {
  readonly contents: EngineContents
  close(): Promise<void>
}

/** The temporary name of a libSQL file until the move is verified. */
export const draftIn = (data: string) => join(data, 'migration.db')

/** The content of a libSQL file. `now` (ms) decides which ids are still remembered. */
export async function openLibsqlSide(path: string, now = Date.now()): Promise<Side> {
  const database = await openAtRest(path)
  return { contents: exportLibsql(database, now), close: () => database.close() }
}

/** A new file with all data of another engine. */
export async function openFilledLibsql(data: string, contents: EngineContents): Promise<Side> {
  await removeDraft(data)
  await importLibsql(draftIn(data), contents)
  // everything is read back, including ids that may be forgotten by now
  return openLibsqlSide(draftIn(data), 0)
}

/** Removes the data of an unfinished attempt. */
export async function removeDraft(data: string): Promise<void> {
  for (const suffix of FILES) await rm(draftIn(data) + suffix, { force: true })
}

/** A database consists of its file, SQLite's own files beside it, and the number of its last flush. */
export const FILES = ['', '-wal', '-shm', '-flushed'] as const

/** The content of an application on a Restate server. An error of code `owned` if a node is active. */
export async function openRestateSide(data: string, side: RestateSide): Promise<Side> {
  const server = await openServer(data, side)
  try {
    const { client } = server
    await checkNoNode(client, side.namespace)
    await checkFormat({ client, names: serviceNames(side.namespace), namespace: side.namespace })
    const kinds = await kindsOf(client, side.namespace)
    const mover = await openTransferNode({ ...listening(side), client, kinds })
    await orStop(mover, mover.settled)
    return { contents: mover.contents, close: () => closeAll(mover, server) }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** A new application with all data of another engine. */
export async function openFilledRestate(data: string, side: RestateSide, contents: EngineContents): Promise<Side> {
  const server = await openServer(data, side)
  try {
    const { client } = server
    const kinds = await kindsIn(contents)
    const { host, port, address = addressOf(host, port) } = side
    const mover = await openTransferNode({ ...listening(side), client, kinds, fillAt: address })
    const lent = { client, names: mover.names }
    await orStop(mover, async () => {
      await importRestate(lent, contents)
      mover.hold()
      await importMail(lent, contents, Date.now)
      await mover.settled()
    })
    return { contents: mover.contents, close: () => closeAll(mover, server) }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Throws when a node works on an application while it is being moved from a shared server. */
export async function checkAtRest(data: string, side: RestateSide): Promise<void> {
  if (side.admin === undefined) return
  const { client } = await openServer(data, side)
  await checkNoNode(client, side.namespace)
}

/** Ends unfinished work of an application on a shared server. If it was `moved`, nodes that start later are refused. */
export async function leaveServer(data: string, side: RestateSide, moved: boolean): Promise<void> {
  const { client } = await openServer(data, side)
  await removeDeployments(client, side.namespace)
  if (!moved) return
  const mover = await openTransferNode({ ...listening(side), client, kinds: [] })
  await markMoved({ client, names: mover.names }).finally(() => mover.stop())
}

async function orStop(mover: TransferNode, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await mover.stop()
    throw error
  }
}

async function closeAll(mover: TransferNode, server: Server): Promise<void> {
  await mover.stop()
  await server.stop()
}

const listening = ({ namespace, host, port, identity }: RestateSide) => ({ namespace, host, port, identity })

type Server = { readonly client: RestateClient; stop(): Promise<void> }

/** The server of a side. It is started if its data is in the data folder. */
async function openServer(data: string, { admin, ingress }: RestateSide): Promise<Server> {
  if (admin === undefined) {
    const { servers, stop } = await startPersistent(serverIn(data))
    const of = (way: 'admin' | 'ingress') => servers.map((server) => server[way])
    return { client: createClient({ admin: of('admin'), ingress: of('ingress') }), stop }
  }
  const found = await askServers(admin)
  return { client: createClient({ admin, ingress: ingress ?? found.ingress }), stop: async () => {} }
}

async function kindsIn(contents: EngineContents): Promise<readonly string[]> {
  const kinds = new Set<string>()
  for await (const { of } of contents.actors()) kinds.add(of.kind)
  for await (const { envelope } of contents.mail()) kinds.add(envelope.to.kind)
  for await (const { use } of contents.ids()) kinds.add(use.slice(use.indexOf(' ') + 1, use.indexOf('/')))
  return [...kinds].sort()
}

export const hasServer = (data: string) => existsSync(serverIn(data))
/** Whether the folder holds the data of a libSQL engine. */
export const hasLibsql = (data: string) => existsSync(placesIn(data).database)
