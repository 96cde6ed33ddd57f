import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileFile } from '../../../../src/pipeline/language/compile-file.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { tool } from '../../workshop.ts'

const toolbox = createToolbox([tool('say', () => null, 'pure')])
const FILES: { readonly [path: string]: string } = {
  'project/prompts/hello.md': 'Hello {{ who }}\n',
  'project/pipelines/near.md': 'near',
  'project/near.md': 'far',
  'project/far.md': 'far',
  'project/pipelines/includes/other.md': 'other',
  'project/prompts/outer.md': 'a << inner.md >> b',
  'project/prompts/inner.md': 'inner',
  'project/prompts/wrong.md': 'fine\nand {{ nosuch }}',
  'project/prompts/lost.md': 'one\n  {{ file:nowhere.md }}',
  'project/loop/a.md': '{{ file:b.md }}',
  'project/loop/b.md': 'x {{ file:a.md }}',
  'project/bomb/0.md': '<< 1.md >>'.repeat(200),
  'project/bomb/1.md': '<< 2.md >>'.repeat(200),
  'project/bomb/2.md': '',
  'project/large.md': 'x'.repeat(6 * 1024 * 1024),
  'project/huge.md': 'x'.repeat(11 * 1024 * 1024),
  'secret.md': 'secret',
}
for (let n = 0; n < 12; n += 1) Object.assign(FILES, { [`project/deep/${n}.md`]: `{{ file:${n + 1}.md }}` })

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-include-'))
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await symlink(join(folder, 'secret.md'), join(folder, 'project/link.md'))
  await writeFile(join(folder, 'project/bytes.md'), Buffer.from([0xff, 0xfe, 0x00]))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function compile(text: string, more = '') {
  const pipeline = `name: x\ninputs: { who: Ann }\nsteps:\n  - id: a\n    tool: say\n    parameters:\n      text: ${text}\n${more}`
  const path = join(folder, 'project/pipelines/p.yaml')
  await writeFile(path, pipeline)
  return compileFile(path, { toolbox, shown: 'p.yaml', project: join(folder, 'project') })
}

describe('a file is included', () => {
  test.each([
    ['with its templates', '"{{ file:prompts/hello.md }}"', 'Hello {{ who }}\n'],
    ['in the older spelling', '"<< prompts/hello.md >>"', 'Hello {{ who }}\n'],
    ['in a text', '"A: {{ file:far.md }}!"', 'A: far!'],
    ['from beside the pipeline first', '"{{ file:near.md }}"', 'near'],
    ['by a way up', '"{{ file:../far.md }}"', 'far'],
    ['with those it includes', '"{{ file:prompts/outer.md }}"', 'a inner b'],
    ['from the folders for such files, last', '"<< hello.md >>{{ file:other.md }}"', 'Hello {{ who }}\nother'],
    ['twice', '"{{ file:far.md }}{{ file:far.md }}"', 'farfar'],
    [
      'never where it is a command of the shell',
      '"cat << EOF >> out; echo $((1 << 2 >> 1))"',
      'cat << EOF >> out; echo $((1 << 2 >> 1))',
    ],
  ])('%s', async (_name, text, expected) => {
    const { pipeline, findings } = await compile(text)
    expect(findings).toEqual([])
    expect(pipeline!.steps.a!.work).toMatchObject({ parameters: { text: expected } })
  })

  test('deep in parameters and in the bodies of loops, never in prose', async () => {
    const more = `      list: [{ x: "{{ file:far.md }}" }]
    description: "{{ file:nowhere.md }}"
    metadata: { parameters: "{{ file:nowhere.md }}" }
  - id: l
    for_each: [1]
    steps: [{ id: b, tool: say, parameters: { t: "{{ file:far.md }}" } }]
`
    const { pipeline, findings } = await compile('x', more)
    expect(findings).toEqual([])
    expect(pipeline!.steps.a!.work).toMatchObject({ parameters: { list: [{ x: 'far' }] } })
    expect(JSON.stringify(pipeline!.steps)).toContain('{"t":"far"}')
  })

  test('so that the pipeline, and its hash, are others when the file is', async () => {
    const before = JSON.stringify((await compile('"{{ file:near.md }}"')).pipeline)
    await writeFile(join(folder, 'project/pipelines/near.md'), 'changed')
    expect(JSON.stringify((await compile('"{{ file:near.md }}"')).pipeline)).not.toBe(before)
    await writeFile(join(folder, 'project/pipelines/near.md'), 'near')
  })

  test('but a pipeline in a text includes for itself', async () => {
    const { findings } = await compile('x', '      pipeline: |\n        name: y\n        d: "{{ file:nowhere.md }}"\n')
    expect(findings.map(({ code }) => code)).not.toContain('include_missing')
  })
})

describe('files that cannot be included', () => {
  test.each<[code: string, text: string, place: object, says: RegExp]>([
    ['include_missing', '"{{ file:nowhere.md }}"', { file: 'p.yaml', line: 7, column: 14 }, /searched .*project/],
    ['include_missing', '"{{ file:prompts }}"', { line: 7 }, /the included file prompts does not exist/],
    ['include_missing', '"{{ file:bytes.md }}"', { line: 7 }, /UTF-8/],
    ['include_missing', '"{{ file:prompts/lost.md }}"', { file: /lost\.md$/, line: 2, column: 3 }, /nowhere/],
    ['include_cycle', '"{{ file:loop/a.md }}"', { file: /b\.md$/, line: 1, column: 3 }, /a\.md → .*b\.md → .*a\.md/],
    ['include_escape', '"{{ file:../../secret.md }}"', { line: 7 }, /outside/],
    ['include_escape', '"{{ file:/etc/passwd }}"', { line: 7 }, /outside/],
    ['include_escape', '"{{ file:link.md }}"', { line: 7 }, /outside/],
    ['include_depth', '"{{ file:deep/0.md }}"', { file: /9\.md$/ }, /10 deep/],
    ['include_too_large', '"{{ file:huge.md }}"', { line: 7 }, /10 MB/],
    ['include_too_large', '"{{ file:large.md }}{{ file:large.md }}"', { line: 7 }, /10 MB/],
    ['include_too_large', '"{{ file:bomb/0.md }}"', { file: /md$/ }, /10 000 places/],
    ['undefined_variable', '"{{ file:prompts/wrong.md }}"', { file: /wrong\.md$/, line: 2, column: 8 }, /nosuch/],
    ['undefined_variable', '"{{ file:far.md }} {{ nosuch }}"', { file: 'p.yaml', line: 7, column: 35 }, /nosuch/],
  ])('%s: %s', async (code, text, place, says) => {
    const { pipeline, findings } = await compile(text)
    expect(pipeline).toBeUndefined()
    const [finding] = findings
    expect(finding).toMatchObject({
      code,
      ...place,
      file: place && 'file' in place && place.file instanceof RegExp ? expect.stringMatching(place.file) : 'p.yaml',
    })
    expect(`${finding!.message} ${finding!.hint}`).toMatch(says)
  })

  test.each([
    ['nowhere.yaml', 'the file does not exist'],
    ['.', 'it is a folder'],
  ])('a file that cannot be read is a finding: %s', async (path, says) => {
    const { findings } = await compileFile(join(folder, path), { toolbox, project: folder })
    expect(findings).toMatchObject([{ code: 'file_unreadable', message: expect.stringContaining(says) }])
  })
})
