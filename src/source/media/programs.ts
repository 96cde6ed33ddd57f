import { readFile } from 'node:fs/promises'
import { is, problemOf, TerminalError } from '../../errors.ts'
import { unread } from '../../extension/reader.ts'
import { findProgram } from '../../sandbox/process/find-program.ts'
import type { OpenSandboxOptions, Sandbox } from '../../sandbox/sandbox.ts'
import type { MediaFile, MediaTerms } from './reading.ts'

/** Native programs that decode media, and the Debian packages that bring them. */
const PACKAGES = { ffmpeg: 'ffmpeg', tesseract: 'tesseract-ocr', pdftoppm: 'poppler-utils' } as const
type MediaProgram = keyof typeof PACKAGES

/** Where sandboxes come from. */
type OpenSandbox = (options: Partial<OpenSandboxOptions>) => Promise<Sandbox>

/** Programs that decode a file of a stranger. Each runs in a sandbox, without a network, and sees this file alone. */
export interface MediaPrograms {
  /** A sentence that says why a program cannot run here, and what brings it; undefined: it can. */
  gapOf(program: MediaProgram): Promise<string | undefined>
  /** Opens a sandbox with the file. The caller closes it. */
  open(file: MediaFile, signal?: AbortSignal): Promise<OpenedMedia>
}

