import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { FileRef } from '../../src/lib/media/file-ref.ts'
import type { ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')
/** A recognisable part of the picture in base64, at each of its three places in a group. */
const BASE64 = [0, 1, 2].map((skip) => PNG.subarray(skip).toString('base64').slice(0, 32))

async function run(runtime: ServedRuntime, steps: readonly object[], more: object = {}) {
  const text = JSON.stringify({ name: 'p', inputs: { photo: { type: 'object', required: false } }, steps })
  const { id } = await runtime.runs.start({ source: { text }, ...more })
  await runtime.idle()
  return { id, run: await runtime.runs.get(id) }
}

/** The files below a folder that hold the picture as base64. */
const withBase64 = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .filter((path) => BASE64.some((text) => readFileSync(path, 'latin1').includes(text)))

it('a picture that a step reads is a reference in its result, and a file that the run uses', async () => {
  const { folder, path, open } = openFolder()
  writeFileSync(path('photo.png'), PNG)
  const runtime = await open()
  const step = { id: 'a', tool: 'filesystem', action: 'read', parameters: { path: path('photo.png') } }
  const { id, run: ended } = await run(runtime, [step])
  const { result } = (await runtime.runs.step(id, 'a')).value as { readonly result: Json }
  const [file] = await runtime.files.list({ use: `run/${id}` })
  expect(ended.status).toBe('completed')
  const { at: _, uses: __, ...ref } = file!
  expect(result).toMatchObject({ action: 'read', content: '', size: PNG.length, attachment: ref })
  expect(ref).toMatchObject({ name: 'photo.png', type: 'image/png', bytes: PNG.length })
  // the fork takes the result over, so it also keeps the file
  const fork = await runtime.runs.fork(id)
  expect((await runtime.files.get(ref.file)).uses).toEqual([`run/${id}`, `run/${fork.id}`])
  await runtime.stop({ grace: 0 })
  expect(withBase64(folder)).toEqual([])
})

it('an input may name a file of the owner, and a made-up one is refused before the run begins', async () => {
  const runtime = await openFolder().open()
  const ref: FileRef = await runtime.files.add(PNG, { name: 'photo.png' })
  const others = await runtime.files.add(Buffer.concat([PNG, PNG]), { name: 'other.png', owner: 'ann' })
  const say = [{ id: 'a', tool: 'filesystem', action: 'exists', parameters: { path: '{{ inputs.photo.name }}' } }]
  const { id, run: ended } = await run(runtime, say, { inputs: { photo: { file: ref.file, name: 'x' } } })
  expect(ended.status).toBe('completed')
  expect((await runtime.files.get(ref.file)).uses).toEqual([`run/${id}`])
  for (const file of [others.file, `file_${'0'.repeat(64)}`])
    await expect(run(runtime, say, { id: 'made', inputs: { photo: { file } } })).rejects.toMatchObject({
      code: 'file_not_found',
      place: { path: 'inputs.photo' },
    })
  await expect(runtime.runs.get('made')).rejects.toMatchObject({ name: 'NotFoundError' })
})

it('a tool of a plugin returns a file, and a step gives it on by its reference', async () => {
  const { path, write, open } = openFolder()
  write(
    'draw.mjs',
    `export default [{ name: 'draw', description: 'Draws', effect: 'pure', input: { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } },
      execute: () => ({ drawn: new File([Buffer.from('${PNG.toString('hex')}', 'hex')], 'plan.png') }) }]`,
  )
  write('antiphon.yaml', `plugins: [${path('draw.mjs')}]\n`)
  const runtime = await open()
  const { id, run: ended } = await run(runtime, [{ id: 'a', tool: 'draw' }])
  expect(ended).toMatchObject({ status: 'completed' })
  const { result } = (await runtime.runs.step(id, 'a')).value as { readonly result: Json }
  expect(result).toMatchObject({ drawn: { type: 'image/png', name: 'plan.png', bytes: PNG.length } })
  const { file } = (result as unknown as { readonly drawn: FileRef }).drawn
  expect(await runtime.files.read(file, { max: 1000 })).toEqual(PNG)
})

it('a step gives its model files of the owner of the run alone', async () => {
  const runtime = await openFolder().open()
  const { file } = await runtime.files.add(PNG, { name: 'other.png', owner: 'ann' })
  const step = { id: 'a', action: 'generate_text', parameters: { prompt: 'x', files: [file] } }
  const { id, run: ended } = await run(runtime, [step])
  expect(ended.status).toBe('failed')
  expect(await runtime.runs.step(id, 'a')).toMatchObject({ error_code: 'file_not_found' })
})
