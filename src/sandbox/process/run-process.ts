import { isUtf8 } from 'node:buffer'
import { openSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import { Duplex, type Readable, type Writable } from 'node:stream'
import { endProcessGroup, KILL_DELAY_MS } from '../../lib/process/group.ts'
import { guardCommand } from './guard.ts'

type ProcessOptions = {
  readonly words: readonly [program: string, ...args: string[]]
  readonly folder: string
  /** the complete environment */
  readonly environment: { readonly [name: string]: string }
  /** ms; absent: no limit */
  readonly timeout?: number
  readonly signal: AbortSignal
  /** foreign code: it is ended without asking it first, and no file that this process left open is open to it */
  readonly isolated?: boolean
  /** what the program reads at HANDED_DESCRIPTOR: other users of this machine see command lines, but not this */
  readonly handed?: string
  /** the descriptors of the program from BESIDE_DESCRIPTOR on: a stream to this process, or an open file */
  readonly beside?: readonly ('pipe' | number)[]
  /** gets the id of the process once it has started, and the streams of `beside` */
  readonly started?: (pid: number, beside: readonly Duplex[]) => void
  /** gets the streams of a program that talks: it has input, and nothing of its output is collected */
  readonly talk?: Talk
}

export const HANDED_DESCRIPTOR = 4
export const BESIDE_DESCRIPTOR = 5

/** Talks with a program over its streams, which it must read to their ends. */
export type Talk = (streams: { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable }) => void

/** How a process ended. A signal counts as exit code 128 + its number, as in a shell. `refused`: it did not start. */
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

/**
 * Output as text. `dropped`: bytes that the text does not have, because they are beyond the limit. `bytes`: the output
 * as it came, up to KEPT_OUTPUT_BYTES; absent: the text has all of it.
 */
export type ProcessOutput = { readonly text: string; readonly dropped: number; readonly bytes?: Uint8Array }

/** Bytes of a stream that become text. */
export const MAX_OUTPUT_BYTES = 1024 * 1024

export const KEPT_OUTPUT_BYTES = 16 * 1024 * 1024

/**
 * Runs a program in its own process group, without input unless it talks.
 * Nothing of the group outlives this call: on timeout, on cancellation and when the program ends,
 * the rest of the group gets SIGTERM, then SIGKILL two seconds later. When this process exits, the
 * group gets SIGKILL.
 * If this process is killed, the program is killed with it on Linux (see guard.ts). Its children
 * live until they end or write to the broken pipe. A program that starts its own session (a daemon)
 * leaves the group and is not followed.
 * A program that talks has a lifeline: the whole group ends with this process, however it ends.
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  // loaded on demand: execa has a hundred modules, and few processes run a program
  const { execa } = await import('execa')
  const started = performance.now()
  const hidden = options.isolated ? await hiddenDescriptors() : []
  const subprocess = start(execa, options, await guardCommand(), hidden)
  if (subprocess.pid !== undefined) options.started?.(subprocess.pid, streamsBeside(subprocess.nodeChildProcess))
  const [stdout, stderr] = options.talk
    ? handOver(subprocess, options.talk)
    : [collect(subprocess.stdout), collect(subprocess.stderr)]
  const [result] = await Promise.all([subprocess, endProcessGroup(subprocess.nodeChildProcess)])
  return { ...endOf(result), stdout: stdout(), stderr: stderr(), elapsed: performance.now() - started }
}

const streamsBeside = ({ stdio }: { readonly stdio: readonly unknown[] }) =>
  stdio.slice(BESIDE_DESCRIPTOR).filter((stream): stream is Duplex => stream instanceof Duplex)

/** The streams of a program that talks: nothing of its output is kept here. */
function handOver({ stdin, stdout, stderr }: ReturnType<typeof start>, talk: Talk) {
  talk({ stdin: stdin as Writable, stdout, stderr })
  const none = () => ({ text: '', dropped: 0 })
  return [none, none] as const
}

/**
 * A watcher in the group reads the pipe at descriptor 3, whose other end only this process holds. The pipe ends with
 * this process, and the watcher kills the group.
 */
const LIFELINE = ['/bin/sh', '-c', '(read -r _ <&3; kill -KILL 0) </dev/null >/dev/null 2>&1 & exec "$@" 3<&-', 'sh']

function start(execa: Execa, options: ProcessOptions, guard: readonly string[], hidden: readonly Descriptor[]) {
  const { words, folder, environment, timeout, signal, isolated = false, talk, handed, beside = [] } = options
  const lifeline = talk && process.platform !== 'win32'
  const [program, ...args] = [...(lifeline ? LIFELINE : []), ...guard, ...words] as [string, ...string[]]
  const [third = 'ignore', fourth = 'ignore', ...more] = hidden
  const beyond = [
    lifeline ? 'pipe' : third,
    handed === undefined ? fourth : Buffer.from(handed),
    ...beside,
    ...more.slice(beside.length),
  ]
  return execa(program, args, {
    cwd: folder,
    env: { ...environment },
    extendEnv: false,
    // numbers are allowed, which the types of execa do not know
    stdio: [talk ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(beyond as readonly 'ignore'[])],
    buffer: false,
    reject: false,
    killDescendants: true,
    killSignal: isolated ? 'SIGKILL' : 'SIGTERM',
    forceKillAfterDelay: KILL_DELAY_MS,
    ...(timeout !== undefined && { timeout: Math.ceil(timeout) }),
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
  let [held, size] = [0, 0]
  stream.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, KEPT_OUTPUT_BYTES - held)
    if (part.length > 0) chunks.push(part)
    held += part.length
    size += chunk.length
  })
  return () => {
    const bytes = Buffer.concat(chunks)
    const shown = bytes.subarray(0, MAX_OUTPUT_BYTES)
    const dropped = size - shown.length
    const isWhole = dropped === 0 && isUtf8(shown)
    return { text: decode(shown, dropped > 0), dropped, ...(!isWhole && { bytes }) }
  }
}

// leaves out a character that the limit cuts in two
function decode(bytes: Buffer, isCut: boolean): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: isCut })
}

/** The replacement of a descriptor in a child; see hiddenDescriptors. */
type Descriptor = 'ignore' | number

let nothing: number | undefined

/**
 * The entries of `stdio` from 3 on, in which /dev/null replaces every file that children of this process would inherit.
 * Node.js cannot close such a file for one child only. Empty except on Linux.
 */
async function hiddenDescriptors(): Promise<readonly Descriptor[]> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const inherited = (await Promise.all(names.filter((name) => Number(name) > 2).map(isInherited))).flat()
  if (inherited.length === 0) return []
  nothing ??= openSync('/dev/null', 'r')
  const entries: Descriptor[] = Array(Math.max(...inherited) - 2).fill('ignore')
  for (const number of inherited) entries[number - 3] = nothing
  return entries
}

const CLOSE_ON_EXEC = 0o2000000

async function isInherited(name: string): Promise<number[]> {
  const info = await readFile(`/proc/self/fdinfo/${name}`, 'latin1').catch(() => '')
  const [, flags] = /^flags:\s*(\d+)$/m.exec(info) ?? []
  return flags === undefined || Number.parseInt(flags, 8) & CLOSE_ON_EXEC ? [] : [Number(name)]
}
