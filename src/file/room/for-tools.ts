import { toRef } from '../../lib/media/file-ref.ts'
import type { ToolFiles } from '../../tool/services.ts'
import type { CallingRun } from '../../tool/tool.ts'
import type { FilesPort } from './port.ts'

/** The files of an owner, as the tools of a run use them. `source`: the run, which uses what they add. */
export function filesForTools(port: FilesPort, owner: string, source: string, run: CallingRun | undefined): ToolFiles {
  const use = run && { use: source }
  return {
    add: async (content, { name }) => toRef(await port.add(content, { name, owner, ...use, onWrongName: 'shorten' })),
    find: async (file) => (await port.resolve([file], { owner, ...use }))[0]!,
    read: (file, max) => port.read(file, { owner, max }),
  }
}
