import { existsSync } from 'node:fs'
import type { RestateConfig } from '../../config/engine.ts'
import { askServers, type ServersInfo } from '../../engine/restate/admin/server-info.ts'
import { InvalidError } from '../../errors.ts'
import { checkEngineOf, isNode, namespaceOf } from '../../runtime/data-folder/node-record.ts'
import { findOwner } from '../../store/data-folder/owner.ts'
import type { OwnerRecord } from '../../store/data-folder/owner-record.ts'
import { type Cli, loadSetup, type Setup } from '../cli.ts'
import { ownerStatus } from './ask-owner.ts'

/** The place of an application on a Restate server. */
export type ClusterPlace = ServersInfo & {
  /** the address of a server that answers */
  readonly admin: string
  /** absent: the application does not exist there */
  readonly namespace?: string
  /** this folder's node; absent: none is running */
  readonly owner?: OwnerRecord
}

/**
 * The server of a folder's application, found by its configuration or by the process that owns the folder; undefined
 * for a folder of libSQL. The query makes no process a node.
 */
export async function findCluster({ data, restate }: Setup): Promise<ClusterPlace | undefined> {
  const owner = existsSync(data) ? await findOwner(data) : undefined
  if (restate) {
    const namespace = await namespaceOf(data, restate)
    return { ...(await reach(restate)), ...(namespace !== undefined && { namespace }), ...(owner && { owner }) }
  }
  const said = (await ownerStatus(owner))?.restate
  if (said) return { ...(await reach(said)), namespace: said.namespace, owner: owner! }
  checkEngineOf(data, 'libsql')
  return undefined
}

async function reach({ admin, ingress }: Pick<RestateConfig, 'admin' | 'ingress'>) {
  const servers = await askServers(admin)
  return { ...servers, admin: servers.answering[0]!, ...(ingress && { ingress }) }
}

/** The same for a command that needs such an application; InvalidError if there is none. */
export async function requireCluster(
  cli: Cli,
  data: string | undefined,
): Promise<ClusterPlace & { readonly namespace: string }> {
  const place = await findCluster(await loadSetup(cli, data))
  if (place?.namespace !== undefined) return { ...place, namespace: place.namespace }
  throw new InvalidError('Expected an application on a Restate server, got a libSQL data folder.', {
    hint: 'Give the server: --restate http://127.0.0.1:9070. Turns on libSQL have no release.',
  })
}

/** Whether a folder is on a Restate server and none of its nodes runs: a process that asks its actors becomes one. */
export async function isWithoutNode(data: string): Promise<boolean> {
  return isNode(data) && !(await findOwner(data))?.socket
}

export const NOT_EXAMINED = 'not checked: no node of this folder is running'
