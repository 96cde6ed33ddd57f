import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, type Source } from './source.ts'

/** Functions with more lines than `limit`, as Biome counts them: without comments and blank lines. As `file:line has N lines`. */
export function longFunctions(sources: readonly Source[], limit: number): string[] {
  // Biome never counts more lines than a function has, and reading all of src/ takes it seconds
  const paths = sources.filter(({ longestFunction }) => longestFunction > limit).map(({ path }) => path)
  if (paths.length === 0) return []
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-functions-'))
  try {
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(configOf(limit)))
    const biome = join(ROOT, 'node_modules/.bin/biome')
    const options = [`--config-path=${folder}`, '--max-diagnostics=none', '--reporter=github']
    const { stdout } = spawnSync(biome, ['lint', ...options, ...paths], { cwd: ROOT, encoding: 'utf8' })
    return [...stdout.matchAll(FOUND)].map(([, path, line, lines]) => `${path}:${line} has ${lines} lines`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const FOUND = /noExcessiveLinesPerFunction,file=(?:[^,]*\/)?((?:packages\/[^,/]+\/)?src\/[^,]*),line=(\d+),.*\((\d+)\)/g

const configOf = (maxLines: number) => ({
  linter: {
    rules: {
      recommended: false,
      complexity: { noExcessiveLinesPerFunction: { level: 'error', options: { maxLines } } },
    },
  },
})
