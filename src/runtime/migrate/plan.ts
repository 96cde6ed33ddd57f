import type { RestateConfig } from '../../config/engine.ts'
import { askServers, checkVersion } from '../../engine/restate/admin/server-info.ts'
import { loadSdk } from '../../engine/restate/sdk.ts'
import { findPorts } from '../../engine/restate/server/ports.ts'
import { locateBinary } from '../../engine/restate/server/server.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import type { EngineName, MigrationRecord, RestateSide } from '../data-folder/migration-record.ts'
import { isMigrating } from '../data-folder/migration-record.ts'
import { isNode, isOwnEngine, newNamespace, readNode } from '../data-folder/node-record.ts'
import type { MigrateOptions } from './options.ts'
import { hasLibsql, hasServer } from './sides.ts'

/** Throws what can be known before the folder is claimed: there is nothing to move, or no target. */
export async function checkMigration({ data, to, restate }: MigrateOptions): Promise<void> {
  if (isMigrating(data)) return
  if (to === undefined)
    throw new InvalidError('The target engine is missing.', { hint: 'antiphon migrate --to restate' })
  checkFrom(data, to)
  await loadSdk()
  if (restate) checkVersion((await askServers(restate.admin)).version)
  else locateBinary()
}

function checkFrom(data: string, to: EngineName): void {
  const from = isNode(data) ? 'restate' : hasLibsql(data) ? 'libsql' : undefined
  if (isOwnEngine(data))
    throw new InvalidError(`The data folder ${data} belongs to an engine of a program, which cannot be moved.`)
  if (from === undefined) throw new NotFoundError(`There is nothing to move in ${data}: it has no runs yet.`)
  if (from === to) throw new InvalidError(`The data folder ${data} already belongs to the engine ${to}.`)
}

/** Plans a migration under a unique name. */
export async function plan({ data, restate, ...options }: MigrateOptions): Promise<MigrationRecord> {
  const to = options.to!
  const id = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-to-${to}`
  const side = to === 'restate' ? await newSide(restate) : await oldSide(data, restate)
  return { v: 1, id, to, phase: 'copying', restate: side }
}

/** The server of an attempt that was killed: the next attempt uses it, too. */
export function configOf({ admin, namespace: _, ...rest }: RestateSide): RestateConfig | undefined {
  return admin && { admin, ...rest }
}

/** Each attempt has its own name on the server, so that it does not find data of another attempt. */
async function newSide(restate: RestateConfig | undefined): Promise<RestateSide> {
  if (restate?.namespace !== undefined)
    throw new InvalidError(`\`namespace\` is set, but moved data gets a new namespace.`, {
      hint: 'Remove `namespace` from antiphon.yaml; the data folder records the new one.',
    })
  const port = restate?.port ?? (await findPorts(1))[0]!
  return { ...reached(restate), namespace: newNamespace(), port }
}

async function oldSide(data: string, restate: RestateConfig | undefined): Promise<RestateSide> {
  if (!restate && !hasServer(data))
    throw new InvalidError('The Restate server of this application is unknown.', {
      hint: 'Name it: --restate http://127.0.0.1:9070',
    })
  const { namespace, port } = (await readNode(data))!
  return { ...reached(restate), namespace, port }
}

function reached({ admin, ingress, address, host, shared, identity }: Partial<RestateConfig> = {}) {
  return {
    ...present({ identity, admin, ingress, address, shared }),
    host: host ?? '127.0.0.1',
  }
}
