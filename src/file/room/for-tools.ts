import type { ToolFiles } from '../../tool/files.ts'
import type { CallingRun } from '../../tool/tool.ts'
import type { FilesPort } from './port.ts'

/** The files of an owner, as the tools of a run use them. `source`: the run, which uses what they add. */
export function filesForTools(port: FilesPort, owner: string, source: string, run: CallingRun | undefined): ToolFiles {
  const use = run && { use: source }
  return {
    async add(content, { name }) {
      const { at: _, uses: __, ...ref } = await port.add(content, { name, owner, ...use, onWrongName: 'shorten' })
      return ref
    },
    find: async (file) => (await port.resolve([file], { owner, ...use }))[0]!,
    read: (file, max) => port.read(file, { owner, max }),
  }
}
