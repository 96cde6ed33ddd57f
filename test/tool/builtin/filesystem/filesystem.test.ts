import { expect, it } from 'vitest'
import { filesystemTools } from '../../../../src/tool/builtin/tools.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const inputs: { readonly [name: string]: object } = {
  'filesystem:write': { path: '../out', content: 'x' },
  'filesystem:append': { path: '../out', content: 'x' },
  'filesystem:copy': { path: '../out', destination: 'a' },
  'filesystem:move': { path: '../out', destination: 'a' },
  'filesystem:search': { path: '../out', text: 'x' },
  'filesystem:edit': { path: '../out', old_text: 'x', new_text: 'y' },
  'filesystem:chmod': { path: '../out', mode: '644' },
}

it.each(filesystemTools.map((tool) => [tool.name, tool] as const))('%s stays inside the roots', async (name, tool) => {
  const input = inputs[name] ?? { path: '../out' }
  await expect(call(tool, input, contextAt(place.root))).rejects.toMatchObject({ code: 'outside_root' })
})

it.each(filesystemTools.map((tool) => [tool.name, tool] as const))(
  '%s refuses paths that are none',
  async (name, tool) => {
    for (const path of ['', 'a\0b', 'x'.repeat(5000), 7])
      await expect(call(tool, { ...inputs[name], path }, contextAt(place.root))).rejects.toMatchObject({
        name: 'InvalidError',
      })
  },
)
