import { readdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

// The compiler writes dist/src/ and dist/trials/. What it made of src/ belongs at the top of dist/, and trials/ looks for it there.

const DIST = resolve(import.meta.dirname, '../dist')

for (const name of readdirSync(join(DIST, 'src'))) renameSync(join(DIST, 'src', name), join(DIST, name))
rmdirSync(join(DIST, 'src'))

const trials = join(DIST, 'trials')
for (const name of readdirSync(trials, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(js|d\.ts)$/.test(name)) continue
  const text = readFileSync(join(trials, name), 'utf8')
  writeFileSync(join(trials, name), text.replace(/(['"](?:\.\.\/)+)src\//g, '$1'))
}
