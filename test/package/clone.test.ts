import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditIndependently, disagreements } from '../examples/audit-independent.ts'
import { type Environment, freshEnvironment, hasModulesAbove, run } from './command.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const LONG = 120_000
const top = join(tmpdir(), `antiphon-clone-${process.pid}-${Date.now()}`)
const clone = join(top, 'clone')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const system = freshEnvironment(top)
const systemNode = nodeOf(system)
const isOld = Number(systemNode.split('.')[0]) < 22
const newer = freshEnvironment(top, process.execPath)

// the clone holds what is committed
beforeAll(async () => {
  if (hasModulesAbove(top)) throw new Error(`there is a node_modules above ${top}: npm and Node would look into it`)
  mkdirSync(top)
  expect(await run(['git', 'clone', '--quiet', ROOT, clone], { folder: top, environment: system })).toMatchObject({
    code: 0,
  })
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

describe.each([
  ['the system', systemNode, system],
  ['this project', nodeOf(newer), newer],
])('a fresh clone, with npm on the Node of %s, %s', (_, __, environment) => {
  const shell = (...command: readonly string[]) => run(command, { folder: clone, environment })

  test('installs without a word of warning', { timeout: LONG }, async () => {
    const { code, out, err } = await shell('npm', 'ci')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^\s*added \d+ packages in [\dms ]+\n$/)
  })

  test('has the command', async () => {
    expect(await shell('npx', 'antiphon', '--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  // on the second Node once more, over what the first time left
  test('does the main job with a kill half way', { timeout: LONG }, async () => {
    forgetAudit()
    const { code, out, err } = await shell('npm', 'start')
    expect(code, err).toBe(0)
    const proof =
      /Killed half way .*: resume \d+ ms · (\d+) steps reused · (\d+) repeated of (\d+) in flight · 0 lost\n/
    const [reused, repeated, inFlight] = proof.exec(out)!.slice(1).map(Number) as [number, number, number]
    expect(reused).toBeGreaterThan(100)
    expect(repeated).toBeLessThanOrEqual(inFlight)
    expect(contradictions()).toEqual([])
  })

  test('hands on what it is asked', async () => {
    expect(await shell('npm', 'start', '--', '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: npm start -- [--no-kill]'),
    })
  })

  test('is as it was: the lock file is complete, and what comes of a start is ignored', async () => {
    expect(await shell('git', 'status', '--porcelain')).toEqual({ code: 0, out: '', err: '' })
  })
})

describe('a fresh clone whose install scripts were not run', () => {
  const shell = (...command: readonly string[]) => run(command, { folder: clone, environment: system })

  test('says what to do, and that helps', { timeout: LONG }, async ({ skip }) => {
    skip(!isOld, `the system's own Node is ${systemNode}, which needs no help`)
    // the one package whose script matters is installed anew: all of them would take a minute
    rmSync(join(clone, 'node_modules/node'), { recursive: true })
    expect(await shell('npm', 'install', '--ignore-scripts')).toMatchObject({ code: 0 })
    const { code, err } = await shell('npm', 'start')
    expect(code).toBe(2)
    const advice =
      /^antiphon needs Node 22\.18 or newer, and this is ([\d.]+)\. .* run "(npm [^"]*)" in (.*), which .*\n$/
    const [, version, command, folder] = advice.exec(err)!
    expect([version, resolve(folder!)]).toEqual([systemNode, resolve(clone)])
    expect(await shell(...command!.split(' '))).toMatchObject({ code: 0 })
    expect(await shell('npx', 'antiphon', '--version')).toMatchObject({ code: 0 })
  })
})

function nodeOf(environment: Environment): string {
  return execFileSync('node', ['-p', 'process.versions.node'], { env: environment, encoding: 'utf8' }).trim()
}

function forgetAudit(): void {
  for (const name of ['audit.md', 'audit.json']) rmSync(join(clone, name), { force: true })
}

/** Where the audit and the independent script disagree on the packages that are installed. */
function contradictions(): readonly string[] {
  const testimony = auditIndependently(clone)
  expect(testimony.packages.length).toBeGreaterThan(50)
  expect(readFileSync(join(clone, 'audit.md'), 'utf8')).toContain('node_modules/')
  return disagreements(JSON.parse(readFileSync(join(clone, 'audit.json'), 'utf8')), testimony)
}
