import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditIndependently, disagreements } from '../examples/audit-independent.ts'
import { type Ended, type Environment, freshEnvironment, hasModulesAbove, run } from './command.ts'

const ROOT = resolve(import.meta.dirname, '../..')
// an install takes minutes where other suites use the same cores
const LONG = 300_000
const REBUILD = 'npm rebuild node --ignore-scripts=false'
const top = join(tmpdir(), `antiphon-clone-${process.pid}-${Date.now()}`)
const clone = join(top, 'clone')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const system = freshEnvironment(top)
const systemNode = nodeOf(system)
const isOld = Number(systemNode.split('.')[0]) < 22
// what came for the first install need not come again
const newer = { ...freshEnvironment(top, process.execPath), npm_config_prefer_offline: 'true' }

// the clone holds what is committed
beforeAll(async () => {
  if (hasModulesAbove(top)) throw new Error(`there is a node_modules above ${top}: npm and Node would look into it`)
  mkdirSync(top)
  expect(await run(['git', 'clone', '--quiet', ROOT, clone], { folder: top, environment: system })).toMatchObject({
    code: 0,
  })
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

const shellOf =
  (environment: Environment) =>
  (...command: readonly string[]) =>
    run(command, { folder: clone, environment })
const onSystem = shellOf(system)
const onNewer = shellOf(newer)

describe(`a fresh clone, with npm on the Node of the system, ${systemNode}`, () => {
  test('installs without a word of warning', { timeout: LONG }, async () => {
    expectQuiet(await onSystem('npm', 'ci'))
  })

  test('has the command', () => expectCommand(onSystem))

  // the launcher goes on with a Node that is new enough: the Node of this project starts the same
  test('does the main job with a kill halfway', { timeout: LONG }, async () => {
    const { code, out, err } = await onSystem('npm', 'start')
    expect([code, err]).toEqual([0, expect.stringContaining('SIGKILL')])
    const proof =
      /Killed halfway .*: resumed in \d+ ms · (\d+) steps reused · (\d+) of (\d+) in-flight steps repeated · 0 lost\n/
    const [reused, repeated, inFlight] = proof.exec(out)!.slice(1).map(Number) as [number, number, number]
    expect(reused).toBeGreaterThan(100)
    expect(repeated).toBeLessThanOrEqual(inFlight)
    expect(out).toMatch(/docs\/concepts\.md:\d+/)
    expect(contradictions()).toEqual([])
  })

  test('hands on what it is asked', () => expectHelp(onSystem))

  test('is as it was: the lock file is complete, and what comes of a start is ignored', () => expectClean(onSystem))
})

// an npm that runs no install scripts brings the package of the Node without the Node
describe(`a fresh clone, with npm on the Node of this project, ${nodeOf(newer)}, and no install scripts`, () => {
  test('installs without a word of warning', { timeout: LONG }, async () => {
    expectQuiet(await onNewer('npm', 'ci', '--ignore-scripts'))
  })

  test('says on an older Node what to do', async ({ skip }) => {
    skip(!isOld, `the system's own Node is ${systemNode}, which needs no help`)
    const { code, err } = await onSystem('npm', 'start')
    expect(code).toBe(2)
    const advice =
      /^antiphon needs Node 22\.18 or newer, and this is ([\d.]+)\. .* run "(npm [^"]*)" in (.*), which .*\n$/
    const [, version, command, folder] = advice.exec(err)!
    expect([version, command, resolve(folder!)]).toEqual([systemNode, REBUILD, resolve(clone)])
  })

  test('is helped by that, without a word of warning', { timeout: LONG }, async () => {
    expect(await onNewer(...REBUILD.split(' '))).toMatchObject({ code: 0, err: '' })
    await expectCommand(onSystem)
  })

  test('has the command', () => expectCommand(onNewer))

  test('hands on what it is asked', () => expectHelp(onNewer))

  test('is as it was', () => expectClean(onNewer))
})

type Shell = ReturnType<typeof shellOf>

function expectQuiet({ code, out, err }: Ended): void {
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^\s*added \d+ packages in [\dms ]+\n$/)
}

async function expectCommand(shell: Shell): Promise<void> {
  expect(await shell('npx', 'antiphon', '--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
}

async function expectHelp(shell: Shell): Promise<void> {
  expect(await shell('npm', 'start', '--', '--help')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Usage: npm start -- [--no-kill]'),
  })
}

async function expectClean(shell: Shell): Promise<void> {
  expect(await shell('git', 'status', '--porcelain')).toEqual({ code: 0, out: '', err: '' })
}

function nodeOf(environment: Environment): string {
  return execFileSync('node', ['-p', 'process.versions.node'], { env: environment, encoding: 'utf8' }).trim()
}

/** Where the audit and the independent script disagree on the packages that are installed. */
function contradictions(): readonly string[] {
  const testimony = auditIndependently(clone)
  expect(testimony.packages.length).toBeGreaterThan(50)
  expect(readFileSync(join(clone, 'audit.md'), 'utf8')).toContain('node_modules/')
  return disagreements(JSON.parse(readFileSync(join(clone, 'audit.json'), 'utf8')), testimony)
}
