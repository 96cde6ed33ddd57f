import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

// Leaves in dist/ only those declarations that a compiler reads when it meets the package's exports: each takes a block on disk.

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

type Manifest = { readonly exports: { readonly [name: string]: string | { readonly types: string } } }

const read = new Set(filesReadFor(entries()))
for (const path of declarations()) if (!read.has(path)) rmSync(path)

function entries(): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
  return Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [] : join(ROOT, entry.types)))
}

function filesReadFor(files: readonly string[]): readonly string[] {
  const options = ['--ignoreConfig', '--listFilesOnly', '--module', 'nodenext', '--types', 'node']
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const listed = execFileSync(process.execPath, [tsc, ...options, ...files], { cwd: ROOT, encoding: 'utf8' })
  return listed.trim().split('\n')
}

function declarations(): readonly string[] {
  const names = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.d.ts')).map((name) => join(DIST, name))
}
