import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')

/** A folder with a photo, and command lines in it. */
function openProject() {
  const bench = openBench(REAL)
  writeFileSync(bench.path('photo.png'), PNG)
  const run = (args: readonly string[], terminal: Partial<Terminal> = {}) =>
    runHere(REAL, args, { folder: bench.folder, ...terminal })
  return { ...bench, run }
}

test('the removal of a file names the run that used it', async () => {
  const { run, write } = openProject()
  const { out } = await run(['files', 'add', 'photo.png'])
  write(
    'look.yaml',
    'name: look\ninputs: { photo: { type: object } }\nsteps: [{ id: a, tool: filesystem, action: exists, parameters: { path: x } }]',
  )
  const input = `photo=${JSON.stringify({ file: out.trim() })}`
  await run(['run', 'look.yaml', '--id', 'r1', '-i', input])
  expect((await run(['files', 'remove', out.trim()])).err).toBe(`${out.trim()} is removed.\nIt was used by run/r1.\n`)
})

test('a file is added, shown, written and removed by the beginning of its id', async () => {
  const { run, path } = openProject()
  expect(await run(['files', 'list'])).toMatchObject({ code: 0, err: expect.stringContaining('antiphon files add') })
  const added = await run(['files', 'add', 'photo.png'])
  expect(added).toMatchObject({ code: 0, err: 'Added photo.png (image/png, 33 bytes).\n' })
  const file = added.out.trim()
  const start = file.slice('file_'.length, 17)
  expect((await run(['files', 'list'])).out).toMatch(
    /^FILE .*\nfile_[0-9a-f]{12} {2}photo\.png {2}image\/png +33 bytes/,
  )
  expect((await run(['files', 'show', start])).out).toMatch(`id:    ${file}\nname:  photo.png\n`)
  expect(await run(['files', 'open', start, '-o', 'out.png'])).toMatchObject({ code: 0, err: 'Written to out.png\n' })
  expect(readFileSync(path('out.png'))).toEqual(PNG)
  expect(await run(['files', 'open', start, '-o', 'out.png'])).toMatchObject({
    code: 2,
    err: 'out.png exists already.\n  To replace it, add --force.\n',
  })
  const again = await run(['files', 'open', file, '-o', 'out.png', '--force', '--json'])
  expect(JSON.parse(again.out)).toEqual({
    file,
    type: 'image/png',
    name: 'photo.png',
    bytes: 33,
    path: path('out.png'),
  })
  expect(await run(['files', 'remove', start])).toMatchObject({ code: 0, err: `${file} is removed.\n` })
  expect(await run(['files', 'show', file])).toMatchObject({
    code: 2,
    err: expect.stringContaining('There is no file'),
  })
})

test('of several files, those that are refused are named, and the others are added', async () => {
  const { run, path, write } = openProject()
  write('antiphon.yaml', 'files: { max: 0.001 }')
  write('empty.txt', '')
  writeFileSync(path('big.bin'), Buffer.alloc(2000, 1))
  mkdirSync(path('album'))
  const { code, out, err } = await run([
    'files',
    'add',
    'photo.png',
    'phto.png',
    'album',
    'empty.txt',
    'big.bin',
    '--json',
  ])
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject([{ name: 'photo.png' }])
  expect(err).toMatch(/Not added: phto\.png: There is no file phto\.png\. Did you mean photo\.png\?/)
  expect(err).toMatch(/Not added: album: Expected a file, got the folder/)
  expect(err).toMatch(/Not added: empty\.txt: .* is empty\./)
  expect(err).toMatch(/Not added: big\.bin: .* is too large: .* antiphon ask --file PATH/)
  expect(await run(['files', 'add', 'album'])).toMatchObject({ code: 2 })
})

test('standard input is a file with the name that is given', async () => {
  const { run } = openProject()
  const input = (async function* () {
    yield PNG
  })()
  expect(await run(['files', 'add', '-', '--name', 'chart.png'], { input })).toMatchObject({
    code: 0,
    err: 'Added chart.png (image/png, 33 bytes).\n',
  })
})

test('the same content under another name is said to be stored already', async () => {
  const { run, path } = openProject()
  await run(['files', 'add', 'photo.png'])
  writeFileSync(path('copy.png'), PNG)
  expect(await run(['files', 'add', 'copy.png'])).toMatchObject({
    code: 0,
    err: 'Stored already as photo.png (image/png, 33 bytes).\n',
  })
})

test.each([
  [['files', 'show', '12'], 'Expected at least 8 digits of the id of a file, got 12.'],
  [['files', 'show', 'photo.png'], 'Expected at least 8 digits of the id of a file, got photo.png.'],
  [['files', 'show', '123456789'], 'There is no file file_123456789.'],
  [['files', 'open', '123456789'], 'Expected a path for the file.'],
  [['files', 'add', 'a', 'b', '--name', 'c'], 'Expected a single path beside --name, got several.'],
  [['files', 'add', '-'], 'Expected a file on standard input, got a keyboard.'],
  [['files', 'list', '--use', 'letters'], 'Expected thread/NAME or run/ID.'],
])('%j is refused with a hint', async (args, message) => {
  const { run } = openProject()
  await run(['files', 'add', 'photo.png'])
  const { code, err } = await run(args)
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})

const PIPELINE = `name: claim
inputs: { photo: {}, who: { type: string } }
steps: [{ id: note, tool: debug, parameters: { message: "{{ who }}" } }]
outputs: { photo: "{{ photo }}", who: "{{ who }}" }
`

test('an input @PATH is the reference to the file, and @@ begins a text', async () => {
  const { run, write } = openProject()
  write('claim.yaml', PIPELINE)
  const { out } = await run(['run', 'claim.yaml', '-i', 'photo=@photo.png', '-i', 'who=@@ann', '--json'])
  const { photo, who } = JSON.parse(out).outputs
  expect(who).toBe('@ann')
  expect(photo).toMatchObject({ file: expect.stringMatching(/^file_[0-9a-f]{64}$/), type: 'image/png', bytes: 33 })
  const planned = await run(['run', 'claim.yaml', '--dry-run', '-i', 'photo=@photo.png', '-i', 'who=@@ann'])
  expect(planned).toMatchObject({ code: 0, err: 'A run would store photo.png (image/png, 33 bytes).\n' })
  const missing = await run(['run', 'claim.yaml', '-i', 'photo=@none.png', '-i', 'who=ann'])
  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('There is no file none.png.') })
  expect(missing.err).toContain('For a text that begins with @, write @@none.png.')
})