/** A file in a sandbox. */
export interface OpenedMedia {
  /** the path of the file as programs see it */
  readonly path: string
  /** the folder in which they write */
  readonly folder: string
  /** The output of a program. @throws TerminalError if it fails or exceeds its limits, with words about the file */
  run(program: MediaProgram, args: readonly string[]): Promise<string>
  /** Runs a program, and gives the files that it wrote, by their names. */
  filesOf(program: MediaProgram, args: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>
  close(): Promise<void>
}

const MIB = 1024 * 1024
const LIMITS = { memory: 768 * MIB, seconds: 60, processes: 32, disk: 128 * MIB, files: 200 }
/** A file that nobody else may read is copied for the programs up to this size. */
const MAX_COPIED = 64 * MIB
/** The name of the copy. */
const COPY = 'input'
/** One thread, so that a film does not take all cores. */
const ENVIRONMENT = { OMP_THREAD_LIMIT: '1' }
const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin'
/** How long a program is known to be there, or not. */
const LOOK_AGAIN_MS = 60_000
const NOT_ISOLATED = 'no sandbox can run here, and decoders of files run in one alone'

/**
 * Programs in sandboxes that `openSandbox` opens. `unsandboxed`: where none can be opened, they run with the rights of
 * this process, because the configuration allows it.
 */
export function mediaPrograms(openSandbox: OpenSandbox, unsandboxed?: OpenSandbox): MediaPrograms {
  async function openAny(options: Partial<OpenSandboxOptions>): Promise<Sandbox> {
    try {
      return await openSandbox(options)
    } catch (error) {
      if (!is(error) || error.code !== 'sandbox_missing' || !unsandboxed) throw error
      return unsandboxed(options)
    }
  }

  const known = new Map<MediaProgram, { readonly gap: string | undefined; readonly until: number }>()

  async function findGap(program: MediaProgram): Promise<string | undefined> {
    if ((await findProgram(program, '/', SYSTEM_PATH)) === undefined)
      return `${program} is not installed: apt-get install ${PACKAGES[program]}`
    try {
      await (await openAny({ limits: LIMITS })).close()
      return undefined
    } catch (error) {
      if (!is(error)) throw error
      return `${NOT_ISOLATED} (${error.message.replace(/\.$/, '')}); \`media: { unsandboxed: true }\` in antiphon.yaml allows it`
    }
  }

  return {
    async gapOf(program) {
      const before = known.get(program)
      if (before && performance.now() < before.until) return before.gap
      const gap = await findGap(program)
      known.set(program, { gap, until: performance.now() + LOOK_AGAIN_MS })
      return gap
    },
    async open(file, signal) {
      const { sandbox, path } = await openWith(openAny, file)
      const execute = (program: MediaProgram, args: readonly string[]) => runIn(sandbox, program, args, signal)
      return {
        path,
        folder: sandbox.folder,
        run: execute,
        async filesOf(program, args) {
          const before = new Set((await sandbox.list('.')).map((one) => one.path))
          await execute(program, args)
          const files = new Map<string, Uint8Array>()
          for (const { path: name } of await sandbox.list('.'))
            if (!before.has(name)) files.set(name, await sandbox.read(name))
          return files
        },
        close: () => sandbox.close(),
      }
    },
  }
}

/** The file lies in the sandbox where it lies here. Nobody may look into a private folder of root, so it is copied. */
async function openWith(open: OpenSandbox, file: MediaFile): Promise<{ sandbox: Sandbox; path: string }> {
  try {
    return { sandbox: await open({ limits: LIMITS, mounts: [{ path: file.path }] }), path: file.path }
  } catch (error) {
    if (!is(error) || error.code !== 'sandbox_path' || file.bytes > MAX_COPIED) throw error
  }
  const sandbox = await open({ limits: LIMITS })
  try {
    await sandbox.write(COPY, await readFile(file.path))
    return { sandbox, path: `${sandbox.folder}/${COPY}` }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

async function runIn(
  sandbox: Sandbox,
  program: MediaProgram,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const options = { environment: ENVIRONMENT, folder: sandbox.folder, ...(signal && { signal }) }
  const { ended, code, limit, stdout, stderr } = await sandbox.run([program, ...args], options)
  signal?.throwIfAborted()
  if (ended === 'exit' && code === 0) return stdout.text
  if (ended === 'timeout') throw unread(`${program} took longer than ${LIMITS.seconds} s`, 'too_large')
  if (ended === 'limit') throw unread(`${program} exceeded its limit of ${limit}`, 'too_large')
  const said = stderr.text.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  throw new TerminalError(`${program} cannot read it${said === '' ? '' : ` (${said})`}`, { code: 'bad_value' })
}

/** Opens a file for one program, and closes it. @throws TerminalError `tool_unavailable` if it cannot run here */
export async function withProgram<T>(
  programs: MediaPrograms,
  program: MediaProgram,
  file: MediaFile,
  { signal }: MediaTerms,
  work: (opened: OpenedMedia) => Promise<T>,
): Promise<T> {
  const gap = await programs.gapOf(program)
  if (gap !== undefined) throw unread(gap, 'tool_unavailable')
  const opened = await programs.open(file, signal)
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** A gap for a failure of a program: the rest of the reading is not lost with it. */
export function gapFor(what: string, error: unknown): string {
  if (!is(error) || !problemOf(error).terminal) throw error
  return `${what}: ${error.message}`
}

/** The options of ffmpeg that come before the file: the demuxer of its type, one thread, and no other protocol. */
export function ffmpegInput({ type }: MediaFile, path: string): readonly string[] {
  const demuxer = DEMUXERS[type]
  if (demuxer === undefined) throw unread(`ffmpeg does not read ${type} here`, 'not_supported')
  return [
    ...['-v', 'error', '-nostdin', '-y', '-threads', '1', '-protocol_whitelist', 'file,pipe'],
    ...['-max_pixels', String(MAX_PIXELS), '-f', demuxer, '-i', `file:${path}`],
  ]
}

/** Pixels of a picture that is decoded. */
export const MAX_PIXELS = 100_000_000

/** ffmpeg would take a playlist named `.mp4` for one, and follow it. */
const DEMUXERS: { readonly [type: string]: string } = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/webm': 'matroska',
  'video/matroska': 'matroska',
  'audio/mp4': 'mov',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/webm': 'matroska',
  'image/png': 'png_pipe',
  'image/jpeg': 'jpeg_pipe',
  'image/webp': 'webp_pipe',
  'image/gif': 'gif',
  'image/tiff': 'tiff_pipe',
}
