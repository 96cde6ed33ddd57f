import { performance } from 'node:perf_hooks'
import { TerminalError } from '../../errors.ts'
import { DEFAULT_SANDBOX_LIMITS, type SandboxLimits, type SandboxProvider } from '../../sandbox/sandbox.ts'
import type { EscapeAttempt } from './attempt.ts'
import { BOMBS, type Bomb } from './bombs.ts'
import { ESCAPE_ATTEMPTS } from './escapes.ts'
import { type OpenEscapeTarget, openEscapeTarget } from './target.ts'

/** Tries to leave the sandboxes of a provider in every way of the suite. Returns the names of the ways that succeed; none: it holds. */
export async function findEscapes(
  provider: SandboxProvider,
  limits: SandboxLimits = DEFAULT_SANDBOX_LIMITS,
): Promise<readonly string[]> {
  await checkProvider(provider)
  const target = await openEscapeTarget(provider, limits)
  const found: string[] = []
  try {
    for (const attempt of ESCAPE_ATTEMPTS)
      if (await escapes(provider, limits, attempt, target)) found.push(attempt.name)
  } finally {
    await target.close()
  }
  return found
}

/** Whether one attempt succeeds, or touches something outside. */
export async function escapes(
  provider: SandboxProvider,
  limits: SandboxLimits,
  { command, reads = [] }: EscapeAttempt,
  target: OpenEscapeTarget,
): Promise<boolean> {
  const before = target.touched()
  const sandbox = await provider.open({ limits })
  try {
    const { stdout } = await sandbox.run(command(target))
    const listed = (await sandbox.list('out').catch(() => [])).map(({ path }) => path)
    const read = await Promise.all(reads.map((path) => sandbox.read(path).then(textOf, () => '')))
    return (
      stdout.text.includes('ESCAPED') ||
      target.touched() > before ||
      listed.some((path) => reads.includes(path)) ||
      read.includes('secret')
    )
  } finally {
    await sandbox.close()
  }
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

/**
 * Tries to exhaust this machine from sandboxes of a provider. Returns the names of the attempts that went on for longer than the limit of
 * seconds and one second more. A provider that enforces no limits lets them harm the machine.
 */
export async function findUnbounded(provider: SandboxProvider, limits: SandboxLimits): Promise<readonly string[]> {
  await checkProvider(provider)
  const found: string[] = []
  for (const bomb of BOMBS)
    if ((await explode(provider, limits, bomb)) > (limits.seconds + 1) * 1000) found.push(bomb.name)
  return found
}

/** ms until a bomb has ended. */
export async function explode(provider: SandboxProvider, limits: SandboxLimits, { command }: Bomb): Promise<number> {
  const sandbox = await provider.open({ limits })
  try {
    const started = performance.now()
    await sandbox.run(command)
    return performance.now() - started
  } finally {
    await sandbox.close()
  }
}

async function checkProvider(provider: SandboxProvider): Promise<void> {
  const gap = await provider.check()
  if (gap)
    throw new TerminalError(`${provider.name} cannot run here: ${gap.reason}`, {
      code: 'sandbox_missing',
      hint: gap.hint,
    })
}
