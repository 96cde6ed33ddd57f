import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../create/bin.js')

/** An empty folder with what stands for the packed antiphon, and `create-antiphon` in it. */
function open() {
  const folder = mkdtempSync(join(tmpdir(), 'create-'))
  writeFileSync(join(folder, 'antiphon.tgz'), '')
  const environment: NodeJS.ProcessEnv = { ...process.env, npm_execpath: '' }
  const begin = (...args: string[]) => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env: environment, stdio: 'pipe' })
    const said = { out: '', err: '' }
    child.stdout.on('data', (text) => (said.out += text))
    child.stderr.on('data', (text) => (said.err += text))
    child.stdin.end()
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }))
    return { child, ended }
  }
  return {
    folder,
    begin,
    path: (name: string) => join(folder, name),
    create: (...args: string[]) => begin(...args, '--antiphon', 'antiphon.tgz').ended,
    /** Puts a program in the place of npm. */
    npm(script: string) {
      mkdirSync(join(folder, 'bin'))
      writeFileSync(join(folder, 'bin/npm'), `#!/bin/sh\n${script}\n`)
      chmodSync(join(folder, 'bin/npm'), 0o755)
      environment.PATH = `${join(folder, 'bin')}:${process.env.PATH}`
      return ['antiphon.tgz', 'bin']
    },
  }
}

test('makes a project, and says its secret once and what comes next', async () => {
  const { create, path } = open()
  const { code, out, err } = await create('shop', '--template', 'support', '--no-install')
  expect([code, err]).toEqual([0, ''])
  const secret = readFileSync(path('shop/.env'), 'utf8').trim()
  expect(statSync(path('shop/.env')).mode & 0o777).toBe(0o600)
  expect(out).toMatch(/^Created shop with \d+ files: a support agent/)
  expect(out.split(secret)).toHaveLength(2)
  expect(out).toContain('Next:\n  cd shop\n  npm install\n  npm test\n  npm start\n')
  expect(JSON.parse(readFileSync(path('shop/package.json'), 'utf8')).dependencies.antiphon).toBe('file:../antiphon.tgz')
})

test('with --yes it asks nothing, and --json prints what a program reads', async () => {
  const { create, folder } = open()
  const { code, out } = await create('--yes', '--no-install', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ folder: join(folder, 'my-project'), template: 'support', installed: false })
  expect(out).not.toContain('DESK_SECRET')
})

test('takes a folder that is empty, also below one that is not there', async () => {
  const { create, path } = open()
  mkdirSync(path('empty'))
  expect(await create('empty', '--template', 'pipeline', '--no-install')).toMatchObject({ code: 0 })
  expect(await create('a/b', '--template', 'pipeline', '--no-install')).toMatchObject({ code: 0 })
  expect(existsSync(path('a/b/digest.yaml'))).toBe(true)
})

test.each([
  [['shop', '--template', 'desk'], /no template "desk"\.\n {2}Choose one of: support, workflow, pipeline, questions\./],
  [['Shop', '--template', 'support'], /"Shop" cannot be the name of a package\. A name has small letters/],
  [['full', '--template', 'support'], /The folder full is not empty\.\n.*npx antiphon init/],
  [['antiphon.tgz', '--template', 'support'], /antiphon.tgz is a file\./],
  [['a', 'b', '--yes'], /Expected one folder, got 2\./],
  [['shop', '--colour'], /Unknown option '--colour'.*\n {2}create-antiphon --help/],
  [['shop'], /Expected a folder and a template\./],
])('%j is refused in words, and nothing is written', async (args, says) => {
  const { create, path, folder } = open()
  mkdirSync(path('full'))
  writeFileSync(path('full/notes'), 'mine')
  const { code, err } = await create(...args, '--no-install')
  expect(err).toMatch(says)
  expect(code).toBe(2)
  expect(readdirSync(folder).sort()).toEqual(['antiphon.tgz', 'full'])
  expect(readdirSync(path('full'))).toEqual(['notes'])
})

test('without the packed file it runs no stranger of the name', async () => {
  const { begin, folder } = open()
  const { code, err } = await begin('shop', '--yes').ended
  expect([code, err]).toEqual([2, expect.stringMatching(/not on npm yet.*\n {2}Pack it/)])
  expect((await begin('shop', '--yes', '--antiphon', 'other.tgz').ended).err).toMatch(/There is no file other\.tgz\./)
  expect(readdirSync(folder)).toEqual(['antiphon.tgz'])
})

test('an npm that fails is said in its words, and leaves nothing', async () => {
  const { create, npm, folder } = open()
  const rest = npm('echo "npm error code E404" >&2; exit 1')
  const { code, err } = await create('shop', '--template', 'workflow')
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/npm install failed:\nnpm error code E404\n {2}Nothing was written/),
  ])
  expect(readdirSync(folder).sort()).toEqual(rest)
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s while npm works leaves nothing', async (signal) => {
  const { begin, npm, folder } = open()
  const rest = npm('echo began > ../began; exec sleep 60')
  const { child, ended } = begin('shop', '--template', 'workflow', '--antiphon', 'antiphon.tgz')
  await expect.poll(() => existsSync(join(folder, 'began')), { timeout: 20_000 }).toBe(true)
  child.kill(signal)
  expect(await ended).toMatchObject({ code: 130, err: expect.stringMatching(/Interrupted\. Nothing was written\.\n$/) })
  expect(readdirSync(folder).sort()).toEqual(['antiphon.tgz', 'began', ...rest.slice(1)])
})
