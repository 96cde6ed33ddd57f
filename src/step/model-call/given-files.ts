import { TerminalError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { nameOf } from '../../kernel/ref.ts'
import { type FileRef, hashOfFile } from '../../lib/media/file-ref.ts'
import type { InputFile } from '../../model/prompt/task.ts'
import type { FileReaders, RequestFile } from '../../model/request/request.ts'
import type { ToolFiles } from '../../tool/services.ts'
import type { StepContext } from '../call/context.ts'

/** The files of the owner of the run. @throws TerminalError `tool_unavailable` */
export function filesOfOwner({
  services,
  start,
  callFor,
}: Pick<StepContext, 'services' | 'start' | 'callFor'>): ToolFiles {
  const { run } = start
  const { files } = services.rooms?.(callFor.owner, nameOf(runRef(run.id)), run) ?? {}
  if (!files) throw noFiles()
  return files
}

/** Reads the files of a step: those that it has pinned, which its owner may have removed since. */
export const readPinned =
  (context: Pick<StepContext, 'services'>) =>
  ({ file }: FileRef): Promise<Uint8Array> =>
    context.services.pins!.get(hashOfFile(file))

/** Makes pictures of a step smaller. Undefined: they go as they are. */
export const smallPinned =
  (context: Pick<StepContext, 'services' | 'start' | 'callFor'>): NonNullable<FileReaders['smallPicture']> =>
  async (file, bounds) =>
    filesOfOwner(context).small(file, await readPinned(context)(file), bounds)

export async function withBytes(file: RequestFile, context: StepContext): Promise<InputFile> {
  if ('data' in file) return file
  const bytes = await readPinned(context)(file)
  return { name: file.name, mediaType: file.type, data: Buffer.from(bytes).toString('base64') }
}

export const noFiles = () => new TerminalError('This runtime has no files.', { code: 'tool_unavailable' })
