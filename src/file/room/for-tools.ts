import { toRef } from '../../lib/media/file-ref.ts'
import type { MediaPrograms } from '../../source/media/programs.ts'
import type { ToolFiles } from '../../tool/services.ts'
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
    programs: port.programs,
  }
}
