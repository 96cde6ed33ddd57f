import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { restateEngine } from '../../src/engine/restate/engine.ts'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import type { RestateServer } from '../../src/engine/restate/server/server.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

/** What an operator sees of an application: commands in a folder that names the server, and nodes to start and stop. */
export function openOperator(server: RestateServer, namespace: string) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-operator-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { admin, ingress } = server
  writeFileSync(join(folder, 'antiphon.yaml'), `engine: { restate: { admin: "${admin}", namespace: ${namespace} } }\n`)

  async function start(release: string, actors: readonly Actor[], at?: number): Promise<Node> {
    const port = at ?? (await findPorts(1))[0]!
    const engine = restateEngine({ admin, ingress, namespace, release, port, actors })
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    return { engine, port, stop: () => engine.stop({ grace: 0 }) }
  }

  /** A command line in the folder: its exit code and what it wrote. */
  const run = (...args: readonly string[]) => runHere(REAL, args, { folder })

  /** Has the server change something of its own. */
  async function patch(path: string, body?: object): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const sent = { method: 'PATCH', headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${admin}${path}`, sent)
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  }

  return { admin, folder, start, run, patch }
}

/** A node of a release in this process. */
export type Node = { readonly engine: Engine; readonly port: number; stop(): Promise<void> }
