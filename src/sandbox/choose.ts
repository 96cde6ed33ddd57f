import { TerminalError } from '../errors.ts'
import { bubblewrap } from './bubblewrap.ts'
import { containers } from './container/container.ts'
import { SANDBOX_PROXY_URL } from './forward.ts'
import { none } from './none.ts'
import type { OpenSandboxOptions, Sandbox, SandboxLimits, SandboxProvider } from './sandbox.ts'
import { DEFAULT_SANDBOX_LIMITS } from './sandbox.ts'

/** The settings under `sandbox:` in antiphon.yaml. */
export type SandboxSettings = Partial<SandboxLimits> & {
  /** names of providers, in the order in which they are tried */
  readonly use?: readonly string[]
  /** the image of containers; absent: one with Python */
  readonly image?: string
  /** hosts that code may reach; absent: none */
  readonly network?: readonly string[]
}

/** Where sandboxes come from besides this package, and how they reach hosts. */
type SandboxParts = {
  /** providers of the caller's, which may also replace ours */
  readonly own?: readonly SandboxProvider[]
  /** makes the proxy to these hosts for one sandbox; absent: no code has a network */
  readonly openNetwork?: (hosts: readonly string[]) => Promise<SandboxNetwork>
  /** receives a message for people, once */
  readonly notice?: (line: string) => void
}

/** Opens sandboxes as the configuration says. */
export interface Sandboxes {
  readonly limits: SandboxLimits
  /** The first provider that can run here; TerminalError `sandbox_missing`, with what each lacks, when none can. */
  choose(): Promise<SandboxProvider>
  /** A sandbox of that provider. */
  open(options?: Partial<OpenSandboxOptions>): Promise<Sandbox>
}

const DEFAULT_SANDBOXES = ['bubblewrap']

export function createSandboxes(
  settings: SandboxSettings = {},
  { own = [], openNetwork, notice = () => {} }: SandboxParts = {},
): Sandboxes {
  const { use = DEFAULT_SANDBOXES, network = [], image, ...bounds } = settings
  const limits = { ...DEFAULT_SANDBOX_LIMITS, ...bounds }
  const known = [...own, bubblewrap, containers(image), none]
  const providers = use.map((name) => known.find((provider) => provider.name === name))
  const openWith = async (provider: SandboxProvider, options: OpenSandboxOptions) =>
    network.length > 0 && openNetwork
      ? openWithNetwork(provider, options, await openNetwork(network))
      : provider.open(options)
  let hasWarned = false
  const warnOf = (provider: SandboxProvider) => {
    if (provider.disk !== 'watched' || hasWarned) return
    hasWarned = true
    notice(`the sandbox ${provider.name}: ${WATCHED_DISK}`)
  }
  const choose = async () => {
    const gaps: string[] = []
    const hints: string[] = []
    for (const [index, provider] of providers.entries()) {
      const gap = provider
        ? await provider.check()
        : { reason: 'no provider has this name', hint: 'Correct `sandbox: { use }`.' }
      if (provider && !gap) return provider
      gaps.push(`${use[index]}: ${gap!.reason}`)
      hints.push(gap!.hint)
    }
    throw new TerminalError(`No sandbox can run here (${gaps.join('; ') || '`sandbox: { use }` names none'}).`, {
      code: 'sandbox_missing',
      hint: hints.join(' Or: ') || `Name one: \`sandbox: { use: [${DEFAULT_SANDBOXES}] }\`.`,
    })
  }
  return {
    limits,
    choose,
    async open(options = {}) {
      const provider = await choose()
      warnOf(provider)
      return openWith(provider, { limits, ...options })
    },
  }
}

/** The warning about a sandbox whose disk has no size. */
export const WATCHED_DISK = 'its disk is only watched; code may exceed `disk` for a moment'

/** A proxy that leads to the hosts that `sandbox: { network }` names. */
type SandboxNetwork = { listen(socket: string): Promise<unknown>; close(): Promise<void> }

const VARIABLES = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].map((name) => [name, SANDBOX_PROXY_URL]),
)

/** Opens a sandbox with that proxy in its environment, and no other network. The proxy ends with the sandbox. */
async function openWithNetwork(
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
