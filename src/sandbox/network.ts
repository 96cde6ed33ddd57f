import { SANDBOX_PROXY_URL } from './forward.ts'
import type { OpenSandboxOptions, Sandbox, SandboxProvider } from './sandbox.ts'

/** A proxy that leads to the hosts that `sandbox: { network }` names. */
export type SandboxNetwork = { listen(socket: string): Promise<unknown>; close(): Promise<void> }

const VARIABLES = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].map((name) => [name, SANDBOX_PROXY_URL]),
)

/** Opens a sandbox whose commands find that proxy in their environment, and no other network. The proxy ends with the sandbox. */
export async function openWithNetwork(
  provider: SandboxProvider,
  options: OpenSandboxOptions,
  network: SandboxNetwork,
): Promise<Sandbox> {
  try {
    const sandbox = await provider.open({ ...options, proxy: async (socket) => void (await network.listen(socket)) })
    return {
      name: sandbox.name,
      folder: sandbox.folder,
      run: (command, how = {}) => sandbox.run(command, { ...how, environment: { ...VARIABLES, ...how.environment } }),
      write: (path, bytes) => sandbox.write(path, bytes),
      read: (path) => sandbox.read(path),
      list: (folder) => sandbox.list(folder),
      async close() {
        await network.close()
        await sandbox.close()
      },
    }
  } catch (error) {
    await network.close()
    throw error
  }
}
