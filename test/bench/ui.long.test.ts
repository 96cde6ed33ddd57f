import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { chromiumPath } from '../ui/browser.ts'

const MAIN = join(import.meta.dirname, '../../bench/main.ts')

it.skipIf(chromiumPath === undefined)(
  'the short bench of the dashboard has a figure for each of its bounds',
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'ui', '--quick', '--json'])
    const figures = JSON.parse(stdout) as readonly { readonly value: number; readonly floor: number }[]
    expect(figures.map(({ floor }) => floor)).toEqual([500, 2000, 200, 50, 150, 150])
    expect(figures.every(({ value }) => Number.isFinite(value) && value >= 0)).toBe(true)
  },
)
