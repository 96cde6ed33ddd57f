import { chmod, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { chmodTool } from '../../../../src/tool/builtin/filesystem/chmod.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const modeOf = async (path: string) => ((await stat(at(path))).mode & 0o777).toString(8)
const set = (input: object) => call(chmodTool, input, contextAt(place.root))

it('sets who may do what, written in quotes or not', async () => {
  await writeFile(at('a'), '', { mode: 0o600 })
  expect(await set({ path: 'a', mode: '0755' })).toEqual({ action: 'chmod', path: 'a', mode: '0755' })
  expect(await modeOf('a')).toBe('755')
  await set({ path: 'a', mode: 640 })
  expect(await modeOf('a')).toBe('640')
})

it('takes no other words and bits, and nothing that is not there', async () => {
  await writeFile(at('a'), '')
  for (const mode of ['u+x', '4755', '888', 7, -644])
    await expect(set({ path: 'a', mode })).rejects.toThrow(/three digits/)
  await expect(set({ path: 'nothing', mode: '644' })).rejects.toMatchObject({ message: 'File not found: nothing' })
})

it('is undone unless somebody else has set it since', async () => {
  await writeFile(at('a'), '', { mode: 0o600 })
  const context = contextAt(place.root)
  const input = { path: 'a', mode: '644' }
  const memo = await chmodTool.prepare!(input, context)
  const output = (await chmodTool.execute(input, context)) as { action: 'chmod'; path: string; mode: string }
  const undo = () => chmodTool.undo!({ input, output, memo: memo as number }, context)
  await undo()
  await undo()
  expect(await modeOf('a')).toBe('600')
  await chmod(at('a'), 0o777)
  await expect(undo()).rejects.toThrow('a has changed since, so it stays as it is.')
})
