import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { evenSizes, lowestTotal, sizeFaults } from './sizes.ts'

it('sees a part and a whole that are too large, and numbers that promise too much', () => {
  const files = ['src/tally/a.ts', 'src/tally/b.ts', 'packages/media/src/index.ts', 'ui/app.tsx'].map((path) => ({
    path,
    lines: 60,
  }))
  const fits = { total: 240, 'packages/media': 65, tally: 125, ui: 60 }
  expect(sizeFaults(files, fits)).toEqual([])
  expect(evenSizes(files, 240)).toEqual({ total: 240, 'packages/media': 65, tally: 125, ui: 65 })
  expect(sizeFaults(files, { ...fits, tally: 119 })).toEqual([
    expect.stringMatching(/^tally has 120 lines, and its number in build\/sizes.json is 119\. Make it smaller, or/),
  ])
  const { 'packages/media': _, ...missing } = { ...fits, gone: 5 }
  expect(sizeFaults(files, missing)).toEqual([
    'packages/media has no number in build/sizes.json. Give it 65: its lines and 5 %.',
    'gone has a number in build/sizes.json, and no file. Delete the number.',
  ])
  expect(sizeFaults(files, { ...fits, total: 239 })).toEqual([
    expect.stringMatching(/have 240 lines, and `total` .* is 239, which never rises\. Take out 1 lines/),
  ])
  expect(sizeFaults(files, { ...fits, ui: 63 })).toEqual([
    expect.stringMatching(/are 253 together, and `total` with 5 % is 252\. Lower those .* by 1,/),
  ])
})

it('sees a total that has been lower in the history of a repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-sizes-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a', ...args], { cwd: folder, stdio: 'ignore' })
  expect(lowestTotal(folder)).toBeUndefined()
  git('init')
  mkdirSync(join(folder, 'build'))
  for (const total of [300, 200, 250]) {
    writeFileSync(join(folder, 'build/sizes.json'), JSON.stringify({ total, tally: 10 }, null, 2))
    git('add', '.')
    git('commit', '-m', `${total} lines`)
  }
  expect(lowestTotal(folder)).toBe(200)
  expect(lowestTotal(join(folder, 'build'))).toBeUndefined()
  execFileSync('git', ['clone', '--depth', '1', `file://${folder}`, 'shallow'], { cwd: folder, stdio: 'ignore' })
  expect(lowestTotal(join(folder, 'shallow'))).toBeUndefined()
})
