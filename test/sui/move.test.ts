import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { initMovePackageBuilder, MovePackageFetcher, testMovePackage } from '@zktx.io/sui-move-builder/full'
import { expect, test } from 'vitest'

const PACKAGE = resolve(import.meta.dirname, '../../packages/sui/move')
const SNAPSHOT = process.env.SUI_FRAMEWORK

const filesOf = (folder: string, outside = /^Move\.lock$/): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => !outside.test(path) && statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )

/** Gives the framework from a folder, and never asks the network. */
class Snapshot extends MovePackageFetcher {
  override async fetch(_: string, __: string, folder = ''): Promise<Record<string, string>> {
    const from = join(SNAPSHOT!, folder.includes('move-stdlib') ? 'move-stdlib' : 'sui-framework')
    return filesOf(from, /^(?:tests\/|Move\.lock$)/)
  }
  override fetchLocal = () => this.fetch('', '', 'move-stdlib')
  override fetchFile = async () => null
  override getResolvedSha = () => '0'.repeat(40)
}

// the framework is no part of this repository
test.skipIf(SNAPSHOT === undefined)('the Move package compiles, and its tests pass', async () => {
  await initMovePackageBuilder()
  const result = await testMovePackage({ files: filesOf(PACKAGE), fetcher: new Snapshot(), network: 'testnet' })
  expect(result).toMatchObject({ passed: true, output: expect.stringContaining('passed: 6; failed: 0') })
})

test('the package in TypeScript knows the codes and the function of the one in Move', () => {
  const move = readFileSync(join(PACKAGE, 'sources/choir.move'), 'utf8')
  const codes = [...move.matchAll(/const (E[A-Z_]+): u64 = (\d);/g)].map(([, name, code]) => [code, name])
  expect(codes).toEqual([
    ['0', 'EMINT_EXCEEDS_CAP'],
    ['1', 'EALREADY_PAID'],
    ['2', 'EBAD_AMOUNT'],
    ['3', 'EBAD_HASH'],
  ])
  const [, parameters] = /fun record_citation\(([^)]*)\)/.exec(move)!
  expect(
    parameters!
      .trim()
      .split(/\s*,\s*/)
      .map((one) => one.split(': ')[1]),
  ).toEqual([...['&mut TreasuryCapability', 'vector<u8>', 'vector<u8>', 'u64', 'address', '&mut TxContext', undefined]])
})
