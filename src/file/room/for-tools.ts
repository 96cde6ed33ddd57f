import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { is, TerminalError, unlessMissing } from '../../errors.ts'
import { unread } from '../../extension/reader.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { type FileRef, toRef } from '../../lib/media/file-ref.ts'
import type { PictureBounds } from '../../source/media/picture/resize.ts'
import type { MediaPrograms } from '../../source/media/programs.ts'
import type { MediaTerms } from '../../source/media/reading.ts'
import type { MediaDescription, ToolFiles } from '../../tool/services.ts'
import type { CallingRun } from '../../tool/tool.ts'
import type { OwnedFiles } from './open-port.ts'
import type { FileReadings } from './readings.ts'

/** The files of an owner for the tools of this room: they also read media. */
export interface MediaToolFiles extends ToolFiles {
  /** The file as a path of this machine, for programs. */
  onDisk: (file: string) => ReturnType<FileReadings['onDisk']>
  programs(): Promise<MediaPrograms>
}

/** The files of an owner, as the tools of a run use them. `source`: the run, which uses what they add. */
export function filesForTools(
  port: OwnedFiles,
  owner: string,
  source: string,
  run: CallingRun | undefined,
): MediaToolFiles {
  const use = run && { use: source }
  return {
    add: async (content, { name }) => toRef(await port.add(content, { name, owner, ...use, onWrongName: 'shorten' })),
    find: async (file) => (await port.resolve([file], { owner, ...use }))[0]!,
    read: (file, max) => port.read(file, { owner, max }),
    onDisk: (file) => port.readings.onDisk(file, { owner }),
    describe: async (file, content, signal) => describe(file, content, { share: owner, signal }, await port.programs()),
    small: (file, content, bounds) => small(port, owner, { file, content, bounds }),
    programs: port.programs,
  }
}

type Pictured = { readonly file: FileRef; readonly content: Uint8Array; readonly bounds: PictureBounds }

/** A small picture of content that may have no record: a step has pinned it. With a record it is made once. */
async function small(port: OwnedFiles, owner: string, { file, content, bounds }: Pictured) {
  const made = await port.smallPicture(file, bounds, owner).catch(unlessMissing)
  if (made) return made
  const { smallerPicture } = await import('../../source/media/picture/resize.ts')
  return withContent(content, async (path) => smallerPicture(await port.programs(), { ...file, path }, bounds))
}

/** The reading of content that may have no record: a step has pinned it. */
async function describe(
  file: FileRef,
  content: Uint8Array,
  terms: MediaTerms,
  programs: MediaPrograms,
): Promise<MediaDescription> {
  // loaded when a call needs them
  const { mediaReaderOf } = await import('../../source/media/readers.ts')
  const { documentOfReading } = await import('../../source/media/document-of.ts')
  try {
    const reader = await mediaReaderOf(file.type, programs)
    if (!reader) throw unread(`no reader here reads ${file.type}`, 'not_supported')
    const reading = await withContent(content, (path) => reader.read({ ...file, path }, terms))
    const { facts, passages, gaps } = reading
    const { text } = documentOfReading(file, reading)
    return { text, facts: facts as JsonObject, passages: passages as readonly JsonObject[], lacks: gaps }
  } catch (error) {
    // readers say words that follow the name of the file
    if (!is(error, 'TerminalError')) throw error
    throw new TerminalError(`${file.name}: ${error.message}`, { code: error.code, cause: error })
  }
}

/** Works with content as a path of this machine. */
async function withContent<T>(content: Uint8Array, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-file-'))
  try {
    const path = join(folder, 'content')
    await writeFile(path, content, { mode: 0o600 })
    return await work(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
