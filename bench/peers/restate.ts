import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import type { Served } from './peers.ts'
import { startServer } from './server.ts'

const SERVICE: string = './restate-service.js'

/** One Restate node with its defaults, which sync its log to disk, and a service of ours; the address is where requests go in. */
export async function serve(folder: string): Promise<Served> {
  const [node, admin, ingress, service] = await findPorts(4)
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`
  const given = [
    '--no-logo',
    '--node-name',
    'bench',
    '--base-dir',
    folder,
    '--listen-mode',
    'tcp',
    '--bind-ip',
    '127.0.0.1',
  ]
  const environment = {
    RESTATE_BIND_PORT: String(node),
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'warn',
  }
  await startServer(locateBinary(), given, { cwd: folder, env: { ...process.env, ...environment } }, async () => {
    return (await isHealthy(`${at(admin)}/health`)) && (await isHealthy(`${at(ingress)}/restate/health`))
  })
  const { listen } = (await import(SERVICE)) as { readonly listen: (port: number | undefined) => Promise<unknown> }
  await listen(service)
  await register(at(admin), at(service))
  return { address: at(ingress), versions: [] }
}

function locateBinary(): string {
  const { resolve } = createRequire(import.meta.url)
  return resolve(`@restatedev/restate-server-${platform()}-${arch()}/bin/restate-server`)
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined)
  return response?.ok === true
}

async function register(admin: string, service: string): Promise<void> {
  const response = await fetch(`${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: service }),
  })
  if (!response.ok) throw new Error(`Restate refused the service: ${await response.text()}`)
}
