import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { it, onTestFinished } from 'vitest'
import { readRecipe } from './recipe.ts'

const ROOT = join(import.meta.dirname, '../..')

it('the room of the recipe compiles, and its types reach the runtime and the client', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-room-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const part of ['src', 'bin', 'package.json']) await cp(join(ROOT, part), join(folder, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const { added, changed } = readRecipe('Add a room')
  for (const [path, text] of [...added, ...changed]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await cp(join(ROOT, 'tsconfig.json'), join(folder, 'base.json'))
  const settings = { extends: './base.json', include: ['src', 'use.ts'], compilerOptions: { noEmit: true } }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  await writeFile(join(folder, 'use.ts'), USE)
  await promisify(execFile)('npx', ['tsc', '-p', 'tsconfig.json'], { cwd: folder })
}, 300_000)

const USE = `
import type { Client } from './src/client.ts'
import type { Config, Runtime } from './src/index.ts'

export async function use(runtime: Runtime, client: Client, { tallyLimit }: Config): Promise<number | undefined> {
  const { total } = await runtime.tallies.add('cups', 1, 'ann')
  // @ts-expect-error the owner is that of the caller
  await client.tallies.add('cups', total, 'ann')
  return tallyLimit
}
`
