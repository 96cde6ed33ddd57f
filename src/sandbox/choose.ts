import { TerminalError } from '../errors.ts'
import { bubblewrap } from './bubblewrap.ts'
import { none } from './none.ts'
import {
  DEFAULT_SANDBOX_LIMITS,
  type OpenSandboxOptions,
  type Sandbox,
  type SandboxLimits,
  type SandboxProvider,
} from './sandbox.ts'

/** The settings under `sandbox:` in antiphon.yaml. */
export type SandboxSettings = Partial<SandboxLimits> & {
  /** names of providers, in the order in which they are tried */
  readonly use?: readonly string[]
}

/** Opens sandboxes as the configuration says. */
export interface Sandboxes {
  readonly limits: SandboxLimits
  /** The sandbox of the first provider that can run here; TerminalError `sandbox_missing`, with what each lacks, when none can. */
  open(options?: Partial<OpenSandboxOptions>): Promise<Sandbox>
}

export const DEFAULT_SANDBOXES = ['bubblewrap']

/** The providers that come with this package. */
export const OUR_SANDBOXES: readonly SandboxProvider[] = [bubblewrap, none]

/** `own`: providers of the caller's, which may also replace ours. InvalidError for a name under `use` that no provider has. */
export function createSandboxes(settings: SandboxSettings = {}, own: readonly SandboxProvider[] = []): Sandboxes {
  const { use = DEFAULT_SANDBOXES, ...bounds } = settings
  const limits = { ...DEFAULT_SANDBOX_LIMITS, ...bounds }
  const providers = use.map((name) => [...own, ...OUR_SANDBOXES].find((provider) => provider.name === name))
  return {
    limits,
    async open(options = {}) {
      const gaps: string[] = []
      const hints: string[] = []
      for (const [index, provider] of providers.entries()) {
        const gap = provider
          ? await provider.check()
          : { reason: 'no provider has this name', hint: 'correct `sandbox: { use }`' }
        if (provider && !gap) return provider.open({ limits, ...options })
        gaps.push(`${use[index]}: ${gap!.reason}`)
        hints.push(gap!.hint)
      }
      throw new TerminalError(`No sandbox can run here (${gaps.join('; ') || '`sandbox: { use }` names none'})`, {
        code: 'sandbox_missing',
        hint: hints.join('; or ') || `name one: sandbox: { use: [${DEFAULT_SANDBOXES}] }`,
      })
    },
  }
}
