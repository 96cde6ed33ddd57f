import { randomInt } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { TerminalError } from '../../src/errors.ts'
import { DEFAULT_SANDBOX_LIMITS, type SandboxLimits, type SandboxProvider } from '../../src/sandbox/sandbox.ts'
import type { EscapeAttempt } from './attempt.ts'
import { BOMBS, type Bomb } from './bombs.ts'
import { READ, WRITE } from './files.ts'
import { NETWORK } from './network.ts'
import { PROCESSES } from './processes.ts'
import { processesWith } from './processes-with.ts'
import { type OpenEscapeTarget, openEscapeTarget } from './target.ts'

/**
 * All attempts. Each runs as a command in a sandbox; a sandbox holds
 * when none prints ESCAPED and nothing outside was touched.
 */
export const ESCAPE_ATTEMPTS: readonly EscapeAttempt[] = [...READ, ...WRITE, ...NETWORK, ...PROCESSES]

/**
 * Tries to leave the sandboxes of a provider in every way of the
 * suite. Returns the names of the ways that succeed; none: it holds.
 */
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
 * Tries to exhaust this machine from sandboxes of a provider. Returns the names of the
 * attempts that went on for longer than the limit of seconds and one second more, or
 * left a process behind. A provider that enforces no limits lets them harm the machine.
 */
export async function findUnbounded(provider: SandboxProvider, limits: SandboxLimits): Promise<readonly string[]> {
  await checkProvider(provider)
  const found: string[] = []
  for (const bomb of BOMBS) {
    const { elapsed, left } = await explode(provider, limits, bomb)
    if (elapsed > (limits.seconds + 1) * 1000 || left > 0) found.push(bomb.name)
  }
  return found
}

/** How long a bomb took, in ms, and how many of its processes outlived the sandbox. They are killed then. */
export async function explode(provider: SandboxProvider, limits: SandboxLimits, { command }: Bomb) {
  const marker = `60.${randomInt(2 ** 47)}`
  const sandbox = await provider.open({ limits })
  try {
    const started = performance.now()
    await sandbox.run([...command, marker])
    const elapsed = performance.now() - started
    return { elapsed, left: await leftWith(marker) }
  } finally {
    await sandbox.close()
    for (const pid of processesWith(marker)) killIfAlive(pid)
  }
}

/** Killed processes need a moment to be gone. */
const DYING_MS = 1000

async function leftWith(marker: string): Promise<number> {
  const end = performance.now() + DYING_MS
  while (processesWith(marker).length > 0 && performance.now() < end) await setTimeout(20)
  return processesWith(marker).length
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended meanwhile
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
