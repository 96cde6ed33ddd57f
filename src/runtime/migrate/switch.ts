import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { marksIn } from '../../store/blobs/folder-store.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { makeFolder, syncFolder } from '../../store/files/durable-file.ts'
import { type MigrationRecord, removeMigration } from '../data-folder/migration-record.ts'
import { nodesIn, recordOf, serverIn, writeNode } from '../data-folder/node-record.ts'
import { draftIn, FILES } from './sides.ts'

/**
 * Replaces the old side by the new one and keeps the old one. Can be
 * repeated after a crash. Resolves with the path of the old side.
 */
export async function switchSides(data: string, record: MigrationRecord): Promise<string> {
  const aside = asideOf(data, record)
  await makeFolder(aside)
  if (record.to === 'restate') await switchToRestate(data, aside, record)
  else await switchToLibsql(data, aside)
  await syncFolder(aside)
  await syncFolder(data)
  await removeMigration(data)
  return aside
}

/** The folder that keeps the old side. */
const asideOf = (data: string, { id }: Pick<MigrationRecord, 'id'>) => join(data, 'moved', id)

async function switchToRestate(data: string, aside: string, { restate }: MigrationRecord): Promise<void> {
  const { namespace, port } = restate
  await writeNode(data, { namespace, port })
  for (const suffix of FILES) await moveAside(placesIn(data).database + suffix, aside)
}

async function switchToLibsql(data: string, aside: string): Promise<void> {
  await moveAside(recordOf(data), aside)
  await moveAside(serverIn(data), aside)
  // records of the nodes of a cluster in this folder
  await moveAside(nodesIn(data), aside)
  // another move to Restate makes another application, and these marks belong to this one
  await moveAside(marksIn(placesIn(data).blobs), aside)
  for (const suffix of FILES) await move(draftIn(data) + suffix, placesIn(data).database + suffix)
}

/** A missing source was already moved. */
async function move(from: string, to: string): Promise<void> {
  if (existsSync(from)) await rename(from, to)
}

const moveAside = (from: string, aside: string) => move(from, join(aside, basename(from)))
