import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { endProcessGroup, KILL_DELAY_MS } from './group.ts'
import { guardCommand } from './guard.ts'
import { type Descriptor, hiddenDescriptors } from './inherited-descriptors.ts'

export type ProcessOptions = {
  readonly words: readonly [program: string, ...args: string[]]
  readonly folder: string
  /** the complete environment */
  readonly environment: { readonly [name: string]: string }
  /** ms */
  readonly timeout: number
  readonly signal: AbortSignal
  /** foreign code: it is ended without asking it first, and no file that this process left open for its children is open to it */
  readonly isolated?: boolean
  /** gets the id of the process once it has started */
  readonly started?: (pid: number) => void
}

/**
 * How a process ended. A signal counts as exit code 128 + its number, like in a shell. `refused`:
 * why it did not start.
 */
export type ProcessResult = {
  readonly ended: 'exit' | 'signal' | 'timeout' | 'cancelled' | 'refused'
  readonly code: number
  readonly signal?: string
  readonly refused?: string
  readonly stdout: ProcessOutput
  readonly stderr: ProcessOutput
  /** ms */
  readonly elapsed: number
}

/** Output as text. `dropped`: bytes read beyond the limit and discarded. */
export type ProcessOutput = { readonly text: string; readonly dropped: number }

/** Bytes kept per stream. */
export const MAX_OUTPUT_BYTES = 1024 * 1024

/**
 * Runs a program in its own process group, without input.
 * Nothing of the group outlives this call: on timeout, on cancellation and when the program ends,
 * the rest of the group gets SIGTERM, then SIGKILL two seconds later. When this process exits, the
 * group gets SIGKILL.
 * If this process is killed, the program is killed with it on Linux (see guard.ts). Its children
 * live until they end or write to the broken pipe. A program that starts its own session (a daemon)
 * leaves the group and is not followed.
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  // loaded on demand: execa has a hundred modules, and few processes run a program
  const { execa } = await import('execa')
  const started = performance.now()
  const hidden = options.isolated ? await hiddenDescriptors() : []
  const subprocess = start(execa, options, await guardCommand(), hidden)
  if (subprocess.pid !== undefined) options.started?.(subprocess.pid)
  const [stdout, stderr] = [collect(subprocess.stdout), collect(subprocess.stderr)]
  const [result] = await Promise.all([subprocess, endProcessGroup(subprocess.nodeChildProcess)])
  return { ...endOf(result), stdout: stdout(), stderr: stderr(), elapsed: performance.now() - started }
}

function start(execa: Execa, options: ProcessOptions, guard: readonly string[], hidden: readonly Descriptor[]) {
  const { words, folder, environment, timeout, signal, isolated = false } = options
  const [program, ...args] = [...guard, ...words] as [string, ...string[]]
  return execa(program, args, {
    cwd: folder,
    env: { ...environment },
    extendEnv: false,
    // numbers are allowed, which the types of execa do not know
    stdio: ['ignore', 'pipe', 'pipe', ...(hidden as readonly 'ignore'[])],
    buffer: false,
    reject: false,
    killDescendants: true,
    killSignal: isolated ? 'SIGKILL' : 'SIGTERM',
    forceKillAfterDelay: KILL_DELAY_MS,
    timeout: Math.ceil(timeout),
    cancelSignal: signal,
  })
}

type Execa = typeof import('execa').execa
type Result = Awaited<ReturnType<typeof start>>
type ProcessEnd = Pick<ProcessResult, 'ended' | 'code' | 'signal' | 'refused'>

function endOf(result: Result): ProcessEnd {
  const { exitCode, signal } = result
  if (exitCode === undefined && signal === undefined) return neverRan(result)
  const code = exitCode ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0)
  return { ended: reasonOf(result), code, ...(signal !== undefined && { signal }) }
}

function neverRan({ isCanceled, originalMessage }: Result): ProcessEnd {
  return { ended: isCanceled ? 'cancelled' : 'refused', code: 126, refused: originalMessage ?? 'unknown' }
}

function reasonOf({ timedOut, isCanceled, signal }: Result): ProcessResult['ended'] {
  if (isCanceled) return 'cancelled'
  if (timedOut) return 'timeout'
  return signal === undefined ? 'exit' : 'signal'
}

/** Reads a stream to its end, so that the writer never blocks, and keeps the beginning. */
function collect(stream: Readable): () => ProcessOutput {
  const chunks: Buffer[] = []
  let kept = 0
  let dropped = 0
  stream.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, MAX_OUTPUT_BYTES - kept)
    if (part.length > 0) chunks.push(part)
    kept += part.length
    dropped += chunk.length - part.length
  })
  return () => ({ text: decode(Buffer.concat(chunks), dropped > 0), dropped })
}

// leaves out a character that the limit cuts in two
function decode(bytes: Buffer, isCut: boolean): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: isCut })
}
