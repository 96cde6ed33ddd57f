import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { version } from '../../src/lib/package/manifest.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const FILES = [
  ...['package.json', 'AGENTS.md', '.gitignore', 'tsconfig.json', 'README.md'],
  ...['antiphon.yaml', 'digest.yaml', 'tools/count-words.mts'],
]

function open() {
  const bench = openBench(REAL)
  // a process of its own finds the packages that the tool imports
  return { ...bench, bin: (...args: string[]) => bench.start(args).ended }
}
const PACKED = `antiphon-${version()}.tgz`
const packing = (folder: string) =>
  `antiphon is not on npm yet. In a clone of its repository, pack it into the new project:\n  npm ci && npm pack --pack-destination ${folder}\n`
const TEXTS = 'texts=["The tide rises. The moon pulls the water."]'

describe('init', () => {
  test('writes a project that is valid and runs without a key', async () => {
    const { run, bin, folder, path } = open()
    const { code, out, err } = await run('init')
    expect({ code, out }).toEqual({ code: 0, out: `Created 8 files:\n${FILES.map((file) => `  ${file}\n`).join('')}` })
    expect(err).toBe(`${packing(folder)}Next:\n  npm install ./${PACKED}\n  npx antiphon run digest.yaml\n`)
    expect(readdirSync(folder)).not.toContain('.antiphon')
    expect(await bin('validate', 'digest.yaml', '--strict')).toMatchObject({ code: 0 })
    const ran = await bin('run', 'digest.yaml', '-i', TEXTS)
    expect(ran).toMatchObject({ code: 0, out: 'file: digest.md\ntexts: 1\n' })
    expect(readFileSync(path('digest.md'), 'utf8')).toMatch(/^- The tide rises\.\n[\s\S]*^1\. 8 words$/m)
    expect(await bin('tools', 'call', 'count-words', 'text=ebb and flow')).toMatchObject({ out: 'words: 3\n' })
  })

  test('writes a project whose run survives kill -9', async () => {
    const { run, bin, start, path } = open()
    await run('init')
    const running = start(['run', 'digest.yaml', '-i', 'texts=["ebb", "ebb and flow", "tide"]', '--events'])
    await running.said('"step":"each_0_count","status":"completed"')
    running.child.kill('SIGKILL')
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' })
    const { code, out } = await bin('resume', 'last', '--events')
    expect(code).toBe(0)
    const events = out
      .trim()
      .split('\n')
      .map((line): { type: string; step?: string } => JSON.parse(line))
    const ended = events.filter(({ type }) => type === 'step-end').map(({ step }) => step)
    expect(ended.toSorted()).toEqual(['each', 'each_0_count', 'each_1_count', 'each_2_count', 'summary', 'write'])
    expect(events.at(-1)).toMatchObject({ type: 'run-end', outputs: { inline: { file: 'digest.md', texts: 3 } } })
    expect(readFileSync(path('digest.md'), 'utf8')).toMatch(/^1\. 1 words\n2\. 3 words\n3\. 1 words$/m)
  })

  test('writes a package with the name of the folder, without antiphon', async () => {
    const { run, path } = open()
    expect((await run('init', 'Sea Notes')).err).toBe(
      `${packing(`'${path('Sea Notes')}'`)}Next:\n  cd 'Sea Notes'\n  npm install ./${PACKED}\n  npx antiphon run digest.yaml\n`,
    )
    const written = JSON.parse(readFileSync(path('Sea Notes/package.json'), 'utf8'))
    expect(written).toMatchObject({ name: 'sea-notes', private: true, type: 'module' })
    // npm is not asked for it by name: it is not there
    expect(Object.keys(written.dependencies)).toEqual(['zod'])
    expect(written.scripts).toMatchObject({ start: 'antiphon run digest.yaml', check: 'tsc' })
  })

  test('names the packed file that lies here or in the new folder', async () => {
    const { run, write, path } = open()
    write(PACKED, '')
    expect((await run('init', 'tides')).err).toBe(
      `Next:\n  cd tides\n  npm install ../${PACKED}\n  npx antiphon run digest.yaml\n`,
    )
    mkdirSync(path('ebb'))
    write(`ebb/${PACKED}`, '')
    expect((await run('init', 'ebb')).err).toContain(`\n  npm install ./${PACKED}\n`)
  })

  test('keeps the files that exist and says what they miss', async () => {
    const { run, write, path, folder } = open()
    write('antiphon.yaml', 'model: ollama/llama3.2')
    write('.gitignore', '.antiphon/\n.env')
    const { code, err } = await run('init')
    expect(code).toBe(0)
    expect(err).toContain(
      'antiphon.yaml already exists and was kept.\n  Add this to it: plugins: [tools/count-words.mts]\n',
    )
    expect(err).toMatch(/^\.gitignore already exists and was kept\.\n/)
    expect(readFileSync(path('antiphon.yaml'), 'utf8')).toBe('model: ollama/llama3.2')
    const again = await run('init', '.', '--json')
    expect(JSON.parse(again.out)).toEqual({ folder, template: 'pipeline', written: [], kept: FILES })
  })

  test.each([
    ['plugins: [a.mts]', '\n  Add this entry to the list `plugins` in it: tools/count-words.mts\n'],
    ['plugins:', '\n  Add this entry to the list `plugins` in it: tools/count-words.mts\n'],
    ['plugins:\n  - a.mts\n  - ./tools/count-words.mts', '\nantiphon is not on npm'],
    ['# plugins: [tools/count-words.mts]', '\n  Add this to it: plugins: [tools/count-words.mts]\n'],
  ])('to settings with %j it asks to add no more than is missing', async (settings, says) => {
    const { run, write } = open()
    write('antiphon.yaml', settings)
    write('.gitignore', '.antiphon/\n.env')
    expect((await run('init')).err).toContain(`antiphon.yaml already exists and was kept.${says}`)
  })

  test('adds another template to a package that is there, and says what this package lacks', async () => {
    const { run, write, path } = open()
    write('package.json', '{ "scripts": { "test": "mine" } }')
    write('.env', 'OPENAI_API_KEY=x')
    const { code, out, err } = await run('init', '--template', 'support')
    expect(code).toBe(0)
    expect(out).toContain('  support.mts\n')
    expect(err).toMatch(/To have its scripts: npm pkg set 'scripts.start=node app.mts' 'scripts.dev=/)
    expect(err).not.toContain('scripts.test')
    expect(err).toMatch(/\.env already exists and was kept\.\n {2}Add this to it: DESK_SECRET=[\w-]{24}\n/)
    expect(readFileSync(path('.env'), 'utf8')).toBe('OPENAI_API_KEY=x')
  })

  test('refuses a path that is a file', async () => {
    const { run, write } = open()
    write('notes', 'mine')
    expect(await run('init', 'notes')).toEqual({
      code: 2,
      out: '',
      err: 'Expected a folder, got the file notes.\n  Give the path of a folder.\n',
    })
  })

  test('writes into a folder that exists', async () => {
    const { run, path } = open()
    mkdirSync(path('here'))
    expect((await run('init', 'here')).out).toBe(
      `Created 8 files:\n${FILES.map((file) => `  here/${file}\n`).join('')}`,
    )
  })
})
